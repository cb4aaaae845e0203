package dashboards

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

var update = flag.Bool("update", false, "renew the golden files")

// fluxOf is a Flux of a version with these components, one Deployment each.
func fluxOf(version string, components ...string) flux.Installation {
	i := flux.Installation{Namespace: "flux-system", Version: version}
	for _, c := range components {
		i.Controllers = append(i.Controllers, flux.Controller{Name: c, App: c, Component: c})
	}
	return i
}

// params is the monitoring of a Flux of this version with all components, and of its objects by the exporter.
func params(version string) Params {
	return Params{
		Exposure: flux.Exposure{
			Flux: fluxOf(version, flux.Components()...), Cardinality: flux.Standard, State: flux.Exporter,
		},
		Job: "monitoring/flux",
	}
}

// from is params with another source of the objects' state.
func from(p Params, source flux.StateSource) Params {
	p.State = source
	return p
}

// variant is an installation and what is built for it.
type variant struct {
	name       string
	params     Params
	dashboards []Dashboard
}

// variants are the installations the structural tests look at.
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
	fixed.Datasource.UID = "prometheus"
	return map[string]Params{
		"the current Flux":            params("v2.9.4"),
		"a Flux that tells its state": from(params("v2.4.0"), flux.Controllers),
		"nothing tells the state":     from(params("v2.9.4"), ""),
		"little kept":                 minimal,
		"a fixed datasource":          fixed,
		"source-controller alone":     {Exposure: flux.Exposure{Flux: fluxOf("", flux.SourceController)}, Job: "a/b"},
	}
}

// model is what the tests read of a dashboard's JSON.
type model struct {
	UID        string `json:"uid"`
	Panels     []drawnPanel
	Links      []struct{ URL string }
	Templating struct {
		List []struct {
			Name, Type, AllValue string
			Query                any
		}
	}
	Annotations struct {
		List []struct {
			Name   string
			Target struct{ Tags []string }
		}
	}
}

type drawnPanel struct {
	ID                       int
	Type, Title, Description string
	Datasource               struct{ UID string }
	GridPos                  struct{ X, Y, W, H int }
	Targets                  []struct{ Expr, RefID string }
}

func read(g Gomega, d Dashboard) model {
	var m model
	g.Expect(json.Unmarshal(d.JSON, &m)).To(Succeed())
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

func expectGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	g := NewWithT(t)
	path := filepath.Join("testdata", name)
	if *update {
		g.Expect(os.MkdirAll("testdata", 0o755)).To(Succeed())
		g.Expect(os.WriteFile(path, got, 0o644)).To(Succeed())
	}
	want, err := os.ReadFile(path)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(got)).To(Equal(string(want)), "%s is not as the golden file; renew it with -update", name)
}
