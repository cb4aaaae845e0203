package statemetrics

import (
	"fmt"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// conditionReady is the condition that every reconciled object has.
const conditionReady = "Ready"

// Paths that every kind has.
var (
	namePath      = path{"metadata", "name"}
	namespacePath = path{"metadata", "namespace"}
	shardPath     = path{"metadata", "labels", flux.ShardKey}
	suspendPath   = path{"spec", "suspend"}
)

func conditionPath(kind string, field ...string) path {
	return append(path{"status", "conditions", "[type=" + kind + "]"}, field...)
}

// legacyLabels identify an object in the legacy metrics. The guide's rules use namespace with honorLabels, as in
// kube-prometheus-stack, and exported_namespace without; each finds its own.
func legacyLabels() map[string]path {
	return map[string]path{
		flux.LabelName: namePath, flux.LabelNamespace: namespacePath, flux.LabelObjectNamespace: namespacePath,
	}
}

// stateInfoOf is one series per object, with its state in labels.
func stateInfoOf(k flux.ServedKind) (family, error) {
	f := newFamily(flux.StateInfo, "The state of a Flux %s.", k)
	f.CommonLabels = defaultLabels(k)
	f.LabelsFromPath = map[string]path{}
	first := map[string]path{
		flux.LabelName:            namePath,
		flux.LabelObjectNamespace: namespacePath,
		"ready":                   conditionPath(conditionReady, "status"),
		"reason":                  conditionPath(conditionReady, "reason"),
		"stalled":                 conditionPath("Stalled", "status"),
		"reconciling":             conditionPath("Reconciling", "status"),
		"suspended":               suspendPath,
		"shard":                   shardPath,
	}
	for _, l := range k.State {
		if l.Address {
			continue
		}
		if _, again := first[l.Name]; again {
			return family{}, fmt.Errorf("the label %s is there already", l.Name)
		}
		paths := pathsOf(l)
		first[l.Name] = paths[0]
		if len(paths) > 1 {
			f.LabelsFromPath[l.Name] = paths[1]
		}
	}
	f.Each = each{Type: "Info", Info: &info{LabelsFromPath: first}}
	return f, nil
}

// pathsOf are the paths of a label, at most two. A source without a namespace is in the object's own.
func pathsOf(l flux.StateLabel) []path {
	var paths []path
	for _, p := range l.Paths {
		paths = append(paths, path(p))
	}
	if l.Name == flux.LabelSourceNamespace {
		paths = append(paths, namespacePath)
	}
	return paths[:min(len(paths), 2)]
}

// defaultLabels are the labels of an object whose status says nothing: it is not suspended, and its readiness is
// unknown. A static kind is ready unless a condition says otherwise. For a kind that is static by its type there is
// no default.
func defaultLabels(k flux.ServedKind) map[string]string {
	labels := map[string]string{"suspended": "false"}
	switch {
	case k.Static:
		labels["ready"] = "True"
	case k.StaticType == "":
		labels["ready"] = "Unknown"
	}
	return labels
}
