package controllers_test

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

const grafanaOperatorCRDs = "../test/cluster/manifests/grafana-operator/crds.yaml"

// forGrafanaOperator is a spec whose dashboards grafana-operator reads.
func forGrafanaOperator(fm *v1alpha1.FluxMonitoring) {
	fm.Spec.Dashboards.Format = v1alpha1.DashboardFormatGrafanaDashboard
}

// customBoards are the dashboards of an empty spec as grafana-operator reads them.
func customBoards() []string {
	var custom []string
	for _, b := range boards {
		custom = append(custom, "GrafanaDashboard/"+strings.TrimPrefix(b, "ConfigMap/"))
	}
	return custom
}

func TestAChangeOfFormatPrunesTheFormerDashboards(t *testing.T) {
	p, fm := shared.in(t).monitored()
	p.Expect(p.generated()).To(ConsistOf(usual))

	p.change(fm, forGrafanaOperator)
	p.settled(fm, ready)
	p.Expect(p.generated()).To(ConsistOf(append(but(usual, boards...), customBoards()...)))
	p.Expect(message(fm, "Ready")).To(Equal("Flux v2.9.5 in " + p.flux + ": PodMonitor, PrometheusRule and GrafanaDashboard applied"))
	p.Expect(fm.Status.Inventory.Entries).To(ContainElement(v1alpha1.InventoryEntry{
		ID: p.namespace + "_flux-dashboard-cluster_grafana.integreatly.org_GrafanaDashboard", Version: "v1beta1",
	}))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Format = v1alpha1.DashboardFormatConfigMap })
	p.settled(fm, ready)
	p.Expect(p.generated()).To(ConsistOf(usual))
}

func TestTheAPIOfGrafanaOperatorCanComeAndGo(t *testing.T) {
	p := inOwnCluster(t).withFlux().withPrometheus()
	fm := p.settled(p.create(forGrafanaOperator), "Ready=False/APIMissing", "Scraped=Unknown/Selected", "AlertsEffective=True/Effective")
	p.Expect(message(fm, "Ready")).To(Equal("GrafanaDashboard not applied, because " +
		"grafana.integreatly.org/v1beta1 is not served: install grafana-operator's CRDs"))
	p.Expect(p.generated()).To(ConsistOf(but(usual, boards...)))

	for range 2 {
		p.installCRDs(t, grafanaOperatorCRDs)
		arrived := time.Now()
		p.settled(fm, ready)
		p.Expect(time.Since(arrived)).To(BeNumerically("<", 10*time.Second), "within seconds of its arrival")
		p.Expect(p.generated()).To(ConsistOf(append(but(usual, boards...), customBoards()...)))

		p.removeCRD("grafanadashboards.grafana.integreatly.org")
		p.settled(fm, "Ready=False/APIMissing")
	}
}

func TestChangesByGrafanaOperatorAreNoDrift(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(forGrafanaOperator), ready)
	o := p.get("GrafanaDashboard", dashboard)
	hold := []byte(`{"metadata":{"finalizers":["operator.grafana.com/finalizer"]}}`)
	p.must(p.Patch(t.Context(), o, client.RawPatch(types.MergePatchType, hold)))
	status := []byte(`{"status":{"hash":"abc","lastResync":"2026-01-02T03:04:05Z"}}`)
	p.must(p.Client.Status().Patch(t.Context(), o, client.RawPatch(types.MergePatchType, status)))
	written := o.GetResourceVersion()
	p.Consistently(func() string { return p.get("GrafanaDashboard", dashboard).GetResourceVersion() }).Should(Equal(written))
	p.requested(fm, "now", ready)
	p.Expect(p.get("GrafanaDashboard", dashboard).GetResourceVersion()).To(Equal(written))

	p.must(p.Delete(t.Context(), o))
	release := []byte(`{"metadata":{"finalizers":null}}`)
	p.must(p.Patch(t.Context(), p.get("GrafanaDashboard", dashboard), client.RawPatch(types.MergePatchType, release)))
	p.eventually("one that is deleted comes back when grafana-operator has let it go", func() bool {
		again := p.get("GrafanaDashboard", dashboard)
		return again != nil && again.GetUID() != o.GetUID()
	})
}

func TestAnImmutableInstanceSelectorIsReported(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(forGrafanaOperator), ready)
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Dashboards.InstanceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"dashboards": "platform"}}
	})
	p.settled(fm, "Ready=False/Rejected", "Stalled=True/Rejected")
	p.Expect(message(fm, "Ready")).To(ContainSubstring("spec.instanceSelector is immutable"))

	p.must(p.DeleteAllOf(t.Context(), object("GrafanaDashboard", "", ""), client.InNamespace(p.namespace), client.HasLabels{"fluxmonitoring.dev/name"}))
	p.settled(fm, ready)
	selector, _, err := unstructured.NestedMap(p.get("GrafanaDashboard", dashboard).Object, "spec", "instanceSelector")
	p.must(err)
	p.Expect(selector).To(Equal(map[string]any{"matchLabels": map[string]any{"dashboards": "platform"}}))
}

// The limits by which a dashboard is refused are those of this API server and its etcd: what is just below is stored.
func TestTheLargestAllowedDashboardIsStored(t *testing.T) {
	p := shared.in(t)
	config := &corev1.ConfigMap{Data: map[string]string{"a": strings.Repeat("x", 1<<20)}}
	config.Namespace, config.Name = p.namespace, "most"
	p.must(p.Create(t.Context(), config.DeepCopy()))
	config.Name, config.Data["a"] = "more", config.Data["a"]+"x"
	p.Expect(p.Create(t.Context(), config)).To(MatchError(ContainSubstring("Too long")))

	most := object("GrafanaDashboard", p.namespace, "most")
	most.Object["spec"] = map[string]any{"instanceSelector": map[string]any{}, "json": strings.Repeat("x", 3<<19-1<<15-2000)}
	p.must(p.Create(t.Context(), most))
}
