package controllers_test

import (
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
	"github.com/fluxmonitoring/operator/test/rig/operator"
)

// place is where one test works: a namespace for its FluxMonitoring, one for its Flux, and a label by which its resource
// selects its own Prometheus objects, so that tests on one cluster do not meet.
type place struct {
	*WithT // waits until soon, and looks often
	*testCluster
	t               *testing.T
	namespace, flux string
	mine            map[string]string
}

// in makes a place on the cluster. On the shared one the test runs beside others.
func (c *testCluster) in(t *testing.T) *place {
	t.Helper()
	if c == shared {
		t.Parallel()
	}
	return c.undisturbed(t)
}

// inVacantCluster makes a place on a cluster of its own, without an operator.
func inVacantCluster(t *testing.T) *place {
	t.Helper()
	return vacantCluster(t).in(t)
}

// inOwnCluster makes a place on a cluster of its own, in which the operator runs.
func inOwnCluster(t *testing.T, with ...func(*controllers.Options)) *place {
	t.Helper()
	p := inVacantCluster(t)
	p.operator(t, with...)
	return p
}

// undisturbed is as in, with no test beside: for what has to happen within a time. On the shared cluster a test deletes its
// FluxMonitorings when it ends: the operator would reconcile each of them again for every Prometheus that is created later.
func (c *testCluster) undisturbed(t *testing.T) *place {
	t.Helper()
	p := &place{WithT: NewWithT(t), testCluster: c, t: t}
	p.SetDefaultEventuallyTimeout(soon)
	p.SetDefaultEventuallyPollingInterval(often)
	p.SetDefaultConsistentlyDuration(quiet)
	p.SetDefaultConsistentlyPollingInterval(often)
	p.namespace = p.newNamespace("monitoring-")
	if c == shared {
		t.Cleanup(func() { c.deleteFluxMonitorings(t, client.InNamespace(p.namespace)) })
	}
	p.flux = p.newNamespace("flux-")
	p.mine = map[string]string{"test": p.namespace}
	return p
}

func (p *place) newNamespace(prefix string) string {
	p.t.Helper()
	n := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: prefix}}
	p.must(p.Create(p.t.Context(), n))
	return n.Name
}

// withFlux installs the Deployments of a Flux: these controllers, or all.
func (p *place) withFlux(components ...string) *place {
	p.t.Helper()
	p.must(cluster.InstallFlux(p.t.Context(), p.Client, p.flux, components...))
	return p
}

// withPrometheus creates a Prometheus in the place's namespace that selects by the label release, and sends alerts to an
// Alertmanager, as kube-prometheus-stack's does. The Alertmanager selects no AlertmanagerConfig.
func (p *place) withPrometheus(change ...func(*monitoringv1.Prometheus)) *place {
	p.t.Helper()
	release := &metav1.LabelSelector{MatchLabels: map[string]string{"release": "kube-prometheus-stack"}}
	everywhere := &metav1.LabelSelector{}
	o := &monitoringv1.Prometheus{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "k8s", Labels: p.mine}}
	o.Spec.PodMonitorSelector, o.Spec.PodMonitorNamespaceSelector = release, everywhere
	o.Spec.RuleSelector, o.Spec.RuleNamespaceSelector = release, everywhere
	o.Spec.Alerting = &monitoringv1.AlertingSpec{Alertmanagers: []monitoringv1.AlertmanagerEndpoints{{
		Name: "alertmanager-operated", Port: intstr.FromString("web"),
	}}}
	for _, c := range change {
		c(o)
	}
	p.must(p.Create(p.t.Context(), o))
	a := &monitoringv1.Alertmanager{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "k8s"}}
	p.must(client.IgnoreAlreadyExists(p.Create(p.t.Context(), a))) // which some tests leave when they delete the Prometheus
	return p
}

// fluxMonitoring is one for the place's Flux and Prometheus.
func (p *place) fluxMonitoring(change ...func(*v1alpha1.FluxMonitoring)) *v1alpha1.FluxMonitoring {
	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "flux"}}
	fm.Spec.Flux.Namespace = p.flux
	fm.Spec.Prometheus.Selector = &metav1.LabelSelector{MatchLabels: p.mine}
	fm.Spec.Prometheus.Verify.Mode = v1alpha1.VerifyModeOff // no Prometheus runs here; verify_test.go has one
	for _, c := range change {
		c(fm)
	}
	return fm
}

// create creates a FluxMonitoring.
func (p *place) create(change ...func(*v1alpha1.FluxMonitoring)) *v1alpha1.FluxMonitoring {
	p.t.Helper()
	fm := p.fluxMonitoring(change...)
	p.must(p.Create(p.t.Context(), fm))
	return fm
}

// change changes a FluxMonitoring's spec or metadata.
func (p *place) change(fm *v1alpha1.FluxMonitoring, change func(*v1alpha1.FluxMonitoring)) {
	p.t.Helper()
	p.must(p.Get(p.t.Context(), client.ObjectKeyFromObject(fm), fm))
	before := fm.DeepCopy()
	change(fm)
	p.must(p.Patch(p.t.Context(), fm, client.MergeFrom(before)))
}

