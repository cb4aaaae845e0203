package dashboards

import (
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// Ids of Grafana's units.
const (
	unitCount   = "short"
	unitSeconds = "s"
	unitBytes   = "bytes"
	unitShare   = "percentunit"
	unitOpsMin  = "opm"
	unitReqSec  = "reqps"
	unitCores   = "suffix: cores"
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
	drawn := panel{
		Panel: grafana.Panel{Kind: grafana.TimeSeries, Title: title, Unit: unit, Description: description,
			Decimals: asGrafanaLikes, Min: grafana.Of(0), Color: plain},
		series: all,
	}
	if slices.Contains([]string{unitCount, unitOpsMin, unitReqSec}, unit) {
		drawn.SoftMax = 1 // else Grafana draws nothing but zeros on an axis up to a hundred
	}
	return drawn
}

// bars is a panel with a bar for each series.
func bars(title, unit, description string, one series) panel {
	return panel{
		Panel: grafana.Panel{Kind: grafana.BarGauge, Title: title, Description: description, Unit: unit,
			Decimals: asGrafanaLikes, Min: grafana.Of(0), Steps: neutral()},
		series: []series{one},
	}
}

// heat is a panel of how many reconciliations took how long, over time. It asks for a point a minute at most: a reconciliation
// is a rare event, and its cells are to be seen.
func heat(title, description string, one query.Query) panel {
	return panel{
		Panel: grafana.Panel{Kind: grafana.Heatmap, Title: title, Description: description, Unit: unitSeconds,
			Decimals: asGrafanaLikes, MinStep: "1m"},
		series: []series{{query: one, legend: "{{le}}"}},
	}
}

// timeline is a panel with a line of coloured states for each series.
func timeline(title, description string, texts []grafana.Text, one series) panel {
	return panel{
		Panel: grafana.Panel{Kind: grafana.StateTimeline, Title: title, Description: description, Unit: unitCount,
			Decimals: asGrafanaLikes, Texts: texts, MinStep: "1m"},
		series: []series{one},
	}
}

// table has a line for each series, with columns for its labels and for its value, where that has a heading.
func table(title, description string, columns []grafana.Column, one query.Query, value grafana.Value) panel {
	return panel{
		Panel: grafana.Panel{Kind: grafana.Table, Title: title, Description: description, Unit: unitCount,
			Decimals: asGrafanaLikes, Columns: columns, Values: []grafana.Value{value}},
		series: []series{{query: one, keepsWindow: true}},
	}
}

// objects is a table with a line for each object. Its name leads to the dashboard about it.
func objects(p Params, title, description string, one query.Query, value grafana.Value) panel {
	return table(title, description, identity(p), one, value)
}

// identity are the columns that name an object.
func identity(p Params) []grafana.Column {
	return []grafana.Column{
		{Label: flux.LabelCluster, Heading: "Cluster"},
		{Label: flux.LabelObjectNamespace, Heading: "Namespace"},
		{Label: flux.LabelKind, Heading: "Kind", Width: 125},
		{Label: flux.LabelName, Heading: "Name", Opens: ofTheLine(p)},
	}
}

// infoColumns are the columns that identify an object in the metrics about it beyond its state, in which the kind has another label.
func infoColumns(p Params) []grafana.Column {
	columns := identity(p)
	columns[2].Label = "customresource_kind"
	return columns
}

// leading is where a click on a name leads instead.
func (c panel) leading(link grafana.DataLink) panel {
	c.Columns = slices.Clone(c.Columns)
	for i := range c.Columns {
		if c.Columns[i].Label == flux.LabelName {
			c.Columns[i].Opens = link
		}
	}
	return c
}

// filterable gives the table a filter for each column. Without it more of a heading is seen.
func (c panel) filterable() panel {
	c.Filterable, c.Values = true, slices.Clone(c.Values)
	for i := range c.Values {
		c.Values[i].Width += 30 // for the button
	}
	return c
}

// with adds a column for the value of another query, on the lines with the same labels.
func (c panel) with(other query.Query, value grafana.Value) panel {
	c.Values = append(c.Values, value)
	c.series = append(c.series, series{query: other, keepsWindow: true})
	return c
}

// limited has a panel of one query ask what an alert asks, over the alert's own window, and draw the number beyond which it fires, on an axis
// that reaches it. Where there is no such alert, the panel asks what it was made with.
func (c panel) limited(p Params, alert string) panel {
	limit, has := p.Limits[alert]
	if !has {
		return c
	}
	c.series = []series{{query: limit.Query, legend: c.series[0].legend, keepsWindow: true}}
	c.Steps = beyond(limit.Value, red)
	if c.Unit != unitSeconds { // a limit of minutes would flatten what takes milliseconds
		c.SoftMax = max(c.SoftMax, limit.Value)
	}
	return c
}

// onlyLimited is limited, and no panel where there is no such alert: what it asks is of use to the alert alone.
func onlyLimited(p Params, alert string, c panel) panel {
	_, has := p.Limits[alert]
	return c.limited(p, alert).onlyIf(has)
}

// saying is what is said where there is nothing to show, and nothing is as it should be.
func (c panel) saying(nothing string) panel {
	c.Nothing = nothing
	return c
}

// byValue colours the lines by how high they are, where they have no colour of their own.
func (c panel) byValue() panel {
	c.ByValue = true
	return c
}

// logarithmic draws the lines on an axis of powers of ten: one that is far above the others does not flatten them.
func (c panel) logarithmic() panel {
	c.Logarithmic, c.Min = true, nil
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

// high makes the panel take a number of the grid's rows.
func (c panel) high(rows int) panel {
	c.Height = rows
	return c
}

// of says where the panel's series come from.
func (c panel) of(from origin) panel {
	c.from = from
	return c
}

// ofAll leaves out the viewer's choice of namespaces and objects: the panel is about whole clusters.
func (c panel) ofAll() panel {
	c.beside = true
	return c
}

// opening is where a click on a line or a bar leads.
func (c panel) opening(link grafana.DataLink) panel {
	c.Opens = link
	return c
}

// onlyIf leaves the panel out unless there is something to show in it.
func (c panel) onlyIf(shown bool) panel {
	c.unless = c.unless || !shown
	return c
}

// describe is the command that shows why an object is what it is, with its conditions and events.
const describe = "`kubectl -n <namespace> describe <plural>.<group> <name>`, with a kind such as `kustomizations.kustomize.toolkit.fluxcd.io`."

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

// since is a time that counts from one second on, and what is said instead has no colour.
func since(color string) []grafana.Step {
	return []grafana.Step{{Color: grey}, {Value: 1, Color: color}}
}

// seconds is a value that is a time.
func seconds(heading string) grafana.Value {
	return grafana.Value{Heading: heading, Unit: unitSeconds, Width: 125}
}

// unlessZero is a value that is a time, and nothing where it is none.
func unlessZero(heading string) grafana.Value {
	value := seconds(heading)
	value.Texts = []grafana.Text{{Value: "0", Word: "-", Color: grey}}
	return value
}

// limitedValue is a count that is coloured from the number beyond which an alert fires. The table must ask what the alert asks.
func limitedValue(p Params, heading, alert string) grafana.Value {
	value := grafana.Value{Heading: heading, Unit: unitCount, Width: 90, Whole: true}
	if limit, has := p.Limits[alert]; has {
		value.Steps = []grafana.Step{{Color: grey}, {Value: limit.Value, Color: red}} // a failure is not good because there are few
	}
	return value
}

// unseen is a value that says nothing but that the line is there.
func unseen() grafana.Value { return grafana.Value{} }

// readiness are the words for whether something is ready.
func readiness() []grafana.Text {
	return []grafana.Text{{Value: "0", Word: "Not ready", Color: red}, {Value: "1", Word: "Ready", Color: green}}
}

// answering are the words for whether something answers.
func answering() []grafana.Text {
	return []grafana.Text{{Value: "0", Word: "Down", Color: red}, {Value: "1", Word: "Up", Color: green}}
}

// states are the words for the state of an object, the worst last.
func states(p Params) []grafana.Text {
	word := func(state int, word, color string) grafana.Text {
		return grafana.Text{Value: grafana.Decimal(float64(state)), Word: word, Color: color}
	}
	return []grafana.Text{
		word(query.StateReady, "Ready", green), word(query.StateSuspended, "Suspended", plain),
		word(query.StateWaiting, "Waiting", blue), word(query.StateNotReady, progressingWord(p), orange),
		word(query.StateFailing, "Failing", red), word(query.StateStalled, "Stalled", darkRed),
	}
}

// conditions are the words for the status of a condition.
func conditions() []grafana.Text {
	return []grafana.Text{
		{Value: "True", Word: "True", Color: green}, {Value: "False", Word: "False", Color: red},
		{Value: "Unknown", Word: "Unknown", Color: orange},
	}
}
