package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Nothing but the event of the change leads to the repair: the next re-check is spec.interval away, ten minutes. How long the repair
// takes is measured by `go run ./test/bench drift`.
func TestAChangedFieldIsRestoredByItsEvent(t *testing.T) {
	for name, drift := range map[string]struct{ kind, object, patch string }{
		"a scalar inside an atomic list": {"PodMonitor", "flux", `[{"op":"replace","path":"/spec/podMetricsEndpoints/0/interval","value":"7s"}]`},
		"a whole list replaced":          {"PodMonitor", "flux", `[{"op":"replace","path":"/spec/podTargetLabels","value":["pod"]}]`},
		"a field removed":                {"PodMonitor", "flux", `[{"op":"remove","path":"/spec/namespaceSelector"}]`},
		"a dashboard edited":             {"ConfigMap", "flux-dashboard-cluster", `[{"op":"replace","path":"/data/flux-cluster.json","value":"{}"}]`},
		"a rule removed":                 {"PrometheusRule", "flux", `[{"op":"remove","path":"/spec/groups/0"}]`},
		"the owner label removed":        {"ConfigMap", "flux-dashboard-cluster", `[{"op":"remove","path":"/metadata/labels/fluxmonitoring.dev~1name"}]`},
		"the digest changed":             {"ConfigMap", "flux-dashboard-cluster", `[{"op":"replace","path":"/metadata/annotations/fluxmonitoring.dev~1applied","value":"x"}]`},
		"the owner taken away":           {"PodMonitor", "flux", `[{"op":"remove","path":"/metadata/ownerReferences"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := shared.undisturbed(t).withFlux().withPrometheus()
			fm := p.settled(p.create(), ready, "Scraped=True/Selected") // with the labels that the Prometheus demands
			want := p.get(drift.kind, drift.object)

			o := p.get(drift.kind, drift.object)
			p.must(p.Patch(t.Context(), o, client.RawPatch(types.JSONPatchType, []byte(p.keyed(drift.patch)))))
			g.Expect(content(o)).NotTo(Equal(content(want)), "the drift must be one")

			g.Eventually(func() any { return content(p.get(drift.kind, drift.object)) }, soon, often).Should(Equal(content(want)))
			g.Eventually(func() []string { return p.events(fm) }, soon, often).Should(
				ContainElement("Normal Restored " + drift.kind + "/" + drift.object + " restored"))
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

func TestADeletedObjectComesBack(t *testing.T) {
	for kind, name := range map[string]string{"PodMonitor": "flux", "PrometheusRule": "flux", "ConfigMap": "flux-dashboard-control-plane"} {
		t.Run(kind, func(t *testing.T) {
			p := shared.in(t).withFlux().withPrometheus()
			p.settled(p.create(), ready)
			gone := p.get(kind, name)
			p.must(p.Delete(t.Context(), gone))
			p.eventually("it comes back", func() bool {
				o := p.get(kind, name)
				return o != nil && o.GetUID() != gone.GetUID()
			})
		})
	}
}

func TestOtherManagersFieldsStay(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)

	// As prometheus-operator's webhook and a person would.
	o := p.get("PrometheusRule", "flux")
	patch := `{"metadata":{"annotations":{"prometheus-operator-validated":"true"},"labels":{"team":"a"}}}`
	p.must(p.Patch(t.Context(), o, client.RawPatch(types.MergePatchType, []byte(patch))))
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts.Labels = map[string]string{"tier": "platform"} })
	p.settled(fm, ready)

	o = p.get("PrometheusRule", "flux")
	g.Expect(o.GetAnnotations()).To(HaveKeyWithValue("prometheus-operator-validated", "true"))
	g.Expect(o.GetLabels()).To(HaveKeyWithValue("team", "a"))
}
