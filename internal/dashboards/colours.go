package dashboards

import (
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
)

// The colours that judge. No other colour is near them, and a word is beside each: a title, a legend or the text of a value.
const (
	// green has blue in it: people who do not distinguish red from green take Grafana's own for its red (TestJudgementsDiffer).
	green   = "#1A9E78"
	red     = "red"
	darkRed = "dark-red"
	orange  = "orange"
)

// The colours that do not judge.
const (
	blue = "blue"
	grey = "text"
	// plain is for series that have no colour of their own.
	plain = "#8A9BB5"
)

// kindColours are the colours of kinds on every panel. Kinds that are often on one panel differ also for people who do not distinguish red
// from green, on a dark and on a light page (TestKindsDiffer).
var kindColours = map[string]string{
	"Kustomization": "#4892E1", "HelmRelease": "#E38BFE", "FluxInstance": "#826817", "ResourceSet": "#AAB266",
	"GitRepository": "#989401", "OCIRepository": "#255CE8", "HelmRepository": "#F88DBA", "HelmChart": "#928564", "Bucket": "#6C6C6C",
	"ExternalArtifact": "#925FFA", "ArtifactGenerator": "#8053AB", "ResourceSetInputProvider": "#2196A7",
	"ImageRepository": "#2196A7", "ImagePolicy": "#925FFA", "ImageUpdateAutomation": "#C97E9C",
	"Receiver": "#AAB266", "Alert": "#928564", "Provider": "#6C6C6C",
	"FluxMonitoring": "#4892E1",
}

// What follows the cluster in the names of series.
const (
	legendKind       = "{{cluster}} {{kind}}"
	legendObject     = "{{cluster}} {{kind}} {{exported_namespace}}/{{name}}"
	legendSlowest    = "{{cluster}} {{exported_namespace}}/{{name}} {{kind}}" // whose end a narrow legend cuts off
	legendApp        = "{{cluster}} {{app}}"
	legendPod        = "{{cluster}} {{pod}}"
	legendHost       = "{{cluster}} {{app}} {{host}}"
	legendController = "{{cluster}} {{controller}}"
	legendQueue      = "{{cluster}} {{name}}"
	legendCode       = "{{cluster}} {{code}}"
	legendMethod     = "{{cluster}} {{method}}"
	legendVerb       = "{{cluster}} {{verb}}"
	legendResource   = "{{cluster}} {{resource}}"
	legendLevel      = "{{level}}"
	legendLogs       = "{{app}}"
)

// ofShards adds the controller where several have a queue of one name.
func ofShards(p Params, legend string) string {
	if !p.sharded() {
		return legend
	}
	return strings.Replace(legend, "{{cluster}} ", "{{cluster}} {{app}} ", 1)
}

// sharded reports whether several Deployments run one controller.
func (p Params) sharded() bool {
	var components []string
	for _, c := range p.Flux.Controllers {
		components = append(components, c.Component)
	}
	slices.Sort(components)
	return len(slices.Compact(components)) < len(p.Flux.Apps())
}

// paintsOf are the paints of a panel's series, if its colours are those of series.
func paintsOf(kind grafana.Kind, p Params, legend string) []grafana.Paint {
	switch kind {
	case grafana.TimeSeries:
		return paints(p, legend)
	case grafana.Stat:
		counts := namedPaints(legend)
		for i := range counts {
			counts[i].Steps = beyond(1, counts[i].Color)
		}
		return counts
	default:
		return nil
	}
}

// paints are the colours and names of the series with this legend.
func paints(p Params, legend string) []grafana.Paint {
	switch legend {
	case legendKind, legendSlowest, legendResource, legendController, legendQueue, ofShards(p, legendController), ofShards(p, legendQueue):
		return kindPaints(p)
	case legendMethod, legendVerb:
		return verbPaints()
	case legendApp, legendPod, legendHost, legendLogs:
		return controllerPaints(p)
	case legendCode:
		return []grafana.Paint{judged("5..", red), judged("4..", orange)}
	case legendLevel:
		return []grafana.Paint{judged("error", red), judged("info", blue)}
	}
	return namedPaints(legend)
}

// kindPaints are those of each kind that is reconciled.
func kindPaints(p Params) []grafana.Paint {
	var all []grafana.Paint
	for _, k := range reconciled(p) {
		all = append(all, grafana.Paint{Pattern: "/(^| )" + k.Name + "$/", Color: kindColours[k.Name]})
	}
	return all
}

// renames give series whose name ends in a word in lower case the name of the kind, as kindPaints have it.
func renames(p Params, legend string) []grafana.Rename {
	var word func(flux.Kind) string
	switch legend {
	case legendController, legendQueue, ofShards(p, legendController), ofShards(p, legendQueue):
		word = func(k flux.Kind) string { return flux.ControllerOf(k.Name) }
	case legendResource:
		word = func(k flux.Kind) string { return k.Plural }
	default:
		return nil
	}
	var all []grafana.Rename
	for _, k := range reconciled(p) {
		all = append(all, grafana.Rename{From: word(k), To: k.Name})
	}
	return all
}

// reconciled are the kinds that some controller reconciles, the static ones of Flux too: an old version may reconcile them.
func reconciled(p Params) []flux.Kind {
	return slices.DeleteFunc(flux.Kinds(), func(k flux.Kind) bool {
		runs := slices.ContainsFunc(p.Flux.Controllers, func(c flux.Controller) bool { return c.Component == k.Component })
		return !p.Reconciles(k.Name) && (!k.Static || !runs)
	})
}

// controllerPaints are those of each controller, whose colour is that of its first kind. Its pods have it too.
func controllerPaints(p Params) []grafana.Paint {
	var all []grafana.Paint
	var painted []string
	for _, k := range flux.Kinds() {
		runs := slices.ContainsFunc(p.Flux.Controllers, func(c flux.Controller) bool { return c.Component == k.Component })
		if !runs || slices.Contains(painted, k.Component) {
			continue
		}
		painted = append(painted, k.Component)
		all = append(all, grafana.Paint{Pattern: "/(^| )" + k.Component + "/", Color: kindColours[k.Name]})
	}
	return all
}

// verbPaints are those of HTTP methods and of the API server's verbs: reads, changes and deletions have the same colour in both.
func verbPaints() []grafana.Paint {
	var all []grafana.Paint
	for _, v := range []struct{ words, kind string }{
		{"GET", "Kustomization"}, {"LIST", "OCIRepository"}, {"PATCH|APPLY", "HelmRelease"}, {"POST", "GitRepository"},
		{"PUT", "HelmRepository"}, {"DELETE|DELETECOLLECTION", "HelmChart"},
	} {
		all = append(all, grafana.Paint{Pattern: "/(^| )(" + v.words + ")$/", Color: kindColours[v.kind]})
	}
	return all
}

// judged is the colour of series whose name ends so.
func judged(ending, color string) grafana.Paint {
	return grafana.Paint{Pattern: "/(^| )" + ending + "$/", Color: color}
}

// namedPaints are those of series whose own words are in the legend.
func namedPaints(legend string) []grafana.Paint {
	words := map[string]string{
		"all": blue, "failed": red, "failing": red, "with an error": red, "not ready": orange, "critical": red, "warning": orange,
		"p50": kindColours["ImageRepository"], "p90": kindColours["Kustomization"], "p99": kindColours["ImagePolicy"],
	}
	for word, color := range words {
		if legend == word || strings.HasSuffix(legend, "}} "+word) {
			return []grafana.Paint{judged(word, color)}
		}
	}
	return nil
}
