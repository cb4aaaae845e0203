package grafana

import (
	"maps"
	"strings"
)

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
	// Single makes it one value that must be chosen.
	Single bool
	// Text makes it a text the viewer types. It begins empty.
	Text bool
	// Choices makes it a choice among these.
	Choices []string
	// LogLabel is the label of a Loki's streams whose values are listed; Query then selects the streams.
	LogLabel string
	// AllValue is what stands for all values. A regular expression that also matches nothing, such as .*, keeps series
	// without the label.
	AllValue string
}

func (v Variable) model() object {
	model := object{"name": v.Name, "label": v.Label, "hide": 0, "options": []any{}, "current": object{}}
	switch {
	case v.DatasourceType != "":
		maps.Copy(model, object{"type": "datasource", "query": v.DatasourceType, "refresh": 1, "regex": ""})
		maps.Copy(model, one)
	case v.Text:
		maps.Copy(model, object{"type": "textbox", "query": "", "current": object{"selected": true, "text": "", "value": ""}})
	case len(v.Choices) > 0:
		maps.Copy(model, object{"type": "custom", "query": strings.Join(v.Choices, ",")})
		maps.Copy(model, v.many())
	default:
		maps.Copy(model, object{
			"type": "query", "datasource": v.Datasource, "definition": v.Query, "query": v.query(), "refresh": 2, "regex": "", "sort": 1,
		})
		if v.Single {
			maps.Copy(model, one)
			return model
		}
		maps.Copy(model, v.many())
	}
	return model
}

// query is what the datasource is asked for the values: each kind of datasource has a form of its own. The type is Loki's number
// for the values of a label.
func (v Variable) query() object {
	if v.LogLabel != "" {
		return object{"type": 1, "label": v.LogLabel, "stream": v.Query, "refId": "variable-" + v.Name}
	}
	return object{"query": v.Query, "refId": "variable-" + v.Name}
}

// one value is chosen.
var one = object{"includeAll": false, "multi": false}

// many values, or all, are chosen; to begin with, all.
func (v Variable) many() object {
	return object{
		"includeAll": true, "multi": true, "allValue": v.AllValue,
		"current": object{"selected": true, "text": []string{"All"}, "value": []string{"$__all"}},
	}
}
