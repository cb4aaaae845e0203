package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Only the event of the change can lead to the repair: the next run is spec.interval away, ten minutes. `go run ./test/bench drift`
// measures how long the repair takes.
func TestAChangedFieldIsRestoredByItsEvent(t *testing.T) {
	const changed, removed = " after a change by controllers.test", ", because another client removed a field"
	for name, drift := range map[string]struct{ kind, object, patch, cause string }{
		"a scalar inside an atomic list": {"PodMonitor", "flux", `[{"op":"replace","path":"/spec/podMetricsEndpoints/0/interval","value":"7s"}]`, changed},
		"a whole list replaced":          {"PodMonitor", "flux", `[{"op":"replace","path":"/spec/podTargetLabels","value":["pod"]}]`, changed},
		"a field removed":                {"PodMonitor", "flux", `[{"op":"remove","path":"/spec/namespaceSelector"}]`, removed},
		"a dashboard edited":             {"ConfigMap", "flux-dashboard-cluster", `[{"op":"replace","path":"/data/flux-cluster.json","value":"{}"}]`, changed},
		"a rule removed":                 {"PrometheusRule", "flux", `[{"op":"remove","path":"/spec/groups/0"}]`, removed},
		"a GrafanaDashboard edited":      {"GrafanaDashboard", dashboard, `[{"op":"replace","path":"/spec/json","value":"{}"}]`, changed},
		"the digest changed":             {"ConfigMap", "flux-dashboard-cluster", `[{"op":"replace","path":"/metadata/annotations/fluxmonitoring.dev~1applied","value":"x"}]`, changed},
		"the owner taken away":           {"PodMonitor", "flux", `[{"op":"remove","path":"/metadata/ownerReferences"}]`, removed},
	} {
		t.Run(name, func(t *testing.T) {
			p := shared.undisturbed(t).withFlux().withPrometheus()
			fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) {
				if drift.kind == "GrafanaDashboard" {
					forGrafanaOperator(fm)
				}
			}), ready, "Scraped=Unknown/Selected") // with the labels that the Prometheus demands
			want := p.get(drift.kind, drift.object)

			o := p.get(drift.kind, drift.object)
			p.must(p.Patch(t.Context(), o, client.RawPatch(types.JSONPatchType, []byte(p.keyed(drift.patch)))))
			p.Expect(content(o)).NotTo(Equal(content(want)), "the patch changes the object")

			p.Eventually(func() any { return content(p.get(drift.kind, drift.object)) }).Should(Equal(content(want)))
			p.Eventually(func() []string { return p.events(fm) }).Should(
				ContainElement("Normal Restored " + drift.kind + "/" + drift.object + " restored" + drift.cause))
		})
	}
}

// content is an object without what the API server writes into it.
func content(o *unstructured.Unstructured) map[string]any {
	o = o.DeepCopy()
	o.SetManagedFields(nil)
	o.SetResourceVersion("")
	o.SetGeneration(0)
	return o.Object
}

func TestADeletedObjectIsCreatedAgain(t *testing.T) {
	for kind, name := range map[string]string{"PodMonitor": "flux", "PrometheusRule": "flux", "ConfigMap": "flux-dashboard-control-plane"} {
		t.Run(kind, func(t *testing.T) {
			p, _ := shared.in(t).monitored()
			gone := p.get(kind, name)
			p.must(p.Delete(t.Context(), gone))
			p.eventually("it comes back", func() bool {
				o := p.get(kind, name)
				return o != nil && o.GetUID() != gone.GetUID()
			})
		})
	}
}

func TestFieldsOfOtherManagersStay(t *testing.T) {
	p, fm := shared.in(t).monitored()

	// As prometheus-operator's webhook and a person would.
	o := p.get("PrometheusRule", "flux")
	patch := `{"metadata":{"annotations":{"prometheus-operator-validated":"true"},"labels":{"team":"a"}}}`
	p.must(p.Patch(t.Context(), o, client.RawPatch(types.MergePatchType, []byte(patch))))
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts.Labels = map[string]string{"tier": "platform"} })
	p.settled(fm, ready)

	o = p.get("PrometheusRule", "flux")
	p.Expect(o.GetAnnotations()).To(HaveKeyWithValue("prometheus-operator-validated", "true"))
	p.Expect(o.GetLabels()).To(HaveKeyWithValue("team", "a"))
}
