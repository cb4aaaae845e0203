package exporter

import (
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/golden"
)

func TestExpositionMatchesGoldenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			e := given(t, file, true)
			golden.File(t, strings.TrimSuffix(file, "yaml")+"prom", e.text(false))
		})
	}
}

func TestPrometheusParsesEveryGoldenFile(t *testing.T) {
	for _, file := range []string{"reconcilers", "sources", "hostile"} {
		for _, compatibility := range []bool{true, false} {
			e := given(t, "testdata/"+file+".yaml", compatibility)
			g := NewWithT(t)
			asText := get(e, acceptText, "")
			asOpenMetrics := get(e, acceptOpenMetrics, "")
			g.Expect(asText.Header().Get("Content-Type")).To(HavePrefix("text/plain; version=0.0.4"))
			g.Expect(asOpenMetrics.Header().Get("Content-Type")).To(HavePrefix("application/openmetrics-text; version=1.0.0"))

			plain, err := parse(asText.Body.Bytes(), asText.Header().Get("Content-Type"))
			g.Expect(err).NotTo(HaveOccurred(), asText.Body.String())
			open, err := parse(asOpenMetrics.Body.Bytes(), asOpenMetrics.Header().Get("Content-Type"))
			g.Expect(err).NotTo(HaveOccurred(), asOpenMetrics.Body.String())
			g.Expect(plain).NotTo(BeEmpty())
			g.Expect(open).To(ConsistOf(plain))
		}
	}
}

// given is an exporter that serves the objects in a file.
func given(t testing.TB, file string, compatibility bool) *Exporter {
	t.Helper()
	stores, order := map[string]*store{}, []*store{}
	b := newSeriesLimiter(0)
	kinds, objects := documents(t, file)
	for i, kind := range kinds {
		if stores[kind.Name] == nil {
			stores[kind.Name] = newTestStore(kind, compatibility, b, nil)
			order = append(order, stores[kind.Name])
		}
		s := stores[kind.Name]
		if err := s.Add(s.read(t, objects[i])); err != nil {
			t.Fatal(err)
		}
	}
	return newServingExporter(order...)
}
