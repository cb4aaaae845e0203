package dashboards

import (
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// Windows Grafana computes: four scrapes at least for a line, the whole time range for a single number.
const (
	rateInterval = "$__rate_interval"
	wholeRange   = "$__range"
)

// row is a heading and its panels. Rows without a panel are not drawn.
type row struct {
	title  string
	panels []panel
	// collapsed rows ask for nothing before the viewer opens them.
	collapsed bool
}

// panel is a Grafana panel and the queries it stands on.
type panel struct {
	grafana.Panel
	series []series
	// from is where its series come from.
	from origin
	// beside leaves out what narrows the dashboard to namespaces and objects: the panel is about others, or about all.
	beside bool
	// unless leaves the panel out.
	unless bool
}

// series is one query of a panel.
type series struct {
	query query.Query
	// legend names a line.
	legend string
	// window for the query's range. Empty is rateInterval, unless the query keeps its own.
	window string
	// keepsWindow: the query keeps the window that it is written with, because it is part of the meaning.
	keepsWindow bool
	// instant asks for the last value alone. Panels that are not about time ask for nothing else.
	instant bool
}

// of narrows a query to objects of these kinds.
func of(q query.Query, kinds []string) query.Query {
	return q.Within(query.Among(flux.LabelKind, strings.Join(kinds, "|")))
}

// by narrows a query to the controllers of these kinds.
func by(q query.Query, kinds ...string) query.Query {
	controllers := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		controllers = append(controllers, flux.ControllerOf(kind))
	}
	return q.Within(query.Among("controller", strings.Join(controllers, "|")))
}

// drawn returns the rows of a dashboard with the panels that have data in this installation.
func drawn(d definition, p Params) []grafana.Row {
	var rows []grafana.Row
	for _, r := range d.rows(p) {
		var panels []grafana.Panel
		for _, candidate := range r.panels {
			if candidate.hasData(p) {
				panels = append(panels, candidate.draw(d, p))
			}
		}
		if len(panels) > 0 {
			rows = append(rows, grafana.Row{Title: r.title, Panels: panels, Collapsed: r.collapsed})
		}
	}
	return rows
}

// hasData reports whether every metric of the panel's queries reaches Prometheus. What another cluster sends cannot be known, nor whether
// somebody scrapes API servers.
func (c panel) hasData(p Params) bool {
	if c.unless {
		return false
	}
	switch c.from {
	case ofClusters:
		return true
	case ofOperator:
		return p.OperatorJob != ""
	case ofFlux, ofState:
	}
	return !slices.ContainsFunc(c.series, func(s series) bool {
		return slices.ContainsFunc(s.query.Metrics(), func(metric string) bool { return !p.Exposes(metric) && !flux.IsOfAPIServer(metric) })
	})
}

// draw puts the queries into the panel, within the dashboard's scope.
func (c panel) draw(d definition, p Params) grafana.Panel {
	scope := d.scope(p, c.from)
	if c.beside {
		scope = slices.Concat(c.from.job(p), byCluster.chosen(c.from))
	}
	drawn := c.Panel
	if len(drawn.Targets) > 0 { // it asks something that is no Prometheus
		return drawn
	}
	drawn.Datasource = datasource(p)
	for _, s := range c.series {
		drawn.Paints = append(drawn.Paints, paintsOf(c.Kind, p, s.legend)...)
		drawn.Renames = append(drawn.Renames, renames(p, s.legend)...)
		drawn.Targets = append(drawn.Targets, grafana.Target{
			Expr:    s.over().Within(scope...).String(),
			Legend:  s.legend,
			Instant: s.instant || !overTime(c.Kind),
		})
	}
	return drawn
}

// overTime reports whether a kind of panel draws more than the last value.
func overTime(kind grafana.Kind) bool {
	return slices.Contains([]grafana.Kind{grafana.TimeSeries, grafana.StateTimeline, grafana.Heatmap}, kind)
}

func (s series) over() query.Query {
	switch {
	case s.keepsWindow:
		return s.query
	case s.window != "":
		return s.query.Over(s.window)
	default:
		return s.query.Over(rateInterval)
	}
}
