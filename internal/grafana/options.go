package grafana

// options is how the kind draws.
func (p Panel) options() object {
	switch p.Kind {
	case Stat:
		return object{
			"reduceOptions": lastValue(), "colorMode": "value", "graphMode": "none", "justifyMode": "auto",
			"orientation": "auto", "textMode": "auto", "wideLayout": true, "showPercentChange": false,
		}
	case BarGauge:
		return object{
			"reduceOptions": lastValue(), "displayMode": "basic", "orientation": "horizontal", "showUnfilled": true,
			"valueMode": "text", "namePlacement": "left", "sizing": "manual", "minVizWidth": 8, "minVizHeight": 16,
			"maxVizHeight": 24, "text": object{"valueSize": 16},
			"legend": object{"showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": []string{}},
		}
	case Table:
		return object{"showHeader": true, "cellHeight": "sm", "sortBy": p.sorting()}
	case TimeSeries:
		return object{
			"legend": object{"showLegend": true, "displayMode": "table", "placement": "right", "width": 260,
				"calcs": []string{"lastNotNull"}, "sortBy": "Last *", "sortDesc": true},
			"tooltip": object{"mode": "multi", "sort": "desc"},
		}
	case StateTimeline:
		return object{
			"mergeValues": true, "showValue": "never", "alignValue": "left", "rowHeight": 0.85, "perPage": 25,
			"legend":  object{"showLegend": true, "displayMode": "list", "placement": "bottom"},
			"tooltip": object{"mode": "single", "sort": "none"},
		}
	case Heatmap:
		return p.heat()
	case Logs:
		return object{
			"showTime": true, "showLabels": false, "showCommonLabels": false, "wrapLogMessage": true, "prettifyLogMessage": false,
			"enableLogDetails": true, "dedupStrategy": "none", "sortOrder": "Descending",
		}
	default:
		return object{}
	}
}

// heat draws what is already counted in buckets; the unit is the buckets'.
func (p Panel) heat() object {
	return object{
		"calculate": false, "cellGap": 1, "showValue": "never",
		"color": object{"mode": "scheme", "scheme": "Blues", "fill": "dark-blue", "exponent": 0.5, "scale": "exponential",
			"steps": 64, "reverse": false},
		"yAxis":        object{"axisPlacement": "left", "unit": p.Unit, "reverse": false},
		"rowsFrame":    object{"layout": "auto"},
		"filterValues": object{"le": 1e-9}, // empty cells stay empty
		"legend":       object{"show": true},
		"tooltip":      object{"mode": "single", "yHistogram": false, "showColorScale": false},
		"exemplars":    object{"color": "rgba(255,0,255,0.7)"},
	}
}

func lastValue() object {
	return object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false}
}

// sorting puts the worst rows of a table first: the lowest of values that have words, the highest of others. Rows of one word are in the
// order of the next value.
func (p Panel) sorting() []object {
	sorting := []object{}
	for _, v := range p.Values {
		if v.Heading == "" {
			break
		}
		worded := v.hasWords()
		sorting = append(sorting, object{"displayName": v.Heading, "desc": !worded})
		if !worded {
			break
		}
	}
	return sorting
}

// hasWords reports whether words stand for the values. A word for zero alone stands for none.
func (v Value) hasWords() bool { return len(v.Texts) > 1 }
