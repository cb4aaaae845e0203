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
			"valueMode": "text", "namePlacement": "auto", "sizing": "auto", "minVizWidth": 8, "minVizHeight": 16,
			"maxVizHeight": 300, "legend": object{"showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": []string{}},
		}
	case Table:
		return object{"showHeader": true, "cellHeight": "sm", "sortBy": p.sorting()}
	case TimeSeries:
		return object{
			"legend": object{"showLegend": true, "displayMode": "table", "placement": "right",
				"calcs": []string{"lastNotNull", "max"}, "sortBy": "Last *", "sortDesc": true},
			"tooltip": object{"mode": "multi", "sort": "desc"},
		}
	default:
		return object{}
	}
}

func lastValue() object {
	return object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false}
}

// sorting puts the worst rows of a table first when the value has words, whose lowest is the worst; otherwise the
// highest.
func (p Panel) sorting() []object {
	if p.Value == "" {
		return []object{}
	}
	return []object{{"displayName": p.Value, "desc": len(p.Texts) == 0}}
}
