package pipeline_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/test/golden"
)

func TestMessagesAboutOtherCollectorsMatchTheGoldenFile(t *testing.T) {
	type messages struct{ Scraped, AlertsEffective string }
	said, agent := map[string]messages{}, []selection.Instance{{Kind: "PrometheusAgent"}}
	for name, c := range map[string]struct {
		served       []schema.GroupVersionKind
		prometheuses []selection.Instance
	}{
		"nothing":                                 {},
		"Prometheus objects, and none selected":   {served: []schema.GroupVersionKind{kinds.Prometheus}},
		"an agent":                                {[]schema.GroupVersionKind{kinds.Prometheus, kinds.PrometheusAgent}, agent},
		"VictoriaMetrics":                         {served: []schema.GroupVersionKind{kinds.VMAgent, kinds.VMSingle, kinds.VMAlert}},
		"VMAlert, and no Prometheus selected":     {served: []schema.GroupVersionKind{kinds.VMAlert, kinds.Prometheus}},
		"VMAlert, and an agent":                   {[]schema.GroupVersionKind{kinds.VMAlert, kinds.PrometheusAgent}, agent},
		"OpenTelemetry":                           {served: []schema.GroupVersionKind{kinds.OpenTelemetryCollector}},
		"OpenTelemetry on Google's cloud":         {served: []schema.GroupVersionKind{kinds.OpenTelemetryCollector, kinds.GooglePodMonitoring}},
		"Google's cloud":                          {served: []schema.GroupVersionKind{kinds.GooglePodMonitoring}},
		"Azure's cloud":                           {served: []schema.GroupVersionKind{kinds.AzurePodMonitor, kinds.Prometheus}},
		"an agent that the cluster serves alone":  {[]schema.GroupVersionKind{kinds.PrometheusAgent}, agent},
		"agents that are not selected, and alone": {served: []schema.GroupVersionKind{kinds.PrometheusAgent}},
	} {
		known := facts.Facts{Served: map[schema.GroupVersionKind]bool{}, Prometheuses: c.prometheuses}
		for _, kind := range c.served {
			known.Served[kind] = true
		}
		said[name] = messages{pipeline.NoScraper(known), pipeline.NoEvaluator(known)}
		for _, m := range []string{said[name].Scraped, said[name].AlertsEffective} {
			NewWithT(t).Expect(len(m)).To(BeNumerically("<=", 120), "%s: %s", name, m)
		}
	}
	golden.YAML(t, "testdata/collectors.yaml", said)
}
