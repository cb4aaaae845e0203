package grafana

import (
	"regexp"
	"strconv"
	"strings"
)

// defaults is the field configuration all fields of the panel start from.
func (p Panel) defaults() object {
	defaults := object{
		"color":      p.color(),
		"thresholds": thresholds(p.Steps),
		"mappings":   mappings(p.Texts),
		"custom":     p.custom(),
	}
	if p.Kind != Table { // whose labels are no numbers, though some look like it; its values have units of their own
		defaults["unit"] = p.Unit
	}
	if p.Nothing != "" {
		defaults["noValue"] = p.Nothing
	}
	if p.Opens.URL != "" {
		defaults["links"] = p.Opens.model()
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

func (p Panel) color() object {
	switch {
	case p.Kind != TimeSeries:
		return object{"mode": "thresholds"}
	case p.ByValue:
		return object{"mode": "continuous-BlPu", "seriesBy": "last"}
	case p.Color != "":
		return object{"mode": "fixed", "fixedColor": p.Color}
	default:
		return object{"mode": "palette-classic"}
	}
}

// thresholds renders steps; the first begins at minus infinity, which is null in JSON.
func thresholds(steps []Step) object {
	rendered := []object{{"color": "text", "value": nil}}
	for i, s := range steps {
		if i == 0 {
			rendered[0]["color"] = s.Color
			continue
		}
		rendered = append(rendered, object{"color": s.Color, "value": s.Value})
	}
	return object{"mode": "absolute", "steps": rendered}
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
		return object{"align": "auto", "minWidth": 60, "cellOptions": object{"type": "auto"}, "filterable": p.Filterable}
	case StateTimeline:
		return object{"lineWidth": 0, "fillOpacity": 80, "spanNulls": false, "insertNulls": false}
	case Heatmap:
		return object{"scaleDistribution": object{"type": "linear"}}
	case Stat, BarGauge, Logs:
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
	if len(p.Steps) > 1 && p.Steps[1].Value > 0 {
		limits = "dashed"
	}
	style, scale := "line", object{"type": "linear"}
	if p.Bars {
		style, fill = "bars", 60
	}
	if p.Logarithmic {
		scale = object{"type": "log", "log": 10}
	}
	lines := object{
		"drawStyle":         style,
		"scaleDistribution": scale,
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
	if p.SoftMax > 0 {
		lines["axisSoftMax"] = p.SoftMax
	}
	return lines
}

// overrides give the columns of a table what is theirs: values their unit, words and colours, labels their words and links.
func (p Panel) overrides() []object {
	overrides := []object{}
	add := func(heading string, properties []object) {
		if len(properties) > 0 {
			matcher := object{"id": "byName", "options": heading}
			overrides = append(overrides, object{"matcher": matcher, "properties": properties})
		}
	}
	for _, c := range p.Columns {
		add(c.Heading, append(p.blank(), c.properties()...))
	}
	for _, v := range p.Values {
		if v.Heading != "" {
			add(v.Heading, v.properties())
		}
	}
	for _, paint := range p.Paints {
		overrides = append(overrides, paint.model())
	}
	return overrides
}

func (p Paint) model() object {
	properties := []object{property("color", object{"mode": "fixed", "fixedColor": p.Color})}
	if len(p.Steps) > 0 {
		properties = []object{property("thresholds", thresholds(p.Steps))}
	}
	return object{"matcher": object{"id": "byRegexp", "options": p.Pattern}, "properties": properties}
}

// blank keeps what is said of an empty table out of the empty cells of one that is not.
func (p Panel) blank() []object {
	if p.Nothing == "" {
		return nil
	}
	return []object{property("noValue", " ")}
}

func (c Column) properties() []object {
	var properties []object
	if c.Opens.URL != "" {
		properties = append(properties, property("links", c.Opens.model()))
	}
	if len(c.Texts) > 0 {
		properties = append(properties, property("mappings", mappings(c.Texts)), coloured)
	}
	return append(properties, width(c.Width)...)
}

func (v Value) properties() []object {
	var properties []object
	if v.Unit != "" {
		properties = append(properties, property("unit", v.Unit))
	}
	if v.Whole {
		properties = append(properties, property("decimals", 0))
	}
	if len(v.Texts) > 0 {
		properties = append(properties, property("mappings", mappings(v.Texts)))
	}
	if len(v.Steps) > 0 {
		properties = append(properties, property("thresholds", thresholds(v.Steps)))
	}
	if len(v.Texts)+len(v.Steps) > 0 {
		properties = append(properties, coloured)
	}
	return append(properties, width(v.Width)...)
}

// width is the property of a column that has one.
func width(pixels int) []object {
	if pixels == 0 {
		return nil
	}
	return []object{property("custom.width", pixels)}
}

// coloured paints a cell's text in the colour of its word or step.
var coloured = property("custom.cellOptions", object{"type": "color-text"})

func (r Rename) model() object {
	return object{"id": "renameByRegex", "options": object{"regex": "(^| )" + regexp.QuoteMeta(r.From) + "$", "renamePattern": "$1" + r.To}}
}

func property(id string, value any) object { return object{"id": id, "value": value} }

func (l DataLink) model() []object {
	return []object{{"title": l.Title, "url": l.URL, "targetBlank": !strings.HasPrefix(l.URL, "/")}}
}

// transformations leave a table the columns it names, in their order, the values last.
func (p Panel) transformations() []object {
	order, names := object{}, object{}
	var kept []string
	keep := func(field, heading string) {
		order[field], names[field] = len(kept), heading
		kept = append(kept, regexp.QuoteMeta(field))
	}
	for _, c := range p.Columns {
		keep(c.Label, c.Heading)
	}
	for i, v := range p.Values {
		if v.Heading != "" {
			keep(p.valueField(i), v.Heading)
		}
	}
	pattern := "^(" + strings.Join(kept, "|") + ")$"
	transformations := []object{
		{"id": "filterFieldsByName", "options": object{"include": object{"pattern": pattern}}},
		{"id": "organize", "options": object{"indexByName": order, "renameByName": names, "excludeByName": object{}}},
	}
	if len(p.Values) > 1 {
		transformations = append([]object{{"id": "merge", "options": object{}}}, transformations...)
	}
	return transformations
}

// valueField is the name Grafana gives the value of a target: of Prometheus it numbers them if there are several, of Loki
// always.
func (p Panel) valueField(i int) string {
	if len(p.Values) > 1 || p.Datasource.Type == "loki" {
		return "Value #" + refID(i)
	}
	return "Value"
}

// Of returns a pointer to a bound, for Min and Max.
func Of(bound float64) *float64 { return &bound }

// Decimal formats a number as a Text's Value.
func Decimal(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