// monitored adds a Flux, a Prometheus, and a FluxMonitoring that is ready and has these conditions too.
func (p *place) monitored(conditions ...string) (*place, *v1alpha1.FluxMonitoring) {
	p.t.Helper()
	p.withFlux().withPrometheus()
	return p, p.settled(p.create(), append(conditions, ready)...)
}

// settled waits for these conditions of the present generation, each written as Type=Status/Reason.
func (p *place) settled(fm *v1alpha1.FluxMonitoring, conditions ...string) *v1alpha1.FluxMonitoring {
	p.t.Helper()
	return operator.Settled(p.t, p, fm, conditions...)
}

const ready = "Ready=True/Applied"

func message(fm *v1alpha1.FluxMonitoring, condition string) string {
	if c := meta.FindStatusCondition(fm.Status.Conditions, condition); c != nil {
		return c.Message
	}
	return ""
}

// get reads an object of the place's namespace as plain data; nil when there is none.
func (p *place) get(kind, name string) *unstructured.Unstructured {
	p.t.Helper()
	o := object(kind, p.namespace, name)
	err := p.Get(p.t.Context(), client.ObjectKeyFromObject(o), o)
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return nil
	}
	p.must(err)
	return o
}

// object is one of a kind, with nothing but its name.
func object(kind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(apiVersion(kind))
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

func apiVersion(kind string) string {
	switch kind {
	case "ConfigMap":
		return "v1"
	case "AlertmanagerConfig":
		return "monitoring.coreos.com/v1alpha1"
	case "Provider", "Alert":
		return "notification.toolkit.fluxcd.io/v1beta3"
	case "GrafanaDashboard":
		return "grafana.integreatly.org/v1beta1"
	case "HelmRelease":
		return "helm.toolkit.fluxcd.io/v2"
	case "OCIRepository":
		return "source.toolkit.fluxcd.io/v1"
	case "Kustomization":
		return "kustomize.toolkit.fluxcd.io/v1"
	case "FluxInstance", "FluxReport":
		return "fluxcd.controlplane.io/v1"
	}
	return "monitoring.coreos.com/v1"
}

// What an empty spec comes to: dashboards, PodMonitors, and all of it with the PrometheusRule, as generated lists it.
var (
	boards = []string{
		"ConfigMap/flux-dashboard-cluster", "ConfigMap/flux-dashboard-control-plane", "ConfigMap/flux-dashboard-fluxmonitoring",
		"ConfigMap/flux-dashboard-resource",
	}
	monitors = []string{"PodMonitor/flux", "PodMonitor/flux-exporter", "PodMonitor/flux-fluxmonitoring"}
	usual    = slices.Concat(boards, monitors, []string{"PrometheusRule/flux"})
)

// but is a list without some of it.
func but(all []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}

// generated lists what the place's namespace has of generated kinds and with the operator's label, as Kind/name.
func (p *place) generated() []string {
	p.t.Helper()
	labelled := func(o unstructured.Unstructured) bool { _, is := o.GetLabels()["fluxmonitoring.dev/name"]; return is }
	return p.objects(labelled, "ConfigMap", "PodMonitor", "PrometheusRule", "AlertmanagerConfig", "Provider", "Alert", "GrafanaDashboard")
}

// objects lists those of these kinds in the place's namespace for which something holds, as Kind/name.
func (p *place) objects(holds func(unstructured.Unstructured) bool, kinds ...string) (names []string) {
	p.t.Helper()
	for _, kind := range kinds {
		list := &unstructured.UnstructuredList{}
		list.SetAPIVersion(apiVersion(kind))
		list.SetKind(kind + "List")
		err := p.List(p.t.Context(), list, client.InNamespace(p.namespace))
		if !meta.IsNoMatchError(err) {
			p.must(client.IgnoreNotFound(err))
		}
		for _, o := range list.Items {
			if holds(o) {
				names = append(names, kind+"/"+o.GetName())
			}
		}
	}
	return names
}

// events are the notes of the events about a FluxMonitoring, each with its type and reason.
func (p *place) events(fm *v1alpha1.FluxMonitoring) []string {
	p.t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion("events.k8s.io/v1")
	list.SetKind("EventList")
	p.must(p.List(p.t.Context(), list, client.InNamespace(p.namespace)))
	var notes []string
	for _, e := range list.Items {
		if name, _, _ := unstructured.NestedString(e.Object, "regarding", "name"); name == fm.Name {
			notes = append(notes, strings.Join([]string{text(e, "type"), text(e, "reason"), text(e, "note")}, " "))
		}
	}
	return notes
}

func text(o unstructured.Unstructured, field string) string {
	s, _, _ := unstructured.NestedString(o.Object, field)
	return s
}

func (p *place) must(err error) {
	p.t.Helper()
	rig.Must(p.t, err)
}

// eventually waits until a condition holds.
func (p *place) eventually(what string, holds func() bool) {
	p.t.Helper()
	p.Eventually(holds).Should(BeTrue(), what)
}
