package grafana

// Kind is Grafana's name of a visualisation.
type Kind string

// The kinds of panels in use.
const (
	Stat       Kind = "stat"
	TimeSeries Kind = "timeseries"
	Table      Kind = "table"
	BarGauge   Kind = "bargauge"
)

// Panel is one panel.
type Panel struct {
	Kind Kind
	// Title and Description as Grafana shows them; the description says what a bad value means and what to do.
	Title, Description string
	// Width in grid columns of 24. Zero means the kind's own.
	Width int
	// Datasource of the targets.
	Datasource Datasource
	Targets    []Target
	// Unit is the id of a Grafana unit, such as s, bytes or percentunit.
	Unit string
	// Decimals to show. Negative leaves them to Grafana.
	Decimals int
	// Min of the axis or bar. Max of it, where there is one.
	Min, Max *float64
	// Steps colour values from the first on, whose Value is ignored. In a time series they are drawn as lines.
	Steps []Step
	// Texts shows words for values.
	Texts []Text
	// Columns of a table from left to right, by label. The value comes last.
	Columns []Column
	// Value is the heading of a table's value. Empty hides it.
	Value string
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
}

// height is the grid rows of 30 pixels a kind takes, width its columns.
func (k Kind) size() (width, height int) {
	switch k {
	case Stat:
		return 6, 4
	case TimeSeries, BarGauge:
		return 12, 8
	case Table:
		return 24, 9
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
	if p.Kind == Table {
		model["transformations"] = p.transformations()
	}
	return model
}

func (p Panel) targets() []object {
	targets := make([]object, 0, len(p.Targets))
	for i, t := range p.Targets {
		format := "time_series"
		if p.Kind == Table {
			format = "table"
		}
		targets = append(targets, object{
			"refId":        string(rune('A' + i)),
			"datasource":   p.Datasource,
			"editorMode":   "code",
			"expr":         t.Expr,
			"legendFormat": t.Legend,
			"format":       format,
			"instant":      t.Instant,
			"range":        !t.Instant,
		})
	}
	return targets
}
