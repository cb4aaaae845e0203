package observe

import (
	"slices"
	"testing"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/given"
	"github.com/fluxmonitoring/operator/test/rig"
)

var must = rig.Must

// served gives one reader for these kinds, and none for others.
type served struct {
	reader client.Reader
	kinds  []schema.GroupVersionKind
}

func (s served) Reader(kind schema.GroupVersionKind) client.Reader {
	if slices.Contains(s.kinds, kind) {
		return s.reader
	}
	return nil
}

func (served) Fault(schema.GroupVersionKind) error { return nil }

// fakeState has a kind of Flux, and an exporter that cannot read one.
type fakeState struct{}

func (fakeState) FluxKinds() []flux.ServedKind { return given.Kinds("Kustomization/v1") }

func (fakeState) Exporter() facts.Exporter {
	return facts.Exporter{Namespace: "fluxmonitoring-system", Serving: true, Faults: []string{"HelmRelease: forbidden"}}
}

func (fakeState) Timings() map[string]flux.ReconcileTimings {
	return map[string]flux.ReconcileTimings{"Kustomization": {Interval: time.Hour}}
}

// report is a FluxReport as a cache holds it.
func report(namespace string) *metav1.PartialObjectMetadata {
	r := kinds.Metadata(kinds.FluxReport)
	r.Namespace, r.Name = namespace, "flux"
	return r
}

// holding is a cache that holds these objects.
func holding(t *testing.T, objects ...client.Object) *fake.ClientBuilder {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme, v1alpha1.AddToScheme, monitoringv1.AddToScheme, monitoringv1alpha1.AddToScheme,
	} {
		must(t, add(s))
	}
	return fake.NewClientBuilder().WithScheme(s).WithObjects(objects...).
		WithIndex(&v1alpha1.FluxMonitoring{}, FluxNamespaceIndex, IndexFluxNamespace).
		WithIndex(&appsv1.Deployment{}, GrafanaIndex, IndexGrafana).WithIndex(&appsv1.StatefulSet{}, GrafanaIndex, IndexGrafana)
}

// observerOf observes a cache with these objects, in a cluster that serves these optional kinds.
func observerOf(t *testing.T, kinds []schema.GroupVersionKind, objects ...client.Object) *Observer {
	t.Helper()
	reader := holding(t, objects...).Build()
	return &Observer{Reader: reader, Optional: served{reader, kinds}, State: fakeState{}}
}

// observe returns the facts of a FluxMonitoring.
func (o *Observer) observe(t *testing.T, fm *v1alpha1.FluxMonitoring) facts.Facts {
	t.Helper()
	observed, err := o.Observe(t.Context(), fm)
	must(t, err)
	return observed
}

// specified is an object with a spec in YAML.
func specified[T any](t *testing.T, spec string) *T {
	t.Helper()
	o := new(T)
	must(t, yaml.UnmarshalStrict([]byte("spec:\n  "+spec), o))
	return o
}

func namespace(name string, labels map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

// prometheus is one of this name that selects everything everywhere.
func prometheus(namespace, name string) *monitoringv1.Prometheus {
	p := &monitoringv1.Prometheus{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"name": name}}}
	p.Spec.PodMonitorSelector, p.Spec.PodMonitorNamespaceSelector = &metav1.LabelSelector{}, &metav1.LabelSelector{}
	return p
}

func agent(namespace, name string) *monitoringv1alpha1.PrometheusAgent {
	return &monitoringv1alpha1.PrometheusAgent{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"name": name}}}
}

func aCluster() []client.Object {
	source, elsewhere := deployment("source-controller"), deployment("helm-controller")
	elsewhere.Namespace = "flux-two"
	return []client.Object{
		namespace("flux-system", nil), namespace("monitoring", map[string]string{"env": "prod"}), namespace("prometheus", map[string]string{"team": "a"}),
		&source, &elsewhere, prometheus("prometheus", "one"), prometheus("prometheus", "two"), agent("unknown", "agent"),
	}
}
