package observe

import (
	"testing"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
)

// served gives one reader for these kinds, and none for others.
type served struct {
	reader client.Reader
	kinds  []schema.GroupVersionKind
}

func (s served) Reader(kind schema.GroupVersionKind) client.Reader {
	for _, k := range s.kinds {
		if k == kind {
			return s.reader
		}
	}
	return nil
}

func (served) Fault(schema.GroupVersionKind) error { return nil }

// fakeState is what is told of Flux's APIs and the exporter.
type fakeState struct{}

func (fakeState) FluxKinds() []flux.ServedKind {
	return []flux.ServedKind{{Kind: flux.Kinds()[0], Version: "v1"}}
}

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
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	return fake.NewClientBuilder().WithScheme(s).WithObjects(objects...).
		WithIndex(&v1alpha1.FluxMonitoring{}, FluxNamespaceIndex, IndexFluxNamespace)
}

func namespace(name string, labels map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

// prometheus is one of this name that takes up everything everywhere.
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
