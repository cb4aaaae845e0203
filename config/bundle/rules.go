package bundle

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Bundle is a bundle as OLM reads it.
type Bundle struct {
	CSV         *ClusterServiceVersion
	Objects     []*unstructured.Unstructured // beside it, in manifests/
	Annotations map[string]string
	Scorecard   Scorecard
	Catalog     *Catalog
	Files       Files
}

// Scorecard is what the scorecard runs.
type Scorecard struct {
	Stages []struct {
		Tests []struct {
			Entrypoint []string          `json:"entrypoint"`
			Image      string            `json:"image"`
			Labels     map[string]string `json:"labels"`
		} `json:"tests"`
	} `json:"stages"`
}

// Load reads the files of a bundle and the catalog that it is for.
func Load(files Files, template []byte) (*Bundle, error) {
	b := &Bundle{Files: files}
	for _, name := range sortedKeys(files) {
		if err := b.load(name, files[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if b.CSV == nil {
		return nil, fmt.Errorf("a bundle without a ClusterServiceVersion")
	}
	var err error
	b.Catalog, err = ReadCatalog(template)
	return b, err
}

func (b *Bundle) load(name string, content []byte) error {
	switch {
	case strings.HasSuffix(name, ".clusterserviceversion.yaml"):
		b.CSV = &ClusterServiceVersion{}
		return yaml.UnmarshalStrict(content, b.CSV)
	case path.Dir(name) == "bundle/manifests":
		o := &unstructured.Unstructured{}
		b.Objects = append(b.Objects, o)
		return yaml.Unmarshal(content, &o.Object)
	case name == "bundle/metadata/annotations.yaml":
		var file struct {
			Annotations map[string]string `json:"annotations"`
		}
		err := yaml.UnmarshalStrict(content, &file)
		b.Annotations = file.Annotations
		return err
	case name == "bundle/tests/scorecard/config.yaml":
		return yaml.Unmarshal(content, &b.Scorecard)
	}
	return nil
}

// Complaints are all rules that the bundle breaks, each with what is wrong, in the order of the rules.
func (b *Bundle) Complaints() []string {
	var all []string
	for _, rule := range []func(*Bundle) []string{
		(*Bundle).texts, (*Bundle).words, (*Bundle).versions, (*Bundle).addresses, (*Bundle).claims, (*Bundle).icons, (*Bundle).modes,
		(*Bundle).definitions, (*Bundle).examples, (*Bundle).deployments, (*Bundle).accesses, (*Bundle).images, (*Bundle).contents,
		(*Bundle).metadata, (*Bundle).tests, (*Bundle).edges,
	} {
		all = append(all, rule(b)...)
	}
	return all
}

// maxSize is what etcd takes of a bundle, of which OLM makes a ConfigMap.
const maxSize = 1 << 20

// contents: only what every catalog takes, nothing that needs an API of others, and no more than fits.
func (b *Bundle) contents() []string {
	var all []string
	accounts := b.accounts()
	for _, o := range b.Objects {
		switch {
		case o.GetKind() == "ServiceAccount" && slices.Contains(accounts, o.GetName()):
			all = append(all, "ServiceAccount "+o.GetName()+" is OLM's to create")
		case !slices.Contains(append([]string{"CustomResourceDefinition", "ClusterRole"}, admitted...), o.GetKind()):
			all = append(all, o.GetKind()+" "+o.GetName()+" has no place in a bundle")
		case o.GetNamespace() != "":
			all = append(all, o.GetKind()+" "+o.GetName()+" is in a namespace, which is for OLM to choose")
		}
	}
	if b.size() > maxSize {
		all = append(all, "the manifests are larger than 1 MiB, compressed")
	}
	for _, name := range []string{"bundle/metadata/dependencies.yaml", "bundle/metadata/properties.yaml"} {
		if _, there := b.Files[name]; there {
			all = append(all, name+" demands what is not to be had from every catalog")
		}
	}
	return all
}

// size of the manifests, compressed.
func (b *Bundle) size() int {
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	for _, name := range sortedKeys(b.Files) {
		if path.Dir(name) == "bundle/manifests" {
			_, _ = to.Write(b.Files[name]) // into memory, which never fails
		}
	}
	_ = to.Close()
	return packed.Len()
}

// metadata: the annotations agree with the ClusterServiceVersion and the catalog.
func (b *Bundle) metadata() []string {
	wanted, err := annotationsOf(b.CSV, b.Catalog)
	if err != nil {
		return []string{err.Error()}
	}
	var all []string
	for _, key := range sortedKeys(wanted) {
		if b.Annotations[key] != wanted[key] {
			all = append(all, fmt.Sprintf("annotation %s is %q, not %q", key, b.Annotations[key], wanted[key]))
		}
	}
	for _, channel := range strings.Split(b.Annotations[channelsKey], ",") {
		kind, _, _ := strings.Cut(channel, "-")
		if !slices.Contains([]string{"candidate", "fast", "stable"}, kind) {
			all = append(all, "channel "+channel+" is named neither candidate, fast nor stable")
		}
	}
	return all
}

// tests: the scorecard runs the six that there are.
func (b *Bundle) tests() []string {
	wanted := []string{
		"basic-check-spec", "olm-bundle-validation", "olm-crds-have-resources", "olm-crds-have-validation", "olm-spec-descriptors",
		"olm-status-descriptors",
	}
	var given []string
	for _, stage := range b.Scorecard.Stages {
		for _, test := range stage.Tests {
			given = append(given, strings.Join(test.Entrypoint[1:], " "))
		}
	}
	slices.Sort(given)
	if !slices.Equal(given, wanted) {
		return []string{fmt.Sprintf("the scorecard runs %v, not %v", given, wanted)}
	}
	return nil
}

// edges: the catalog is whole, and the ClusterServiceVersion replaces what the catalog says.
func (b *Bundle) edges() []string {
	all := b.Catalog.complaints()
	entry := b.Catalog.of(b.CSV.Metadata.Name)
	if b.CSV.Spec.Replaces != entry.Replaces {
		all = append(all, fmt.Sprintf("replaces %q, and the catalog says %q", b.CSV.Spec.Replaces, entry.Replaces))
	}
	if !slices.Equal(b.CSV.Spec.Icon, []Icon{b.Catalog.Package.Icon}) {
		all = append(all, "the icon in the catalog is another")
	}
	return all
}
