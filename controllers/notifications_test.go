package controllers_test

import (
	"testing"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

const oncall = "receivers: [{name: oncall, pagerdutyConfigs: [{routingKey: {name: pagerduty, key: routingKey}}]}]"

// annotating is a spec that has Grafana show Flux's events.
func annotating(t *testing.T, annotations string) func(*v1alpha1.FluxMonitoring) {
	t.Helper()
	a := &v1alpha1.EventAnnotationsSpec{}
	rig.Must(t, yaml.UnmarshalStrict([]byte(annotations), a))
	return func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.EventAnnotations = a }
}

// notifying is a spec that notifies these.
func notifying(t *testing.T, notifications string) func(*v1alpha1.FluxMonitoring) {
	t.Helper()
	n := &v1alpha1.NotificationsSpec{}
	rig.Must(t, yaml.UnmarshalStrict([]byte("{"+notifications+"}"), n))
	return func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Notifications = n }
}

func TestAnAlertmanagerConfigIsAppliedRestoredAndPruned(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus().withAlertmanager()
	fm := p.settled(p.create(notifying(t, oncall)), ready, "AlertsEffective=True/Effective")
	p.Expect(p.generated()).To(ConsistOf(append(but(usual), "AlertmanagerConfig/flux")))
	p.Expect(message(fm, "Ready")).To(Equal(
		"Flux v2.9.5 in " + p.flux + ": PodMonitor, PrometheusRule, AlertmanagerConfig and dashboards applied"))
	p.Expect(message(fm, "AlertsEffective")).To(HaveSuffix("evaluates the alerts, and Alertmanager " + p.namespace + "/main notifies the receivers"))
	config := p.get("AlertmanagerConfig", "flux")
	p.Expect(config.GetLabels()).To(HaveKeyWithValue("alertmanager", "main"), "its selector demands it")
	p.Expect(fm.Status.Inventory.Entries).To(ContainElement(v1alpha1.InventoryEntry{
		ID: p.namespace + "_flux_monitoring.coreos.com_AlertmanagerConfig", Version: "v1alpha1",
	}))
	p.Expect(p.rules("ReconciliationFailure")).To(HaveEach(HaveField("Labels", HaveKeyWithValue("fluxmonitoring", p.namespace+"/flux"))))

	drift := []byte(`[{"op":"replace","path":"/spec/route/repeatInterval","value":"7d"}]`)
	p.must(p.Patch(t.Context(), config, client.RawPatch(types.JSONPatchType, drift)))
	p.eventually("drift is undone", func() bool { return routeOf(p)["repeatInterval"] == "12h" })

	p.change(fm, notifying(t, oncall+", repeatInterval: 1d"))
	p.settled(fm, ready)
	p.eventually("the change is followed", func() bool { return routeOf(p)["repeatInterval"] == "1d" })

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Notifications = nil })
	p.settled(fm, ready, "AlertsEffective=True/Effective")
	p.eventually("it is pruned", func() bool { return p.get("AlertmanagerConfig", "flux") == nil })
	p.Expect(p.rules("ReconciliationFailure")).To(HaveEach(HaveField("Labels", Not(HaveKey("fluxmonitoring")))), "the label that routed to it is gone too")
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement("Normal Deleted AlertmanagerConfig/flux deleted"))
}

// routeOf is the route of the AlertmanagerConfig.
func routeOf(p *place) map[string]any {
	p.t.Helper()
	config := p.get("AlertmanagerConfig", "flux")
	if config == nil {
		return nil
	}
	route, _, err := unstructured.NestedMap(config.Object, "spec", "route")
	p.must(err)
	return route
}

func TestEventAnnotationsAreSentToGrafana(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	flux, _, err := cluster.CRDs(t.Context())
	p.must(err)
	p.installCRDs(t, flux)
	p.operator(t)
	const grafana = "{address: 'https://grafana.example.com/api/annotations', secretRef: {name: grafana}}"
	fm := p.settled(p.create(annotating(t, grafana)), ready)
	p.Expect(p.generated()).To(ContainElements("Provider/flux-grafana", "Alert/flux-grafana"))
	p.Expect(p.get("Provider", "flux-grafana").Object["spec"]).To(Equal(map[string]any{
		"type": "grafana", "address": "https://grafana.example.com/api/annotations", "secretRef": map[string]any{"name": "grafana"},
	}))
	sources, _, err := unstructured.NestedSlice(p.get("Alert", "flux-grafana").Object, "spec", "eventSources")
	p.must(err)
	p.Expect(sources).To(ContainElement(map[string]any{"kind": "ArtifactGenerator", "namespace": p.flux, "name": "*"}))
	p.Expect(sources).To(HaveLen(11), "the API server has accepted every kind")

	p.must(p.Delete(t.Context(), p.get("Provider", "flux-grafana")))
	p.eventually("it comes back", func() bool { return p.get("Provider", "flux-grafana") != nil })

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.EventAnnotations = nil })
	p.settled(fm, ready)
	p.eventually("both are pruned", func() bool { return len(p.generated()) == len(usual) })
}

func TestEventAnnotationsNeedTheAPIOfNotificationController(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(annotating(t, "{address: 'https://grafana.example.com/api/annotations'}")),
		"Ready=False/APIMissing", "Scraped=Unknown/Selected", "AlertsEffective=True/Effective")
	p.Expect(message(fm, fluxmeta.ReadyCondition)).To(Equal("Provider and Alert not applied, because " +
		"notification.toolkit.fluxcd.io/v1beta3 is not served: install notification-controller"))
}
