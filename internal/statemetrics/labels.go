package statemetrics

import (
	"fmt"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// conditionReady is the type of the condition every reconciled object has.
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

// legacyLabels tell an object on the families of Flux's guide. Its rules say namespace where labels are honoured, as those of
// kube-state-metrics are in kube-prometheus-stack, and exported_namespace where they are not: either finds its own.
func legacyLabels() map[string]path {
	return map[string]path{
		flux.LabelName: namePath, flux.LabelNamespace: namespacePath, flux.LabelObjectNamespace: namespacePath,
	}
}

// stateInfoOf is one series an object, with its state in labels.
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

// pathsOf are the places a label is taken from, in order: there is room for two. What names a source without its
// namespace means its own; what names none, as an ExternalArtifact may, has it too.
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

// defaultLabels is what holds of an object whose fields say nothing: nobody has suspended it, and nobody has yet seen that it is
// ready. Static kinds are ready as they are, unless a condition says otherwise, which an ExternalArtifact's maker may
// write. Of a kind that is static by its type nothing can be assumed.
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
