package statemetrics

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// prefix of the names of all families.
const prefix = "gotk"

// Configuration is the configuration of kube-state-metrics for exactly these kinds, in YAML. legacyMetrics adds two
// families to gotk_resource_info. The order of kinds does not matter. An error means that a kind has several
// versions, or a label twice.
func Configuration(kinds []flux.ServedKind, legacyMetrics bool) ([]byte, error) {
	c, err := configure(kinds, legacyMetrics)
	if err != nil {
		return nil, err
	}
	return yaml.Marshal(c)
}

func configure(kinds []flux.ServedKind, legacyMetrics bool) (*configuration, error) {
	c := &configuration{Kind: "CustomResourceStateMetrics", Spec: spec{Resources: []resource{}}}
	seen := map[schema.GroupKind]string{}
	for _, k := range sorted(kinds) {
		// Two versions of a kind would count every object twice.
		is := schema.GroupKind{Group: k.Group, Kind: k.Name}
		if other, again := seen[is]; again || k.Version == "" {
			return nil, fmt.Errorf("%s of %s must be read in exactly one version, not in %q and %q", k.Name, k.Group, other, k.Version)
		}
		seen[is] = k.Version
		r, err := resourceOf(k, legacyMetrics)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.Name, err)
		}
		c.Spec.Resources = append(c.Spec.Resources, r)
	}
	return c, nil
}

// sorted makes the result independent of the order in which the cluster lists its kinds.
func sorted(kinds []flux.ServedKind) []flux.ServedKind {
	return slices.SortedStableFunc(slices.Values(kinds), func(a, b flux.ServedKind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
}

func resourceOf(k flux.ServedKind, legacyMetrics bool) (resource, error) {
	stateInfo, err := stateInfoOf(k)
	if err != nil {
		return resource{}, err
	}
	r := resource{
		GroupVersionKind: groupVersionKind{Group: k.Group, Version: k.Version, Kind: k.Name},
		MetricNamePrefix: prefix,
		Metrics:          []family{stateInfo},
	}
	if legacyMetrics {
		r.Metrics = append(r.Metrics, conditionOf(k), suspendedOf(k))
	}
	return r, nil
}

// newFamily begins a family. Each kind has a help of its own: kube-state-metrics before 2.13 drops a kind whose help is that of
// the kind before it (kubernetes/kube-state-metrics#2366), and Prometheus keeps any one of them.
func newFamily(name, help string, k flux.ServedKind) family {
	return family{Name: strings.TrimPrefix(name, prefix+"_"), Help: fmt.Sprintf(help, k.Name)}
}

// conditionOf is the condition Ready, as controllers up to Flux 2.4 export it. A deleted object has no series; the
// status Deleted is there because the guide's alert adds it.
func conditionOf(k flux.ServedKind) family {
	f := newFamily(flux.StateCondition, "The status of a Flux %s's Ready condition.", k)
	f.CommonLabels = map[string]string{flux.LabelKind: k.Name, "type": conditionReady}
	f.LabelsFromPath = legacyLabels()
	f.Each = each{Type: "StateSet", StateSet: &stateSet{
		LabelName: "status",
		List:      []string{"True", "False", "Unknown", "Deleted"},
		Path:      conditionPath(conditionReady),
		ValueFrom: path{"status"},
	}}
	return f
}

// suspendedOf is whether an object is suspended, as controllers up to Flux 2.4 export it.
func suspendedOf(k flux.ServedKind) family {
	f := newFamily(flux.StateSuspended, "Whether a Flux %s is suspended.", k)
	f.CommonLabels = map[string]string{flux.LabelKind: k.Name}
	f.LabelsFromPath = legacyLabels()
	f.Each = each{Type: "Gauge", Gauge: &gauge{Path: suspendPath, NilIsZero: true}}
	return f
}
