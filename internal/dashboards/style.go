package dashboards

import (
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// Ids of Grafana's units.
const (
	unitCount    = "short"
	unitSeconds  = "s"
	unitBytes    = "bytes"
	unitShare    = "percentunit"
	unitOpsMin   = "opm"
	unitReqSec   = "reqps"
	unitCPUCores = "short"
)

// Colours of Grafana's palette.
const (
	green  = "green"
	red    = "red"
	orange = "orange"
	blue   = "blue"
)

// asGrafanaLikes leaves the number of decimals to Grafana.
const asGrafanaLikes = -1

// stat is a panel with one number.
func stat(title, unit, description string, steps []grafana.Step, one query.Query) panel {
	return panel{
		Panel: grafana.Panel{Kind: grafana.Stat, Title: title, Unit: unit, Description: description, Steps: steps,
			Decimals: asGrafanaLikes},
		series: []series{{query: one}},
	}
}

// lines is a panel with lines over time, from zero up.
func lines(title, unit, description string, all ...series) panel {
	return panel{
		Panel: grafana.Panel{Kind: grafana.TimeSeries, Title: title, Unit: unit, Description: description,
			Decimals: asGrafanaLikes, Min: grafana.Of(0)},
		series: all,
	}
}

// limited draws the limit from which an alert fires.
func (c panel) limited(limit float64) panel {
	c.Steps = beyond(limit, red)
	return c
}

// stacked adds the lines up.
func (c panel) stacked() panel {
	c.Stacked = true
	return c
}

// wide makes the panel take a number of the grid's 24 columns.
func (c panel) wide(columns int) panel {
	c.Width = columns
	return c
}

// onlyIf leaves the panel out unless there is something to show in it.
func (c panel) onlyIf(shown bool) panel {
	c.unless = c.unless || !shown
	return c
}

// neutral is one colour for every value, where none is good or bad by itself.
func neutral() []grafana.Step { return []grafana.Step{{Color: blue}} }

// beyond is green below a value and the colour from it on.
func beyond(value float64, color string) []grafana.Step {
	return []grafana.Step{{Color: green}, {Value: value, Color: color}}
}

// below is red below a value and green from it on.
func below(value float64) []grafana.Step {
	return []grafana.Step{{Color: red}, {Value: value, Color: green}}
}
