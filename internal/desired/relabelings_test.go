package desired

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
)

// stored is what Prometheus stores of a scraped series after the relabelings; empty when they drop it.
func stored(t *testing.T, relabelings []monitoringv1.RelabelConfig, scraped map[string]string) map[string]string {
	t.Helper()
	var configs []*relabel.Config
	for _, r := range relabelings {
		c, err := relabeling(r)
		must(t, err)
		c.NameValidationScheme = model.UTF8Validation
		configs = append(configs, &c)
	}
	builder := labels.NewBuilder(labels.FromMap(scraped))
	if !relabel.ProcessBuilder(builder, configs...) {
		return nil
	}
	return builder.Labels().Map()
}

func TestAnObjectHasItsNamespaceUnderBothLabels(t *testing.T) {
	relabelings := exporterRelabelings(monitoring(t, "{}"))
	for name, c := range map[string]struct{ scraped, stored map[string]string }{
		"a Prometheus that honours labels": {
			map[string]string{"__name__": "gotk_suspend_status", "namespace": "apps", "name": "shop", "pod": "a", "instance": "b"},
			map[string]string{"__name__": "gotk_suspend_status", "namespace": "apps", "exported_namespace": "apps", "name": "shop", "instance": "fluxmonitoring-operator"},
		},
		"a Prometheus that overrides labels": {
			map[string]string{"__name__": "gotk_suspend_status", "namespace": "fluxmonitoring-system", "exported_namespace": "apps", "name": "shop"},
			map[string]string{"__name__": "gotk_suspend_status", "namespace": "fluxmonitoring-system", "exported_namespace": "apps", "name": "shop",
				"instance": "fluxmonitoring-operator"},
		},
		"a family of our own": {
			map[string]string{"__name__": "gotk_resource_info", "namespace": "fluxmonitoring-system", "exported_namespace": "apps", "name": "shop", "pod": "a"},
			map[string]string{"__name__": "gotk_resource_info", "namespace": "fluxmonitoring-system", "exported_namespace": "apps", "name": "shop",
				"instance": "fluxmonitoring-operator"},
		},
		"a count": {
			map[string]string{"__name__": "gotk_resources", "namespace": "fluxmonitoring-system", "instance": "a"},
			map[string]string{"__name__": "gotk_resources", "namespace": "fluxmonitoring-system", "instance": "fluxmonitoring-operator"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(stored(t, relabelings, c.scraped)).To(Equal(c.stored))
		})
	}
}

func TestDisabledLegacyMetricsAreNotStored(t *testing.T) {
	g := NewWithT(t)
	relabelings := exporterRelabelings(monitoring(t, "resourceMetrics: {legacyMetrics: Disabled}"))
	g.Expect(stored(t, relabelings, map[string]string{"__name__": "gotk_reconcile_condition", "namespace": "apps"})).To(BeNil())
	g.Expect(stored(t, relabelings, map[string]string{"__name__": "gotk_resource_info", "pod": "a"})).To(
		Equal(map[string]string{"__name__": "gotk_resource_info", "instance": "fluxmonitoring-operator"}))
}

func TestLabelsOfFluxOperatorAreCutToTheLimit(t *testing.T) {
	for value, want := range map[string]string{
		strings.Repeat("a", 255):                 strings.Repeat("a", 255),
		strings.Repeat("a", 256):                 strings.Repeat("a", 255),
		strings.Repeat("🙂", 3000):                strings.Repeat("🙂", 255),
		"a\n" + strings.Repeat("\n", 3000) + "b": "a\n" + strings.Repeat("\n", 253),
		"main@sha1:6a26ba39":                     "main@sha1:6a26ba39",
	} {
		scraped, stays := map[string]string{"__name__": "flux_resource_info", "name": "shop"}, map[string]string{"__name__": "flux_resource_info", "name": "shop"}
		for _, label := range []string{"reason", "revision", "url", "ref", "source_name", "path", "registry"} {
			scraped[label], stays[label] = value, want
		}
		NewWithT(t).Expect(stored(t, reportRelabelings(), scraped)).To(Equal(stays))
		NewWithT(t).Expect(len(want)).To(BeNumerically("<=", labelValueLengthLimit))
	}
	few := map[string]string{"__name__": "flux_resource_info", "name": "shop"}
	NewWithT(t).Expect(stored(t, reportRelabelings(), few)).To(Equal(few), "no label arises")
}

func TestLegacyMetricsOfOldControllersAreDroppedBesideTheExporter(t *testing.T) {
	g := NewWithT(t)
	guide := map[string]string{"__name__": "gotk_reconcile_condition", "namespace": "apps"}
	old := exporting(fluxOf("v2.4.0", "kustomize-controller", "helm-controller"))
	g.Expect(stored(t, dropRelabelings(monitoring(t, "{}"), old), guide)).To(BeNil())
	g.Expect(stored(t, dropRelabelings(monitoring(t, "resourceMetrics: {source: Controllers}"), old), guide)).To(Equal(guide))
}
