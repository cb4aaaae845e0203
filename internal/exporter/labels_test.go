package exporter

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestEveryExportedLabelIsKnown(t *testing.T) {
	g := NewWithT(t)
	served := map[string]bool{}
	for _, file := range []string{"reconcilers", "sources", "hostile"} {
		answer := get(given(t, "testdata/"+file+".yaml", true), acceptText, "")
		series, err := parse(answer.Body.Bytes(), answer.Header().Get("Content-Type"))
		g.Expect(err).NotTo(HaveOccurred())
		for _, s := range series {
			metric := s.Get(model.MetricNameLabel)
			s.Range(func(l labels.Label) {
				values, known := flux.Exporter.Values(metric, l.Name)
				g.Expect(!known || slices.Contains(values, l.Value)).To(BeTrue(), "%s{%s=%q}", metric, l.Name, l.Value)
				served[l.Name] = true
			})
		}
	}
	for _, name := range flux.InfoLabels() {
		g.Expect(served).To(HaveKey(name), "a label that is said to be served is")
	}
}
