package dashboards

import (
	"fmt"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// Variables by name. They are referred to without braces: a Flux Kustomization that substitutes variables would take
// ${…} for its own.
const (
	datasourceVariable        = "datasource"
	clusterVariable           = "cluster"
	operatorNamespaceVariable = "operator_namespace"
	namespaceVariable         = "namespace"
)

// all matches series without the label too.
const all = ".*"

// scope returns the matchers all queries of a dashboard get.
func (d definition) scope(p Params) []*labels.Matcher {
	matchers := []*labels.Matcher{
		query.Origin(p.Job, p.Flux.Namespace),
		query.Among(flux.LabelCluster, "$"+clusterVariable),
		query.Among(flux.LabelNamespace, "$"+operatorNamespaceVariable),
	}
	if d.objects {
		matchers = append(matchers, query.Among(flux.LabelObjectNamespace, "$"+namespaceVariable))
	}
	return matchers
}

// variables returns what the viewer can choose; each choice narrows those after it.
func (d definition) variables(p Params) []grafana.Variable {
	scope := d.scope(p)
	values := func(q query.Query, label string, matchers []*labels.Matcher) string {
		return fmt.Sprintf("label_values(%s, %s)", q.Within(matchers...), label)
	}
	source := datasource(p)
	variables := []grafana.Variable{
		{Name: clusterVariable, Label: "Cluster", Datasource: source, AllValue: all,
			Query: values(query.Up, flux.LabelCluster, scope[:1])},
		{Name: operatorNamespaceVariable, Label: "Flux namespace", Datasource: source, AllValue: all,
			Query: values(query.Up, flux.LabelNamespace, scope[:2])},
	}
	if d.objects {
		variables = append(variables, grafana.Variable{
			Name: namespaceVariable, Label: "Namespace", Datasource: source, AllValue: all,
			Query: values(query.Reconciled, flux.LabelObjectNamespace, scope[:3])})
	}
	if p.Datasource.UID != "" {
		return variables
	}
	choice := grafana.Variable{Name: datasourceVariable, Label: "Data source", DatasourceType: "prometheus"}
	return append([]grafana.Variable{choice}, variables...)
}

// datasource returns the fixed one or the variable.
func datasource(p Params) grafana.Datasource {
	uid := p.Datasource.UID
	if uid == "" {
		uid = "$" + datasourceVariable
	}
	return grafana.Datasource{Type: "prometheus", UID: uid}
}
