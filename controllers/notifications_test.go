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
)

const oncall = "receivers: [{name: oncall, pagerdutyConfigs: [{routingKey: {name: pagerduty, key: routingKey}}]}]"

// annotating is a spec that has Grafana show Flux's events.
func annotating(t *testing.T, annotations string) func(*v1alpha1.FluxMonitoring) {
	t.Helper()
	a := &v1alpha1.EventAnnotationsSpec{}
	if err := yaml.UnmarshalStrict([]byte(annotations), a); err != nil {
		t.Fatal(err)
	}
	return func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.EventAnnotations = a }
}

// notifying is a spec that notifies these.
func notifying(t *testing.T, notifications string) func(*v1alpha1.FluxMonitoring) {
	t.Helper()
	n := &v1alpha1.NotificationsSpec{}
	if err := yaml.UnmarshalStrict([]byte("{"+notifications+"}"), n); err != nil {
		t.Fatal(err)
	}
	return func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Notifications = n }
}

func TestReceiversAreToldFollowedAndPruned(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus().withAlertmanager()
	fm := p.settled(p.create(notifying(t, oncall)), ready, "AlertsEffective=True/Effective")
	g.Expect(p.generated()).To(ConsistOf(append(but(usual), "AlertmanagerConfig/flux")))
	g.Expect(message(fm, "Ready")).To(Equal(
		"Flux v2.9.5 in " + p.flux + ": PodMonitor, PrometheusRule, AlertmanagerConfig and dashboards applied"))
	g.Expect(message(fm, "AlertsEffective")).To(HaveSuffix("sent to its Alertmanager; Alertmanager " + p.namespace + "/main notifies the receivers"))
	config := p.get("AlertmanagerConfig", "flux")
	g.Expect(config.GetLabels()).To(HaveKeyWithValue("alertmanager", "main"), "its selector demands it")
	g.Expect(fm.Status.Inventory.Entries).To(ContainElement(v1alpha1.InventoryEntry{
		ID: p.namespace + "_flux_monitoring.coreos.com_AlertmanagerConfig", Version: "v1alpha1",
	}))
	g.Expect(routedBy(p)).To(Equal(p.namespace + "/flux"))

	drift := []byte(`[{"op":"replace","path":"/spec/route/repeatInterval","value":"7d"}]`)
	p.must(p.Patch(t.Context(), config, client.RawPatch(types.JSONPatchType, drift)))
	p.eventually("drift is undone", func() bool { return routeOf(p)["repeatInterval"] == "12h" })

	p.change(fm, notifying(t, oncall+", repeatInterval: 1d"))
	p.settled(fm, ready)
	p.eventually("the change is followed", func() bool { return routeOf(p)["repeatInterval"] == "1d" })

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Notifications = nil })
	p.settled(fm, ready, "AlertsEffective=True/Effective")
	p.eventually("it is pruned", func() bool { return p.get("AlertmanagerConfig", "flux") == nil })
	g.Expect(routedBy(p)).To(BeNil(), "nor is the label on alerts that led to it")
	g.Eventually(func() []string { return p.events(fm) }, soon, often).Should(ContainElement("Normal Deleted AlertmanagerConfig/flux deleted"))
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

// routedBy is the label on the guide's alert by which its notifications are routed.
func routedBy(p *place) any {
	p.t.Helper()
	groups, _, err := unstructured.NestedSlice(p.get("PrometheusRule", "flux").Object, "spec", "groups")
	p.must(err)
	for _, group := range groups {
		for _, rule := range group.(map[string]any)["rules"].([]any) {
			if alert := rule.(map[string]any); alert["alert"] == "ReconciliationFailure" {
				return alert["labels"].(map[string]any)["fluxmonitoring"]
			}
		}
	}
	p.t.Fatal("the guide's alert is not there")
	return nil
}

func TestAReceiverThatPrometheusOperatorWouldRefuseIsStalledWithItsField(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(notifying(t, "receivers: [{name: a}, {name: b, pagerdutyConfigs: [{routingKey: {key: token}}]}]")), "Stalled=True/InvalidSpec")
	g.Expect(message(fm, "Ready")).To(Equal("spec.notifications.receivers[1]: pagerdutyConfigs[0].routingKey must name a Secret and a key in it, " +
		"such as {name: oncall, key: token}"))
}

