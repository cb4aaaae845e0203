package exporter

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/golden"
)

func TestExpositionMatchesGoldenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	must(t, err)
	for _, file := range files {
		golden.File(t, strings.TrimSuffix(file, "yaml")+"prom", exporterOf(t, file, true).text(false))
	}
}

func TestPrometheusParsesEveryGoldenFile(t *testing.T) {
	g := NewWithT(t)
	exported := map[string]bool{}
	for _, file := range []string{"reconcilers", "sources", "hostile"} {
		for _, legacy := range []bool{true, false} {
			e := exporterOf(t, "testdata/"+file+".yaml", legacy)
			series := scrape(t, e, acceptText)
			g.Expect(series).NotTo(BeEmpty())
			g.Expect(scrape(t, e, acceptOpenMetrics)).To(ConsistOf(series))
			for _, s := range series {
				metric := s.Get(model.MetricNameLabel)
				s.Range(func(l labels.Label) {
					values, known := flux.Exporter.Values(metric, l.Name)
					g.Expect(!known || slices.Contains(values, l.Value)).To(BeTrue(), "%s{%s=%q}", metric, l.Name, l.Value)
					exported[l.Name] = true
				})
			}
		}
	}
	for _, name := range flux.InfoLabels() {
		g.Expect(exported).To(HaveKey(name), "internal/flux has the label as one that is exported")
	}
}

// exporterOf is an exporter of the objects in a file.
func exporterOf(t testing.TB, file string, legacy bool) *Exporter {
	t.Helper()
	stores, order := map[string]*store{}, []*store{}
	b := newSeriesLimiter(0)
	kinds, objects := documents(t, file)
	for i, kind := range kinds {
		if stores[kind.Name] == nil {
			stores[kind.Name] = newTestStore(kind, legacy, b, nil)
			order = append(order, stores[kind.Name])
		}
		s := stores[kind.Name]
		must(t, s.Add(s.read(t, objects[i])))
	}
	return newServingExporter(order...)
}
