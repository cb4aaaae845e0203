// Package dashboards builds the Grafana dashboards about Flux: rows of panels over the queries of package query. It knows
// nothing of clusters, or of how a dashboard reaches Grafana.
package dashboards

import (
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
)

// Datasource tells which Prometheus a dashboard asks.
type Datasource struct {
	// UID of a datasource in Grafana. Empty makes it a variable the viewer chooses.
	UID string
}

// Params is what the dashboards depend on.
type Params struct {
	// Exposure is what reaches Prometheus; panels on metrics that do not are left out.
	flux.Exposure
	// Job is the job label of the scraped series: <namespace>/<name> of the PodMonitor. Empty means that others scrape the
	// controllers: their series are then told by the Flux namespace.
	Job string
	// StateJob is the job label of what tells the state of objects: <namespace>/<name> of its PodMonitor. Empty where others
	// scrape it.
	StateJob string
	// OperatorJob is the job label of the operator's own metrics: <namespace>/<name> of their PodMonitor. Empty where nothing
	// scrapes them.
	OperatorJob string
	// Datasource the panels ask.
	Datasource Datasource
	// Logs is the Loki that has the controllers' logs. None: there is no dashboard about them.
	Logs *Datasource
	// Fleet is that a Grafana may see several clusters: there is a dashboard about all of them.
	Fleet bool
}

// Dashboard is one dashboard ready for Grafana.
type Dashboard struct {
	// Name is also the dashboard's uid.
	Name string
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
	// objects are what its panels are about: they get the variable namespace.
	objects bool
	rows    func(Params) []row
}

var definitions = []definition{clusterStats, controlPlane}

// Build returns the dashboards that have data in this installation, sorted by name.
func Build(p Params) []Dashboard {
	var built []Dashboard
	for _, d := range definitions {
		if rows := drawn(d, p); len(rows) > 0 {
			built = append(built, Dashboard{Name: d.name, Title: d.title, JSON: d.render(p, rows)})
		}
	}
	return built
}

// Names returns the names of all dashboards, sorted.
func Names() []string {
	names := make([]string, 0, len(definitions))
	for _, d := range definitions {
		names = append(names, d.name)
	}
	slices.Sort(names)
	return names
}

// render returns the dashboard's JSON.
func (d definition) render(p Params, rows []grafana.Row) []byte {
	rendered, err := grafana.Dashboard{
		UID:         d.name,
		Title:       d.title,
		Description: d.description,
		Tags:        []string{"flux"},
		From:        d.from,
		Refresh:     "30s",
		Variables:   d.variables(p),
		Annotations: []grafana.Annotation{{Name: "flux events", Color: "orange", Tags: []string{"flux"}}},
		Links:       d.links(),
		Rows:        rows,
	}.JSON()
	if err != nil {
		panic("dashboards: " + d.name + ": " + err.Error()) // only a NaN among the panels' constants could cause it
	}
	return rendered
}

// links leads to the other dashboards.
func (d definition) links() []grafana.Link {
	var links []grafana.Link
	for _, other := range definitions {
		if other.name != d.name {
			links = append(links, grafana.Link{UID: other.name, Title: other.title})
		}
	}
	return links
}