func TestAlertmanagerConfigMayBeAbsentArriveInEitherVersionAndLeave(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	served := func(versions ...version) *unstructured.Unstructured {
		return crdOf(definitionOf{Group: "monitoring.coreos.com", Kind: "AlertmanagerConfig", Plural: "alertmanagerconfigs", Versions: versions})
	}
	p := c.in(t)
	p.removeCRD("alertmanagerconfigs.monitoring.coreos.com")
	c.operator(t)
	p.withFlux().withPrometheus().withAlertmanager()
	fm := p.settled(p.create(notifying(t, oncall)), "Ready=False/APIMissing", "Scraped=True/Selected", "AlertsEffective=False/ApplyFailed")
	g.Expect(message(fm, "Ready")).To(Equal("AlertmanagerConfig not applied, because the cluster does not serve " +
		"monitoring.coreos.com/v1alpha1: install the CRDs of prometheus-operator; the operator then continues automatically"))
	g.Expect(p.generated()).To(ConsistOf(usual))

	p.must(cluster.Apply(t.Context(), p.Client, served(version{"v1beta1", true, true})))
	p.settled(fm, ready, "AlertsEffective=True/Effective")
	of := func() (uid types.UID, inventory string) {
		p.settled(fm, ready)
		for _, e := range fm.Status.Inventory.Entries {
			if e.ID == p.namespace+"_flux_monitoring.coreos.com_AlertmanagerConfig" {
				inventory = e.Version
			}
		}
		config := &unstructured.Unstructured{}
		config.SetAPIVersion("monitoring.coreos.com/" + inventory)
		config.SetKind("AlertmanagerConfig")
		p.must(p.Get(t.Context(), client.ObjectKey{Namespace: p.namespace, Name: "flux"}, config))
		return config.GetUID(), inventory
	}
	uid, inventory := of()
	g.Expect(inventory).To(Equal("v1beta1"))

	p.must(cluster.Apply(t.Context(), p.Client, served(version{"v1beta1", true, true}, version{"v1alpha1", true, false})))
	p.eventually("the version that most clusters serve is preferred", func() bool { _, is := of(); return is == "v1alpha1" })
	same, _ := of()
	g.Expect(same).To(Equal(uid), "it is the same object all the while")

	p.removeCRD("alertmanagerconfigs.monitoring.coreos.com")
	p.settled(fm, "Ready=False/APIMissing")
}

func TestGrafanaIsToldOfFluxsEvents(t *testing.T) {
	g := NewWithT(t)
	flux, _, err := cluster.CRDs(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	c := vacantCluster(t)
	c.installCRDs(t, flux)
	c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	const grafana = "{address: 'https://grafana.example.com/api/annotations', secretRef: {name: grafana}}"
	fm := p.settled(p.create(annotating(t, grafana)), ready)
	g.Expect(p.generated()).To(ContainElements("Provider/flux-grafana", "Alert/flux-grafana"))
	g.Expect(p.get("Provider", "flux-grafana").Object["spec"]).To(Equal(map[string]any{
		"type": "grafana", "address": "https://grafana.example.com/api/annotations", "secretRef": map[string]any{"name": "grafana"},
	}))
	sources, _, err := unstructured.NestedSlice(p.get("Alert", "flux-grafana").Object, "spec", "eventSources")
	p.must(err)
	g.Expect(sources).To(ContainElement(map[string]any{"kind": "ArtifactGenerator", "namespace": p.flux, "name": "*"}))
	g.Expect(sources).To(HaveLen(11), "the API server has accepted every kind")

	p.must(p.Delete(t.Context(), p.get("Provider", "flux-grafana")))
	p.eventually("it comes back", func() bool { return p.get("Provider", "flux-grafana") != nil })

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.EventAnnotations = nil })
	p.settled(fm, ready)
	p.eventually("both are pruned", func() bool { return len(p.generated()) == len(usual) })
}

func TestWithoutNotificationControllersAPIGrafanaIsNotToldAndItIsSaid(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(annotating(t, "{address: 'https://grafana.example.com/api/annotations'}")),
		"Ready=False/APIMissing", "Scraped=True/Selected", "AlertsEffective=True/Effective")
	g.Expect(message(fm, fluxmeta.ReadyCondition)).To(Equal("Provider and Alert not applied, because the cluster does not serve " +
		"notification.toolkit.fluxcd.io/v1beta3: install Flux's notification-controller with its CRDs; the operator then continues automatically"))
}
