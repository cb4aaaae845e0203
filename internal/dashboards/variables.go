package dashboards

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// choice is a variable by which the viewer narrows a dashboard. Choices are referred to without braces, which a Flux
// Kustomization that substitutes variables would take for its own.
type choice string

// The choices, by the variable's name.
const (
	byCluster           choice = "cluster"
	byOperatorNamespace choice = "operator_namespace"
	byNamespace         choice = "namespace"
	byKind              choice = "kind"
	byName              choice = "name"
)

// datasourceVariable is the name of the variable that chooses the Prometheus, logsVariable of the one that chooses the Loki.
const (
	datasourceVariable = "datasource"
	logsVariable       = "loki_datasource"
)

// all matches series without the label too.
const all = ".*"

// origin is where series come from, which decides the name of their job.
type origin int

// The origins.
const (
	// ofFlux are Flux's controllers. What is recorded has no scrape, and is taken as theirs.
	ofFlux origin = iota
	// ofState is the metrics source.
	ofState
	// ofOperator is the operator at hand.
	ofOperator
	// ofClusters is whatever any cluster sends.
	ofClusters
)

// job returns the matchers of an origin's scrapes.
func (o origin) job(p Params) []*labels.Matcher {
	switch {
	case o == ofFlux:
		return []*labels.Matcher{query.Origin(p.Job, p.Flux.Namespace)}
	case o == ofState && p.StateJob != "":
		return []*labels.Matcher{query.Is(flux.LabelJob, p.StateJob)}
	case o == ofOperator && p.OperatorJob != "":
		return []*labels.Matcher{query.Is(flux.LabelJob, p.OperatorJob)}
	}
	return nil
}

// chosen returns the matchers a choice puts on what comes from an origin. The namespace of Flux is on what Flux itself exposes.
func (c choice) chosen(o origin) []*labels.Matcher {
	switch c {
	case byCluster:
		return []*labels.Matcher{query.Among(flux.LabelCluster, "$cluster")}
	case byOperatorNamespace:
		if o == ofFlux {
			return []*labels.Matcher{query.Among(flux.LabelNamespace, "$operator_namespace")}
		}
	case byNamespace:
		return []*labels.Matcher{query.Among(flux.LabelObjectNamespace, "$namespace")}
	case byKind:
		return []*labels.Matcher{query.Is(flux.LabelKind, "$kind"), query.Is("customresource_kind", "$kind")}
	case byName:
		return []*labels.Matcher{query.Is(flux.LabelName, "$name")}
	}
	return nil
}

// scope returns the matchers that queries on an origin get on this dashboard.
func (d definition) scope(p Params, o origin) []*labels.Matcher {
	return slices.Concat(o.job(p), d.narrowed(o, d.chooses))
}

// narrowed are the matchers of these choices alone.
func (d definition) narrowed(o origin, choices []choice) []*labels.Matcher {
	var matchers []*labels.Matcher
	for _, c := range choices {
		matchers = append(matchers, c.chosen(o)...)
	}
	return matchers
}

// variables returns what the viewer can choose; each choice narrows those after it.
func (d definition) variables(p Params) []grafana.Variable {
	if d.logs {
		return logsVariables(p)
	}
	var variables []grafana.Variable
	if p.Datasource.UID == "" {
		variables = append(variables, grafana.Variable{Name: datasourceVariable, Label: "Data source", DatasourceType: "prometheus"})
	}
	for i, c := range d.chooses {
		variables = append(variables, c.variable(p, d, d.chooses[:i]))
	}
	return variables
}

func (c choice) variable(p Params, d definition, before []choice) grafana.Variable {
	listed, o := query.Up, d.lists
	switch {
	case o == ofClusters:
		listed = query.Observed
	case c == byNamespace || c == byKind || c == byName:
		listed = objectsOf(p)
	case c == byCluster && !p.Exposes("up"): // no controller is scraped
		listed = query.Observed
	}
	within := slices.Concat(o.job(p), d.narrowed(o, before))
	v := grafana.Variable{
		Name: string(c), Label: c.heading(), Datasource: datasource(p), AllValue: all,
		Query: fmt.Sprintf("label_values(%s, %s)", listed.Within(within...), c.label()),
	}
	if slices.Contains(d.chooses, byName) && c != byCluster && c != byOperatorNamespace { // one object
		v.Single, v.AllValue = true, ""
	}
	return v
}

// objectsOf are the series that objects are listed by: of all whose state is exported, or else of those that are reconciled.
func objectsOf(p Params) query.Query {
	if p.Exposes(flux.RecordedReady) {
		return query.KnownObjects
	}
	return query.Reconciled
}

func (c choice) heading() string {
	return map[choice]string{
		byCluster: "Cluster", byOperatorNamespace: "Flux namespace", byNamespace: "Namespace", byKind: "Kind", byName: "Name",
	}[c]
}

func (c choice) label() string {
	return map[choice]string{
		byCluster: flux.LabelCluster, byOperatorNamespace: flux.LabelNamespace, byNamespace: flux.LabelObjectNamespace,
		byKind: flux.LabelKind, byName: flux.LabelName,
	}[c]
}

// datasource returns the fixed one or the variable.
func datasource(p Params) grafana.Datasource {
	uid := p.Datasource.UID
	if uid == "" {
		uid = "$" + datasourceVariable
	}
	return grafana.Datasource{Type: "prometheus", UID: uid}
}
