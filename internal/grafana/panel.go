package grafana

// Kind is Grafana's name of a visualisation.
type Kind string

// The kinds of panels in use.
const (
	Stat          Kind = "stat"
	TimeSeries    Kind = "timeseries"
	Table         Kind = "table"
	BarGauge      Kind = "bargauge"
	StateTimeline Kind = "state-timeline"
	Heatmap       Kind = "heatmap"
	Logs          Kind = "logs"
)

// Panel is one panel.
type Panel struct {
	Kind Kind
	// Title and Description as Grafana shows them; the description says what a bad value means and what to do.
	Title, Description string
	// Width in grid columns of 24, and Height in grid rows of 30 pixels. Zero means the kind's own.
	Width, Height int
	// Datasource of the targets.
	Datasource Datasource
	Targets    []Target
	// MinStep is the shortest distance of two points, such as 1m. Empty leaves it to the datasource.
	MinStep string
	// Unit is the id of a Grafana unit, such as s, bytes or percentunit.
	Unit string
	// Decimals to show. Negative leaves them to Grafana.
	Decimals int
	// Min of the axis or bar. Max of it, where there is one.
	Min, Max *float64
	// SoftMax is how far up the axis of a time series reaches at least. Zero leaves it to Grafana.
	SoftMax float64
	// Steps colour values from the first on, whose Value is ignored. In a time series those above zero are drawn as lines: a line at zero
	// is the axis.
	Steps []Step
	// Color of a time series that no Paint is for. Empty is Grafana's palette.
	Color string
	// ByValue colours a time series by its last value instead: the higher it is, the stronger the colour.
	ByValue bool
	// Paints are the colours and names of series. A series should match one of them.
	Paints []Paint
	// Renames change the ends of the names of series, before Paints match them.
	Renames []Rename
	// Logarithmic is an axis of powers of ten, on which a long time does not flatten short ones. It has no zero.
	Logarithmic bool
	// Bars draws a bar for each point, which is a count of its own.
	Bars bool
	// Texts shows words for values.
	Texts []Text
	// Nothing is what is said where there is no value. Empty leaves it to Grafana, which says "No data".
	Nothing string
	// Filterable gives the columns of a table a button that filters them.
	Filterable bool
	// Columns of a table from left to right, by label. The values come last.
	Columns []Column
	// Values of a table, one for each target, which are merged into lines by the labels they share. The table is sorted by the
	// first.
	Values []Value
	// Opens is where a click on a line, a bar or a state leads.
	Opens DataLink
	// Stacked time series are added up.
	Stacked bool
}

// Target is one query of a panel.
type Target struct {
	Expr string
	// Legend names a series, with labels as {{label}}.
	Legend string
	// Instant asks for the last value instead of a range.
	Instant bool
	// MaxLines is how many lines of a log are asked for. Zero leaves it to the datasource.
	MaxLines int
}

// Paint is how the series are drawn whose name matches.
type Paint struct {
	// Pattern is a regular expression for names.
	Pattern string
	// Color of each. Steps colour the values instead.
	Color string
	Steps []Step
}

// Rename puts a word in the place of the last word of a name.
type Rename struct {
	From, To string
}

// Step is a colour from a value on.
type Step struct {
	Value float64
	Color string
}

// Text is a word, with its colour, for a value.
type Text struct {
	Value string
	Word  string
	Color string
}

// Column is a table's column for a label.
type Column struct {
	Label, Heading string
	// Width in pixels. Columns without one share the rest.
	Width int
	// Opens is where a click on a cell leads.
	Opens DataLink
	// Texts shows words for values.
	Texts []Text
}

// Value is a table's column for what one of its queries returns.
type Value struct {
	// Heading of the column. Empty hides it.
	Heading string
	// Width as a Column has it.
	Width int
	// Whole shows no fraction: Prometheus extrapolates what it counts.
	Whole bool
	// Unit, Texts and Steps as a Panel has them.
	Unit  string
	Texts []Text
	Steps []Step
}

// DataLink leads from a value to a page about it. The URL may refer to the value's line, as in ${__data.fields.Name}, and to
// variables, as in ${cluster:queryparam}.
type DataLink struct {
	Title, URL string
}

// height is the grid rows of 30 pixels a kind takes, width its columns.
func (k Kind) size() (width, height int) {
	switch k {
	case Stat:
		return 6, 4
	case TimeSeries, BarGauge, Heatmap:
		return 12, 8
	case Table, StateTimeline:
		return 24, 9
	case Logs:
		return 24, 18
	default:
		return 12, 8
	}
}

func (p Panel) model() object {
	model := object{
		"type":        string(p.Kind),
		"title":       p.Title,
		"description": p.Description,
		"datasource":  p.Datasource,
		"targets":     p.targets(),
		"fieldConfig": object{"defaults": p.defaults(), "overrides": p.overrides()},
		"options":     p.options(),
	}
	if p.MinStep != "" {
		model["interval"] = p.MinStep
	}
	switch {
	case p.Kind == Table:
		model["transformations"] = p.transformations()
	case len(p.Renames) > 0:
		model["transformations"] = each(p.Renames, Rename.model)
	}
	return model
}

func (p Panel) targets() []object {
	targets := make([]object, 0, len(p.Targets))
	for i, t := range p.Targets {
		model := t.model()
		if p.Datasource.Type == "loki" {
			model["queryType"] = map[bool]string{true: "instant", false: "range"}[t.Instant]
		} else {
			model["format"], model["instant"], model["range"] = p.Kind.format(), t.Instant, !t.Instant
		}
		model["refId"] = refID(i)
		model["datasource"] = p.Datasource
		targets = append(targets, model)
	}
	return targets
}

// refID names the targets of a panel A, B, C in their order.
func refID(i int) string { return string(rune('A' + i)) }

func (t Target) model() object {
	model := object{"editorMode": "code", "expr": t.Expr, "legendFormat": t.Legend}
	if t.MaxLines > 0 {
		model["maxLines"] = t.MaxLines
	}
	return model
}

// format is the shape in which Prometheus' answer comes to the panel.
func (k Kind) format() string {
	switch k {
	case Table:
		return "table"
	case Heatmap:
		return "heatmap"
	default:
		return "time_series"
	}
}
