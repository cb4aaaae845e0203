package dashboards

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/given"
)

// fluxOf is a Flux of a version with these components, one Deployment each.
var fluxOf = given.Flux

// params is the monitoring of a Flux of this version with all components, and of its objects by the exporter.
func params(version string) Params {
	exposure := flux.Exposure{Flux: fluxOf(version, flux.Components()...), Cardinality: flux.Standard, State: flux.Exporter}
	return Params{
		Exposure: exposure, Job: "monitoring/flux", StateJob: "monitoring/flux-exporter", OperatorJob: "monitoring/flux-fluxmonitoring",
		Logs: &Datasource{}, Fleet: true, Runbook: "https://example.com/" + LineAlert + ".md", Limits: alerts.Thresholds(alerts.Params{Exposure: exposure, Job: "monitoring/flux", Objective: 99}),
	}
}

// from is params with another source of the objects' state.
func from(p Params, source flux.StateSource) Params {
	p.State = source
	return p
}

// unscraped is params where others scrape the metrics source.
func unscraped(p Params) Params {
	p.StateJob = ""
	return p
}

// variant is an installation and what is built for it.
type variant struct {
	name       string
	params     Params
	dashboards []Dashboard
}

// variants are the installations of the structural tests.
var variants = sync.OnceValue(func() []variant {
	var all []variant
	for name, p := range installations() {
		all = append(all, variant{name: name, params: p, dashboards: Build(p)})
	}
	return all
})

func installations() map[string]Params {
	minimal := params("v2.9.4")
	minimal.Cardinality = flux.Minimal
	fixed := params("v2.9.4")
	fixed.Datasource.UID, fixed.Logs = "prometheus", &Datasource{UID: "loki"}
	return map[string]Params{
		"the current Flux":              params("v2.9.4"),
		"a Flux that exports its state": from(params("v2.4.0"), flux.Controllers),
		"flux-operator's report":        from(params("v2.9.4"), flux.OperatorReport),
		"kube-state-metrics":            unscraped(from(params("v2.9.4"), flux.KubeStateMetrics)),
		"no metrics source":             from(params("v2.9.4"), ""),
		"minimal cardinality":           minimal,
		"a fixed datasource":            fixed,
		"source-controller alone":       {Exposure: flux.Exposure{Flux: fluxOf("", flux.SourceController)}, Job: "a/b"},
	}
}

// model is what the tests read of a dashboard's JSON.
type model struct {
	UID         string `json:"uid"`
	Description string
	Panels      []drawnPanel
	Links       []struct{ URL string }
	Templating  struct{ List []drawnVariable }
}

type drawnVariable struct {
	Name, Type string
	Query      any
	Refresh    int
}

type drawnPanel struct {
	Type, Title, Description string
	GridPos                  struct{ Y, H int }
	Panels                   []drawnPanel
	Datasource               struct{ UID, Type string }
	Targets                  []struct{ Expr string }
	FieldConfig              struct {
		Defaults struct {
			Unit, NoValue string
			Thresholds    struct{ Steps []step }
		}
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct {
				ID    string
				Value json.RawMessage
			}
		}
	}
	Transformations []struct {
		ID      string
		Options struct{ RenameByName map[string]string }
	}
}

type step struct {
	Color string
	Value *float64
}

// names reports whether a table has columns with these headings.
func (p drawnPanel) names(headings ...string) bool {
	for _, t := range p.Transformations {
		if t.ID == "organize" {
			return !slices.ContainsFunc(headings, func(h string) bool {
				return !slices.Contains(slices.Collect(maps.Values(t.Options.RenameByName)), h)
			})
		}
	}
	return false
}

// property is a property of a column of a table, as JSON; null where it is not set.
func (p drawnPanel) property(heading, id string) json.RawMessage {
	for _, o := range p.FieldConfig.Overrides {
		for _, property := range o.Properties {
			if o.Matcher.Options == heading && property.ID == id {
				return property.Value
			}
		}
	}
	return json.RawMessage("null")
}

// linkOf is where a click into a column of a table leads.
func (p drawnPanel) linkOf(heading string) string {
	var links []struct{ URL string }
	if err := json.Unmarshal(p.property(heading, "links"), &links); err != nil || len(links) == 0 {
		return ""
	}
	return links[0].URL
}

// unitOf is the unit in which the answer to one of the panel's queries is shown.
func (p drawnPanel) unitOf(target int) string {
	field := "Value"
	if len(p.Targets) > 1 {
		field = "Value #" + string(rune('A'+target))
	}
	for _, t := range p.Transformations {
		if heading := t.Options.RenameByName[field]; heading != "" {
			var unit string
			if err := json.Unmarshal(p.property(heading, "unit"), &unit); err == nil && unit != "" {
				return unit
			}
		}
	}
	return p.FieldConfig.Defaults.Unit
}

// draws is how often the panel has a step at a value.
func (p drawnPanel) draws(value float64) int {
	steps := p.FieldConfig.Defaults.Thresholds.Steps
	for _, o := range p.FieldConfig.Overrides {
		for _, property := range o.Properties {
			var thresholds struct{ Steps []step }
			if property.ID == "thresholds" && json.Unmarshal(property.Value, &thresholds) == nil {
				steps = append(steps, thresholds.Steps...)
			}
		}
	}
	count := 0
	for _, s := range steps {
		if s.Value != nil && *s.Value == value {
			count++
		}
	}
	return count
}

// read returns the dashboard with the panels of collapsed rows behind their rows, where they are when these are opened.
func read(g Gomega, d Dashboard) model {
	var m model
	g.Expect(json.Unmarshal(d.JSON, &m)).To(Succeed())
	var opened []drawnPanel
	for _, p := range m.Panels {
		opened = append(opened, p)
		opened = append(opened, p.Panels...)
	}
	m.Panels = opened
	return m
}

// built returns the models of the dashboards by name.
func built(g Gomega, p Params) map[string]model {
	models := map[string]model{}
	for _, d := range Build(p) {
		models[d.Name] = read(g, d)
	}
	return models
}

// titles returns the titles of a dashboard's panels and rows, in order.
func (m model) titles() []string {
	var titles []string
	for _, p := range m.Panels {
		titles = append(titles, p.Title)
	}
	return titles
}

// queries returns the dashboard's panels that ask for something.
func (m model) queries() []drawnPanel {
	var panels []drawnPanel
	for _, p := range m.Panels {
		if p.Type != "row" {
			panels = append(panels, p)
		}
	}
	return panels
}
