package grafana

// Variable is something the viewer chooses.
type Variable struct {
	// Name in expressions, after the $.
	Name string
	// Label the viewer reads.
	Label string
	// Query lists the values: label_values(…) or, with DatasourceType, nothing.
	Query string
	// Datasource the query asks.
	Datasource Datasource
	// DatasourceType makes it a choice among the datasources of a type.
	DatasourceType string
	// AllValue is what stands for all values. A regular expression that also matches nothing, such as .*, keeps series
	// without the label.
	AllValue string
}

func (v Variable) model() object {
	if v.DatasourceType != "" {
		return object{
			"name": v.Name, "label": v.Label, "type": "datasource", "query": v.DatasourceType,
			"current": object{}, "hide": 0, "includeAll": false, "multi": false, "options": []any{}, "refresh": 1, "regex": "",
		}
	}
	return object{
		"name": v.Name, "label": v.Label, "type": "query",
		"datasource": v.Datasource,
		"definition": v.Query,
		"query":      object{"query": v.Query, "refId": "variable-" + v.Name},
		"includeAll": true, "multi": true, "allValue": v.AllValue,
		"current": object{"selected": true, "text": []string{"All"}, "value": []string{"$__all"}},
		"hide":    0, "options": []any{}, "refresh": 2, "regex": "", "sort": 1,
	}
}
