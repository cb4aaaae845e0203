package exporter

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/given"
)

// podMonitor is the one generated for the exporter.
func podMonitor(t testing.TB, spec string) monitoringv1.PodMonitorSpec {
	t.Helper()
	objects, err := desired.Objects(given.FluxMonitoring(t, spec), given.Exporting(given.Flux("", flux.SourceController)))
	must(t, err)
	for _, o := range objects {
		if o.GetKind() == kinds.PodMonitor.Kind && o.GetName() == "flux-exporter" {
			found := &monitoringv1.PodMonitor{}
			must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, found))
			return found.Spec
		}
	}
	t.Fatal("the exporter has no PodMonitor")
	return monitoringv1.PodMonitorSpec{}
}

// scraped is what Prometheus stores of what a pod exports: with the target's labels beside the sample's own, and relabelled. No more
// labels can come from the target than these; the cluster's is the longest there can be.
func scraped(t testing.TB, by monitoringv1.PodMonitorSpec, e *Exporter, pod string) []labels.Labels {
	t.Helper()
	endpoint := by.PodMetricsEndpoints[0]
	target := map[string]string{
		"job": "monitoring/flux-exporter", "namespace": "fluxmonitoring-system", "pod": pod, "instance": pod + ":8082",
		"container": "operator", "endpoint": "exporter", "cluster": strings.Repeat("€", 253),
	}
	var stored []labels.Labels
	for _, sample := range scrape(t, e, acceptOpenMetrics) {
		b := labels.NewBuilder(sample)
		for name, value := range target {
			if !endpoint.HonorLabels || !sample.Has(name) {
				b.Set(name, value)
			}
		}
		if relabel.ProcessBuilder(b, relabelings(endpoint.MetricRelabelConfigs)...) {
			stored = append(stored, b.Labels())
		}
	}
	return stored
}

func relabelings(of []monitoringv1.RelabelConfig) (configs []*relabel.Config) {
	for _, r := range of {
		c := relabel.DefaultRelabelConfig
		c.NameValidationScheme, c.Action, c.TargetLabel = model.UTF8Validation, relabel.Action(r.Action), r.TargetLabel
		if r.Regex != "" {
			c.Regex = relabel.MustNewRegexp(r.Regex)
		}
		if r.Replacement != nil {
			c.Replacement = *r.Replacement
		}
		for _, l := range r.SourceLabels {
			c.SourceLabels = append(c.SourceLabels, model.LabelName(l))
		}
		configs = append(configs, &c)
	}
	return configs
}

// everythingOf is an object in which all that is read of its kind is a text.
func everythingOf(n *node, text string) any {
	switch {
	case n.children["0"] != nil:
		return []any{everythingOf(n.children["0"], text)}
	case n.children != nil:
		all := map[string]any{}
		for key, next := range n.children {
			all[key] = everythingOf(next, text)
		}
		return all
	case n.isBool:
		return false
	case n.readItem != nil:
		var conditions []any
		for condition, status := range map[string]string{"Ready": "False", "Stalled": "True", "Reconciling": "True"} {
			conditions = append(conditions, map[string]string{"type": condition, "status": status, "reason": text})
		}
		return conditions
	}
	return text
}

// exporting serves an object of every kind that has all that can be read of it.
func exporting(t testing.TB, text string) *Exporter {
	t.Helper()
	var stores []*store
	var unreadable []*kindSchema
	for _, kind := range flux.Kinds() {
		s := newTestStore(flux.ServedKind{Kind: kind, Version: "v1"}, true, newSeriesLimiter(0), nil)
		raw, err := json.Marshal(everythingOf(s.schema.root, text))
		must(t, err)
		must(t, s.Add(s.read(t, raw)))
		stores, unreadable = append(stores, s), append(unreadable, s.schema)
	}
	e := &Exporter{shardLabel: string(appendLabel(nil, `,watch_label_selector="`, []byte(text)))}
	b := newSeriesLimiter(0)
	b.topOmitted.Store(&[]omittedCount{{namespace: text, objects: 1}})
	e.view.Store(&view{stores: stores, limiter: b, unreadable: unreadable})
	return e
}

