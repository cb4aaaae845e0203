package pipeline_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

const correctRelabelings = "the relabelings of PodMonitor flux drop everything: correct spec.scrape.relabelings, spec.scrape.metricRelabelings or spec.patches"

func TestPatchesAndRelabelingsThatLeaveNothingAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		spec       string
		sampleless []string
		alertless  string
	}{
		"nothing is emptied": {"{}", nil, ""},
		"a PodMonitor without endpoints": {`patches:
- {target: {kind: PodMonitor, name: flux}, patch: '[{"op": "replace", "path": "/spec/podMetricsEndpoints", "value": []}]'}`,
			[]string{"PodMonitor flux has no podMetricsEndpoints, so Prometheus scrapes nothing through it: correct spec.patches"}, ""},
		"targets that are all dropped":             {`scrape: {relabelings: [{action: drop, regex: .*}]}`, []string{correctRelabelings}, ""},
		"targets that are all dropped by default":  {`scrape: {relabelings: [{action: drop}]}`, []string{correctRelabelings}, ""},
		"targets none of which is kept":            {`scrape: {relabelings: [{action: keep, regex: x}]}`, []string{correctRelabelings}, ""},
		"samples that are all dropped":             {`scrape: {metricRelabelings: [{action: drop, regex: .*}]}`, []string{correctRelabelings}, ""},
		"samples that are all dropped by any name": {`scrape: {metricRelabelings: [{action: drop, sourceLabels: [__name__], regex: (.*)}]}`, []string{correctRelabelings}, ""},
		"samples some of which are dropped":        {`scrape: {metricRelabelings: [{action: drop, sourceLabels: [__name__], regex: go_.*}]}`, nil, ""},
		"a rule without alerts": {`patches:
- {target: {kind: PrometheusRule}, patch: '[{"op": "replace", "path": "/spec/groups", "value": [{"name": "none", "rules": []}]}]'}`, nil,
			"PrometheusRule flux has no alert: correct spec.patches or spec.alerts.overrides, or set spec.alerts.enabled to false"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, objects := build(t, c.spec, everything())
			g.Expect(pipeline.PodMonitorsWithoutSamples(objects)).To(Equal(c.sampleless))
			g.Expect(pipeline.RuleWithoutAlerts(objects)).To(Equal(c.alertless))
		})
	}
}

const noToken = "Prometheus monitoring/k8s sends no token to the exporter, which refuses every scrape without one (--metrics-secure): name a Secret with " +
	"a token in PodMonitor flux-exporter by spec.patches"

func TestAPrometheusWithoutATokenForTheExporterIsFound(t *testing.T) {
	class := func(name string, byDefault, authorizes bool) []selection.ScrapeClass {
		return []selection.ScrapeClass{{Name: name, Default: byDefault, Authorizes: authorizes}}
	}
	named := `patches: [{target: {kind: PodMonitor}, patch: '[{"op": "add", "path": "/spec/scrapeClass", "value": "token"}]'}]`
	for name, c := range map[string]struct {
		spec     string
		insecure bool
		classes  []selection.ScrapeClass
		want     []string
	}{
		"nobody asks for one": {"", true, nil, nil},
		"none is sent":        {"", false, nil, []string{noToken}},
		"a Secret is named": {`patches: [{target: {kind: PodMonitor}, patch: '[{"op": "add", "path": "/spec/podMetricsEndpoints/0/authorization",
  "value": {"credentials": {"name": "token", "key": "token"}}}]'}]`, false, nil, nil},
		"the default class sends one":      {"", false, class("any", true, true), nil},
		"the default class sends none":     {"", false, class("any", true, false), []string{noToken}},
		"another class sends one":          {"", false, class("token", false, true), []string{noToken}},
		"the class that is named does":     {named, false, class("token", false, true), nil},
		"the class that is named does not": {named, false, class("token", false, false), []string{noToken}},
	} {
		t.Run(name, func(t *testing.T) {
			facts := everything()
			facts.MetricsSecure, facts.Flux.Version = !c.insecure, ""
			facts.Exporter.Namespace, facts.Exporter.Serving = "fluxmonitoring-system", false
			facts.Prometheuses = []selection.Instance{{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s", Operation: selection.Operation{Classes: c.classes}}}
			fm, objects := build(t, "resourceMetrics: {source: Exporter}\n"+c.spec, facts)
			NewWithT(t).Expect(pipeline.PrometheusesWithoutToken(fm, facts, objects)).To(Equal(c.want))
		})
	}
}
