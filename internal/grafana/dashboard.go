// Package grafana is the part of Grafana's dashboard model this operator needs, typed, and its rendering to JSON: panels
// get their ids and their places on the grid there. It knows nothing of Flux or of PromQL.
package grafana

import (
	"bytes"
	"encoding/json"
)

// SchemaVersion of the dashboard JSON written here. Older Grafanas read it as it is, later ones migrate it themselves.
const SchemaVersion = 42

// Dashboard is one dashboard.
type Dashboard struct {
	// UID identifies the dashboard across Grafanas and in links.
	UID string
	// Title and Description as Grafana shows them.
	Title, Description string
	// Tags to find it by.
	Tags []string
	// From is the start of the time range it opens with, such as now-1h. It ends now.
	From string
	// Refresh is how often it renews itself, such as 30s.
	Refresh string
	// Variables the viewer chooses, in order.
	Variables []Variable
	// Annotations drawn over time series.
	Annotations []Annotation
	// Links at the top.
	Links []Link
	// Rows of panels from top to bottom.
	Rows []Row
}

// Row is a group of panels. Without a title it has no heading.
type Row struct {
	Title  string
	Panels []Panel
	// Collapsed rows show their heading, and their panels when it is clicked. They need a title.
	Collapsed bool
}

// Link leads to another dashboard and keeps the time range and variables.
type Link struct {
	// UID of the dashboard it leads to.
	UID string
	// Title of the link.
	Title string
	// Query is added to its address, such as var-name=$name.
	Query string
}

// Datasource refers to a datasource by type and uid. The uid may be a variable, such as $datasource.
type Datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Annotation is a query for events drawn over time series, by the tags Grafana stored them with.
type Annotation struct {
	Name  string
	Color string
	Tags  []string
}

// JSON renders the dashboard. The same dashboard gives the same bytes. A dollar before a brace is written as its escape, so that
// nothing that substitutes variables in text, as a Flux Kustomization does, takes Grafana's for its own.
func (d Dashboard) JSON() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d.model()); err != nil {
		return nil, err
	}
	return bytes.ReplaceAll(out.Bytes(), []byte("${"), []byte(`\u0024{`)), nil
}

// object is a JSON object; encoding/json writes its keys sorted.
type object map[string]any

func (d Dashboard) model() object {
	return object{
		"uid":           d.UID,
		"title":         d.Title,
		"description":   d.Description,
		"tags":          d.Tags,
		"schemaVersion": SchemaVersion,
		"editable":      true,
		"graphTooltip":  1, // one crosshair over all panels
		"refresh":       d.Refresh,
		"time":          object{"from": d.From, "to": "now"},
		"timezone":      "browser",
		"templating":    object{"list": each(d.Variables, Variable.model)},
		"annotations":   object{"list": each(d.Annotations, Annotation.model)},
		"links":         each(d.Links, Link.model),
		"panels":        layOut(d.Rows),
	}
}

func (l Link) model() object {
	url := "/d/" + l.UID
	if l.Query != "" {
		url += "?" + l.Query
	}
	return object{
		"type":        "link",
		"title":       l.Title,
		"url":         url,
		"icon":        "dashboard",
		"asDropdown":  false,
		"includeVars": true,
		"keepTime":    true,
		"targetBlank": false,
		"tags":        []string{},
		"tooltip":     "",
	}
}

func (a Annotation) model() object {
	source := Datasource{Type: "grafana", UID: "-- Grafana --"}
	return object{
		"name":       a.Name,
		"datasource": source,
		"enable":     true,
		"hide":       false,
		"iconColor":  a.Color,
		"target":     object{"type": "tags", "tags": a.Tags, "matchAny": false, "limit": 100},
	}
}

// each renders the elements of a list; the result is never null in JSON.
func each[T, M any](elements []T, model func(T) M) []M {
	models := make([]M, 0, len(elements))
	for _, e := range elements {
		models = append(models, model(e))
	}
	return models
}