func TestNoSeriesExceedsALimitOfThePodMonitor(t *testing.T) {
	by := podMonitor(t, "{}")
	most := struct {
		labels      int
		name, value string
	}{}
	for _, text := range []string{"text", strings.Repeat("a", 3000), strings.Repeat("é", 3000), strings.Repeat("\x00€", 3000), strings.Repeat("🙂", 3000)} {
		for _, sample := range scraped(t, by, exporting(t, text), "a") {
			most.labels = max(most.labels, sample.Len())
			sample.Range(func(l labels.Label) {
				if len(l.Name) > len(most.name) {
					most.name = l.Name
				}
				if len(l.Value) > len(most.value) {
					most.value = l.Value
				}
			})
		}
	}
	g := NewWithT(t)
	g.Expect(len(most.value)).To(BeEquivalentTo(*by.LabelValueLengthLimit), "the longest value that is exported is as long as may be")
	g.Expect(2*len(most.name)).To(BeNumerically("<", *by.LabelNameLengthLimit), "with room for relabelings")
	g.Expect(2*most.labels).To(BeNumerically("<", *by.LabelLimit), "with room for relabelings")
	g.Expect(most.labels).To(BeNumerically("<=", 30-3), "Mimir takes 30, and a Prometheus adds the cluster, itself and its replica")
}

func TestReplicasExportTheSameSeries(t *testing.T) {
	for _, spec := range []string{"{}", "{resourceMetrics: {legacyMetrics: Disabled}}", "{clusterName: production}"} {
		g := NewWithT(t)
		by := podMonitor(t, spec)
		former := scraped(t, by, exporting(t, "text"), "operator-a")
		g.Expect(scraped(t, by, exporting(t, "text"), "operator-b")).To(Equal(former))
		g.Expect(former).NotTo(BeEmpty())
		for _, r := range by.PodMetricsEndpoints[0].RelabelConfigs {
			g.Expect(r.TargetLabel).To(Equal("cluster"), "of targets with the same labels Prometheus scrapes only one")
		}
		seen := map[string]bool{}
		for _, sample := range former {
			g.Expect(sample.Get("job")).NotTo(BeEmpty())
			g.Expect(sample.Get("instance")).To(Equal("fluxmonitoring-operator"), "a scraper may refuse all where a sample has none")
			g.Expect(seen).NotTo(HaveKey(sample.String()), "a series is exported once")
			seen[sample.String()] = true
		}
	}
}

func TestAValueIsCutBetweenTwoCharacters(t *testing.T) {
	for _, c := range []struct {
		text string
		want int // characters that stay
	}{
		{strings.Repeat("a", 1023), 1023}, {strings.Repeat("a", 1024), 1023}, {strings.Repeat("é", 512), 511},
		{strings.Repeat("€", 341), 341}, {strings.Repeat("€", 342), 341}, {strings.Repeat("🙂", 256), 255},
		{strings.Repeat("\x00", 341), 341}, {strings.Repeat("\x00", 342), 341}, {"a" + strings.Repeat("\x00", 1000), 341},
		{strings.Repeat("\"", 1024), 1023}, {strings.Repeat("\n", 1024), 1023}, {"", 0},
	} {
		t.Run(fmt.Sprintf("%d of %.1q", len(c.text), c.text), func(t *testing.T) {
			value, found := strings.CutPrefix(string(appendLabel(nil, `{a="`, []byte(c.text))), "{")
			NewWithT(t).Expect(found).To(BeTrue())
			want := strings.ReplaceAll(string([]rune(c.text)[:c.want]), "\x00", "\uFFFD")
			NewWithT(t).Expect(parse(t, []byte("m{"+value+"} 1\n"), acceptText)).To(Equal([]labels.Labels{labels.FromStrings("__name__", "m", "a", want)}))
		})
	}
}
