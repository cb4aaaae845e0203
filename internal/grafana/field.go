package grafana

import "strconv"

// defaults is the field configuration all fields of the panel start from.
func (p Panel) defaults() object {
	defaults := object{
		"unit":       p.Unit,
		"color":      object{"mode": p.colorMode()},
		"thresholds": object{"mode": "absolute", "steps": p.steps()},
		"mappings":   mappings(p.Texts),
		"custom":     p.custom(),
	}
	if p.Decimals >= 0 {
		defaults["decimals"] = p.Decimals
	}
	if p.Min != nil {
		defaults["min"] = *p.Min
	}
	if p.Max != nil {
		defaults["max"] = *p.Max
	}
	return defaults
}

func (p Panel) colorMode() string {
	if p.Kind == TimeSeries {
		return "palette-classic"
	}
	return "thresholds"
}

// steps renders the thresholds; the first begins at minus infinity, which is null in JSON.
func (p Panel) steps() []object {
	if len(p.Steps) == 0 {
		return []object{{"color": "text", "value": nil}}
	}
	steps := []object{{"color": p.Steps[0].Color, "value": nil}}
	for _, s := range p.Steps[1:] {
		steps = append(steps, object{"color": s.Color, "value": s.Value})
	}
	return steps
}

func mappings(texts []Text) []object {
	if len(texts) == 0 {
		return []object{}
	}
	options := object{}
	for i, t := range texts {
		options[t.Value] = object{"text": t.Word, "color": t.Color, "index": i}
	}
	return []object{{"type": "value", "options": options}}
}

// custom is the configuration only this kind of panel has.
func (p Panel) custom() object {
	switch p.Kind {
	case TimeSeries:
		return p.lines()
	case Table:
		return object{"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": true}
	case Stat, BarGauge:
		return object{}
	default:
		return object{}
	}
}

func (p Panel) lines() object {
	fill, stacking, limits := 0, "none", "off"
	if p.Stacked {
		fill, stacking = 20, "normal"
	}
	if len(p.Steps) > 1 {
		limits = "dashed"
	}
	return object{
		"drawStyle":         "line",
		"lineInterpolation": "linear",
		"lineWidth":         1,
		"fillOpacity":       fill,
		"showPoints":        "auto",
		"pointSize":         4,
		"spanNulls":         false,
		"axisPlacement":     "auto",
		"stacking":          object{"mode": stacking, "group": "A"},
		"thresholdsStyle":   object{"mode": limits},
	}
}

// overrides colour the value column of a table by its words or thresholds.
func (p Panel) overrides() []object {
	if p.Kind != Table || p.Value == "" || len(p.Texts)+len(p.Steps) == 0 {
		return []object{}
	}
	return []object{{
		"matcher":    object{"id": "byName", "options": p.Value},
		"properties": []object{{"id": "custom.cellOptions", "value": object{"type": "color-text"}}},
	}}
}

// transformations leave a table the columns it names, in their order, the value last.
func (p Panel) transformations() []object {
	order, names := object{}, object{}
	include := ""
	for i, c := range p.Columns {
		order[c.Label], names[c.Label] = i, c.Heading
		include += c.Label + "|"
	}
	if p.Value != "" {
		order["Value"], names["Value"] = len(p.Columns), p.Value
		include += "Value|"
	}
	kept := "^(" + include[:max(len(include)-1, 0)] + ")$"
	return []object{
		{"id": "filterFieldsByName", "options": object{"include": object{"pattern": kept}}},
		{"id": "organize", "options": object{"indexByName": order, "renameByName": names, "excludeByName": object{}}},
	}
}

// Of returns a pointer to a bound, for Min and Max.
func Of(bound float64) *float64 { return &bound }

// Decimal formats a number as a Text's Value.
func Decimal(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
