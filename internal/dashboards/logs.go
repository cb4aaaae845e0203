package dashboards

import (
	"strings"

	"github.com/fluxmonitoring/operator/internal/grafana"
)

// logs is about the logs of Flux's controllers, in a Loki. It asks in LogQL, whose parser is part of Loki and under Loki's
// licence, so that nothing here can parse it. The labels are those that Grafana's agents put on the logs of pods: namespace, app.
var logs = definition{
	name:        "flux-logs",
	title:       "Flux Logs",
	description: "Logs of Flux's controllers: how many lines of each level, which objects have the most errors, and the lines.",
	from:        "now-1h",
	logs:        true,
	unless:      func(p Params) bool { return p.Logs == nil },
	rows: func(p Params) []row {
		return []row{{panels: []panel{volume(p), volumeOfErrors(p), objectsInErrors(p), logLines(p)}}}
	},
}

// The texts by which the viewer narrows lines to those about an object; they may be written in part. Their names are not those of
// other dashboards' variables: a link that brings these along would write "All" into them.
const (
	logsNamespaceVariable = "object_namespace"
	logsNameVariable      = "object_name"
)

// logsVariables are what the viewer of logs can choose.
func logsVariables(p Params) []grafana.Variable {
	var variables []grafana.Variable
	if p.Logs.UID == "" {
		variables = append(variables, grafana.Variable{Name: logsVariable, Label: "Loki data source", DatasourceType: "loki"})
	}
	return append(variables,
		grafana.Variable{Name: string(byCluster), Label: "Cluster", Datasource: logsDatasource(p), AllValue: all,
			LogLabel: "cluster", Query: `{namespace="` + p.Flux.Namespace + `"}`},
		grafana.Variable{Name: "controller", Label: "Controller", Choices: p.Flux.LogApps(), AllValue: ".+"},
		grafana.Variable{Name: "level", Label: "Level", Choices: []string{"error", "info", "debug", "trace"}, AllValue: all},
		grafana.Variable{Name: logsNamespaceVariable, Label: "Namespace", Text: true},
		grafana.Variable{Name: logsNameVariable, Label: "Name", Text: true},
		grafana.Variable{Name: "search", Label: "Search", Text: true},
	)
}

// logsDatasource returns the fixed one or the variable.
func logsDatasource(p Params) grafana.Datasource {
	if p.Logs.UID == "" {
		return grafana.Datasource{Type: "loki", UID: "$" + logsVariable}
	}
	return grafana.Datasource{Type: "loki", UID: p.Logs.UID}
}

// chosenLines are those that the viewer chose, at any of these levels. The label namespace is the pod's; Loki gives the object's,
// which the line has under the same name, another.
func chosenLines(p Params, levels string) string {
	return strings.NewReplacer("FLUX", p.Flux.Namespace, "LEVELS", levels).Replace(
		`{namespace="FLUX",app=~"$controller",cluster=~"$cluster"} |~ "(?i)$search" | json` +
			` | level=~"LEVELS" | namespace_extracted=~"$object_namespace.*" | name=~"$object_name.*"`)
}

// countedLines are those of them that are JSON: Loki counts nothing where a single line, such as a panic's, is not.
func countedLines(p Params, levels string) string {
	return strings.Replace(chosenLines(p, levels), "| json", `| json | __error__=""`, 1)
}

func volume(p Params) panel {
	return logPanel(p, lines("Lines by level", unitCount,
		"How many lines the controllers log, by level. If errors last, objects fail. Very many lines of level info mean that an object is reconciled "+
			"too often.").stacked().saying("No lines"),
		grafana.Target{Expr: "sum by (level) (count_over_time(" + countedLines(p, "$level") + " [$__interval]))", Legend: legendLevel})
}

func volumeOfErrors(p Params) panel {
	return logPanel(p, lines("Errors by controller", unitCount,
		"How many errors each controller logs. If one logs far more than the others, it fetches from, or applies to, something that does not work. The "+
			"table below names the objects.").stacked().saying("No errors"),
		grafana.Target{Expr: "sum by (app) (count_over_time(" + countedLines(p, "error") + " [$__interval]))", Legend: legendLogs})
}

func objectsInErrors(p Params) panel {
	byErrors := panel{Panel: grafana.Panel{
		Kind: grafana.Table, Title: "Objects with the most errors", Decimals: asGrafanaLikes, Unit: unitCount, Nothing: "No errors",
		Description: "The fifteen objects with the most errors in the time range. Begin with the first object, but fix sources before their dependents.",
		Columns: []grafana.Column{
			{Label: "namespace_extracted", Heading: "Namespace"}, {Label: "controllerKind", Heading: "Kind"}, {Label: "name", Heading: "Name"},
		},
		Values: []grafana.Value{{Heading: "Errors", Unit: unitCount}},
	}}
	return logPanel(p, byErrors, grafana.Target{Instant: true, Expr: "topk(15, sum by (namespace_extracted, controllerKind, name) " +
		"(count_over_time(" + countedLines(p, "error") + " [$__range])))"})
}

func logLines(p Params) panel {
	return logPanel(p, panel{Panel: grafana.Panel{Kind: grafana.Logs, Title: "Log lines", Decimals: asGrafanaLikes,
		Description: "The latest lines. Click on a line to see its fields, such as the revision and the whole error. Search takes a regular expression, " +
			"and ignores the case of letters."}},
		grafana.Target{MaxLines: 1000, Expr: chosenLines(p, "$level") +
			` | line_format "{{.level}} {{.controllerKind}} {{.namespace_extracted}}/{{.name}}: {{.msg}} {{.error}}"`})
}

// logPanel asks the Loki.
func logPanel(p Params, drawn panel, target grafana.Target) panel {
	drawn.Datasource = logsDatasource(p)
	drawn.Targets, drawn.Paints = []grafana.Target{target}, paintsOf(drawn.Kind, p, target.Legend)
	return drawn
}
