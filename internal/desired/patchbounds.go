package desired

import (
	"fmt"
	"strings"

	"github.com/fluxcd/pkg/apis/kustomize"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"sigs.k8s.io/kustomize/api/resmap"
	kustomizetypes "sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/fluxmonitoring/operator/internal/bounds"
)

// patchesField is the field of the spec that lists the patches.
const patchesField = "spec.patches"

const (
	// maxPatchesBytes is the largest size of all patches together.
	maxPatchesBytes = 512 << 10
	// maxPatchWork is the largest work of all patches together, in steps; the slowest steps take some 20 ns. A limit of time would accept a
	// spec on one day and refuse it on another.
	maxPatchWork = 50_000_000
)

// Kustomize applies JSON patches with this library. Its limit of what the operation copy adds to an object is a variable, and by default
// there is none. Nothing else in the operator applies JSON patches.
func init() { jsonpatch.AccumulatedCopySizeLimit = bounds.Code }

// checkPatches refuses a patch that Kustomize must not get, because Kustomize has no bounds of its own. It returns the shapes of the
// patches.
func checkPatches(patches []kustomize.Patch) ([]bounds.Shape, error) {
	if len(patches) > bounds.Items {
		return nil, &ConfigurationError{Field: patchesField, Err: fmt.Errorf("%d patches, more than the %d allowed", len(patches), bounds.Items)}
	}
	total := 0
	for _, p := range patches {
		total += len(p.Patch)
	}
	if total > maxPatchesBytes {
		return nil, &ConfigurationError{Field: patchesField, Err: fmt.Errorf("all patches together have %d bytes, more than the %d allowed",
			total, maxPatchesBytes)}
	}
	shapes := make([]bounds.Shape, len(patches))
	for i, p := range patches {
		var err error
		if shapes[i], err = checkPatch(p); err != nil {
			return nil, &ConfigurationError{Field: fmt.Sprintf("%s[%d]", patchesField, i), Err: err}
		}
	}
	return shapes, nil
}

func checkPatch(p kustomize.Patch) (bounds.Shape, error) {
	if len(p.Patch) > bounds.Code {
		return bounds.Shape{}, fmt.Errorf("the patch has %d bytes, more than the %d allowed", len(p.Patch), bounds.Code)
	}
	if t := p.Target; t != nil {
		for _, pattern := range []string{t.Group, t.Version, t.Kind, t.Namespace, t.Name, t.LabelSelector, t.AnnotationSelector} {
			if _, err := bounds.Regexp(pattern); err != nil {
				return bounds.Shape{}, fmt.Errorf("target: %w", err)
			}
		}
	}
	return bounds.YAML([]byte(strings.TrimSpace(p.Patch))) // as Kustomize reads it
}

// workOf is the work of applying a patch. Kustomize compares each key of a patch with those of the object, and each operation of a JSON
// patch may move all items of a list; for a JSON patch it also encodes and decodes the whole object.
func workOf(resources resmap.ResMap, target *kustomizetypes.Selector, patch bounds.Shape) (int, error) {
	matched := resources.Resources()
	if target != nil {
		var err error
		if matched, err = resources.Select(*target); err != nil {
			return 0, err
		}
	}
	work := 0
	for _, r := range matched {
		nodes, size := sizeOf(r.YNode())
		work += patch.Nodes * nodes
		if patch.List {
			work += 10 * size
		}
	}
	return work, nil
}

// checkSizes refuses an object that a patch has made larger than the API server stores. It stops patches that double an object each before
// they fill the memory.
func checkSizes(resources resmap.ResMap) error {
	for _, r := range resources.Resources() {
		if _, size := sizeOf(r.YNode()); size > maxStoredBytes {
			return fmt.Errorf("a patch makes %s %s larger than the %d bytes that can be stored", r.GetKind(), r.GetName(), maxStoredBytes)
		}
	}
	return nil
}

// sizeOf counts the nodes within a node, and about how many bytes they have as JSON.
func sizeOf(n *yaml.Node) (nodes, size int) {
	nodes, size = 1, len(n.Value)+2
	for _, within := range n.Content {
		n, s := sizeOf(within)
		nodes, size = nodes+n, size+s
	}
	return nodes, size
}
