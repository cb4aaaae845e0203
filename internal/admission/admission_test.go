package admission

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/bounds"
	"github.com/fluxmonitoring/operator/test/cost"
)

const head = "apiVersion: fluxmonitoring.dev/v1alpha1\nkind: FluxMonitoring\nmetadata: {name: flux, namespace: monitoring}\n"

func TestFaultsAreThoseOfTheAPIServer(t *testing.T) {
	for _, c := range []struct{ name, spec, said string }{
		{"a field that is not there", "{scrape: {intervall: 30s}}", "FluxMonitoring flux: unknown field spec.scrape.intervall"},
		{"a value of another type", "{suspend: 1}",
			"FluxMonitoring flux: spec.suspend: Invalid value: \"integer\": spec.suspend in body must be of type boolean: \"integer\""},
		{"a value that is none of those possible", "{scrape: {cardinality: Some}}",
			`FluxMonitoring flux: spec.scrape.cardinality: Unsupported value: "Some": supported values: "Full", "Standard", "Minimal"`},
		{"two rules of one name", "{alerts: {overrides: [{name: FluxResourceStalled}, {name: FluxResourceStalled}]}}",
			`FluxMonitoring flux: spec.alerts.overrides[1]: Duplicate value: {"name":"FluxResourceStalled"}`},
		{"a field written twice", "{suspend: true, suspend: true}",
			"document 1: yaml: unmarshal errors:\n  line 4: key \"suspend\" already set in map"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(head + "spec: " + c.spec))
			NewWithT(t).Expect(err).To(MatchError(c.said))
		})
	}
}

func TestARuleOfTheDefinitionIsKept(t *testing.T) {
	_, err := Read(strings.NewReader(head + "spec: {scrape: {interval: 10s, timeout: 20s}}"))
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("spec.scrape.timeout")))
}

func TestDefaultsAreFilledInWhereTheSchemaHasThem(t *testing.T) {
	all, err := Read(strings.NewReader(head + "spec: {scrape: {cardinality: Minimal}}\n---\n" +
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n---\n\n---\n" + strings.Replace(head, "name: flux", "name: second", 1)))
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(all).To(HaveLen(2))
	on := true
	g.Expect(all[0].Spec.Scrape).To(Equal(v1alpha1.ScrapeSpec{Enabled: &on, Interval: "30s", Cardinality: "Minimal"}))
	g.Expect(all[1].Name).To(Equal("second"))
}

func TestAListIsReadAsWhatItHolds(t *testing.T) {
	all, err := Read(strings.NewReader("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: other}}\n" +
		"- {apiVersion: fluxmonitoring.dev/v1alpha1, kind: FluxMonitoring, metadata: {name: flux, namespace: monitoring}}\n"))
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(all).To(HaveLen(1))
	g.Expect(all[0].Name).To(Equal("flux"))
}

func TestAnOversizedDocumentIsNotParsed(t *testing.T) {
	g := NewWithT(t)
	long := "{kind: A, x: [" + strings.Repeat("[],", bounds.Document/3) + "]}"
	var err error
	g.Expect(cost.Allocated(func() { _, err = Read(strings.NewReader("{apiVersion: v1, kind: A}\n---\n" + long)) })).To(BeNumerically("<", 64<<20))
	g.Expect(err).To(MatchError("document 2: it has 3145745 bytes, more than the 3145728 that the API server takes"))
}

func FuzzReadNeverPanics(f *testing.F) {
	f.Add(head + "spec: {}")
	f.Add("---\n- 1")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = Read(strings.NewReader(text)) })
}
