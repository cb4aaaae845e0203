// Package dashboards builds the Grafana dashboards about Flux: rows of panels over the queries of package query. It knows
// nothing of clusters, or of how a dashboard reaches Grafana.
package dashboards

import (
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// Datasource is a Grafana data source.
type Datasource struct {
	// UID of a datasource in Grafana. Empty makes it a variable the viewer chooses.
	UID string
}

// Params is what the dashboards depend on.
type Params struct {
	// Exposure is what reaches Prometheus; panels on metrics that do not are left out.
	flux.Exposure
	// Job is the job label of the scraped series: <namespace>/<name> of the PodMonitor. Empty means that others scrape the
	// controllers: their series are then selected by the Flux namespace.
	Job string
	// StateJob is the job label of the metrics source: <namespace>/<name> of its PodMonitor. Empty where others
	// scrape it.
	StateJob string
	// OperatorJob is the job label of the operator's own metrics: <namespace>/<name> of their PodMonitor. Empty where nothing
	// scrapes them.
	OperatorJob string
	// Datasource the panels ask.
	Datasource Datasource
	// Logs is the Loki that has the controllers' logs. None: there is no dashboard about them.
	Logs *Datasource
	// Limits are what alerts ask and the numbers beyond which they fire, by the alert's name. A panel that draws such a number asks
	// the same. Nil where there are no alerts.
	Limits map[string]query.Limit
	// Runbook is the address of the runbook of the alert of a table's line. Empty where there are no alerts.
	Runbook string
	// Include names the dashboards to generate. Empty: all that have data.
	Include []string
	// UIDSuffix ends the uid of every dashboard, and TitleSuffix its title, where a Grafana may have the same dashboards of others.
	UIDSuffix, TitleSuffix string
	// Fleet is that a Grafana may see several clusters: there is a dashboard about all of them.
	Fleet bool
}

// Dashboard is one dashboard ready for Grafana.
type Dashboard struct {
	// Name in the catalogue.
	Name string
	// UID by which Grafana knows it: its name, unless the dashboards of others have that.
	UID string
	// Title as Grafana shows it.
	Title string
	// JSON is the dashboard's model.
	JSON []byte
}

// definition is one dashboard of the catalogue.
type definition struct {
	name, title, description string
	// from is the start of the time range it opens with.
	from string
	// chooses are the variables by which the viewer narrows it, in order, beside the datasource.
	chooses []choice
	// lists is the origin of the series by which what can be chosen is listed.
	lists origin
	// logs is that it asks a Loki.
	logs bool
	// unless leaves the dashboard out, whatever its panels have.
	unless func(Params) bool
	rows   func(Params) []row
}

var definitions = []definition{clusterStats, controlPlane, fleet, logs, resource, monitoring}

// Build returns the dashboards that have data in this installation, sorted by name; without Flux there are none.
func Build(p Params) []Dashboard {
	if p.IsEmpty() {
		return nil
	}
	var shown []definition
	rows := map[string][]grafana.Row{}
	for _, d := range definitions {
		if !p.includes(d.name) || d.unless != nil && d.unless(p) {
			continue
		}
		if rows[d.name] = drawn(d, p); len(rows[d.name]) > 0 {
			shown = append(shown, d)
		}
	}
	built := make([]Dashboard, 0, len(shown))
	for _, d := range shown {
		built = append(built, Dashboard{Name: d.name, UID: p.uid(d.name), Title: d.title + p.TitleSuffix, JSON: d.render(p, rows[d.name], shown)})
	}
	return built
}

// wants reports whether a dashboard is to be generated, if it has data.
func (p Params) includes(name string) bool {
	return len(p.Include) == 0 || slices.Contains(p.Include, name)
}

// uid of a dashboard of the catalogue.
func (p Params) uid(name string) string { return name + p.UIDSuffix }

// Names returns the names of all dashboards, sorted.
func Names() []string {
	names := make([]string, 0, len(definitions))
	for _, d := range definitions {
		names = append(names, d.name)
	}
	slices.Sort(names)
	return names
}

// render returns the dashboard's JSON, with links to the others that are shown.
func (d definition) render(p Params, rows []grafana.Row, shown []definition) []byte {
	rendered, err := grafana.Dashboard{
		UID:         p.uid(d.name),
		Title:       d.title + p.TitleSuffix,
		Description: d.description,
		Tags:        []string{"flux"},
		From:        d.from,
		Refresh:     "30s",
		Variables:   d.variables(p),
		Annotations: []grafana.Annotation{{Name: "flux events", Color: "orange", Tags: []string{"flux"}}},
		Links:       d.links(p, shown),
		Rows:        rows,
	}.JSON()
	if err != nil {
		panic("dashboards: " + d.name + ": " + err.Error()) // only a NaN among the panels' constants could cause it
	}
	return rendered
}

// links leads to the other dashboards. One about a single object is reached from the object.
func (d definition) links(p Params, shown []definition) []grafana.Link {
	var links []grafana.Link
	for _, other := range shown {
		if other.name != d.name && other.name != resourceName {
			link := grafana.Link{UID: p.uid(other.name), Title: other.title}
			if d.name == resourceName && other.logs {
				link.Query = "var-" + logsNamespaceVariable + "=$namespace&var-" + logsNameVariable + "=$name"
			}
			links = append(links, link)
		}
	}
	return links
}
