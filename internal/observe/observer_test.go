package observe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestTheFactsOfACluster(t *testing.T) {
	all := kinds.Optional()
	everything := selection.Selectors{Objects: &metav1.LabelSelector{}, Namespaces: &metav1.LabelSelector{}}
	one := selection.Instance{
		Kind: "Prometheus", Namespace: "prometheus", Name: "one", Labels: map[string]string{"name": "one"},
		NamespaceLabels: map[string]string{"team": "a"}, PodMonitors: everything,
	}
	two := one
	two.Name, two.Labels = "two", map[string]string{"name": "two"}
	third := selection.Instance{Kind: "PrometheusAgent", Namespace: "unknown", Name: "agent", Labels: map[string]string{"name": "agent"}}
	installed := flux.Installation{Namespace: "flux-system", Version: "v2.9.4", Controllers: []flux.Controller{
		{Name: "source-controller", App: "source-controller", Component: "source-controller", Version: "v1.9.4"},
	}}
	servedNow := func(are ...schema.GroupVersionKind) map[schema.GroupVersionKind]bool {
		m := map[schema.GroupVersionKind]bool{kinds.ConfigMap: true}
		for _, k := range kinds.Optional() {
			m[k] = slices.Contains(are, k)
		}
		return m
	}
	for name, c := range map[string]struct {
		kinds  []schema.GroupVersionKind
		change func(*v1alpha1.FluxMonitoring)
		facts  facts.Facts
	}{
		"everything served": {all, nil, facts.Facts{
			Flux: installed, FluxNamespaceExists: true, Served: servedNow(all...), Prometheuses: []selection.Instance{one, two, third},
		}},
		"no kind of prometheus-operator's served": {nil, nil, facts.Facts{Flux: installed, FluxNamespaceExists: true, Served: servedNow()}},
		"agents alone served": {[]schema.GroupVersionKind{kinds.PrometheusAgent}, nil, facts.Facts{
			Flux: installed, FluxNamespaceExists: true, Served: servedNow(kinds.PrometheusAgent),
			Prometheuses: []selection.Instance{third},
		}},
		"one Prometheus selected": {all, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Prometheus.Selector = matching("name", "two") }, facts.Facts{
			Flux: installed, FluxNamespaceExists: true, Served: servedNow(all...), Prometheuses: []selection.Instance{two},
		}},
		"an empty namespace for Flux": {nil, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = "prometheus" }, facts.Facts{
			Flux: flux.Installation{Namespace: "prometheus"}, FluxNamespaceExists: true, Served: servedNow(),
		}},
		"no namespace for Flux": {nil, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = "nowhere" }, facts.Facts{
			Flux: flux.Installation{Namespace: "nowhere"}, Served: servedNow(),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			fm := fluxMonitoring("flux", 1)
			if c.change != nil {
				c.change(fm)
			}
			observer := observerOf(t, c.kinds, append(aCluster(), fm)...)
			observer.MetricsNamespace = "fluxmonitoring-system"
			facts := observer.observe(t, fm)
			c.facts.MetricsNamespace, c.facts.NamespaceLabels = "fluxmonitoring-system", map[string]string{"env": "prod"}
			c.facts.FluxKinds, c.facts.Exporter, c.facts.Timings = fakeState{}.FluxKinds(), fakeState{}.Exporter(), fakeState{}.Timings()
			g.Expect(facts).To(Equal(c.facts))
			g.Expect(facts.PrometheusesServed()).To(Equal(len(c.kinds) > 0))
		})
	}
}

func TestAFluxReportIsOfItsOwnNamespace(t *testing.T) {
	for name, c := range map[string]struct {
		objects []client.Object
		kinds   []schema.GroupVersionKind
		want    string
	}{
		"a report beside Flux":               {[]client.Object{report("flux-system")}, kinds.Optional(), "flux-system"},
		"a report on another Flux":           {[]client.Object{report("flux-two")}, kinds.Optional(), ""},
		"no report, though it is installed":  {nil, kinds.Optional(), ""},
		"no such kind, whatever a cache has": {[]client.Object{report("flux-system")}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			fm := fluxMonitoring("flux", 1)
			facts := observerOf(t, c.kinds, append(append(aCluster(), c.objects...), fm)...).observe(t, fm)
			NewWithT(t).Expect(facts.FluxOperatorNamespace).To(Equal(c.want))
		})
	}
}

func TestAnOlderClaimOfTheSameUseHasPriority(t *testing.T) {
	none := claims.Decision{}
	waits := claims.Decision{
		Step: claims.Wait, Winner: types.NamespacedName{Namespace: "monitoring", Name: "older"},
		Use: claims.Use{Verb: claims.Scrape, Kind: "Prometheus", Namespace: "prometheus", Name: "one"},
	}
	deleted := func(fm *v1alpha1.FluxMonitoring) {
		fm.Finalizers, fm.DeletionTimestamp = []string{"a/b"}, &metav1.Time{Time: fm.CreationTimestamp.Time}
	}
	sharded := func(fm *v1alpha1.FluxMonitoring) { fm.Labels = map[string]string{"shard": "b"} }
	seen := func(fm *v1alpha1.FluxMonitoring) { sharded(fm); fm.Status.ObservedGeneration = 1 }
	for name, c := range map[string]struct {
		older  func(*v1alpha1.FluxMonitoring)
		beside string
		want   claims.Decision
	}{
		"an older one of the same":                     {func(*v1alpha1.FluxMonitoring) {}, "", waits},
		"an older one that names the default":          {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = "flux-system" }, "", waits},
		"an older one of another Flux":                 {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = "flux-two" }, "", none},
		"an older one for another Prometheus":          {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Prometheus.Selector = matching("name", "two") }, "", none},
		"an older one that is being deleted":           {deleted, "", none},
		"an older one that is suspended":               {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = true }, "", none},
		"an older one of a shard without an operator":  {sharded, "", none},
		"an older one of another shard":                {seen, "", waits},
		"an older one, and this lives beside Flux":     {func(*v1alpha1.FluxMonitoring) {}, "flux-system", none},
		"an older one, and this lives by the operator": {func(*v1alpha1.FluxMonitoring) {}, "fluxmonitoring-system", none},
	} {
		t.Run(name, func(t *testing.T) {
			older, fm := fluxMonitoring("older", 1), fluxMonitoring("flux", 2)
			fm.Spec.Prometheus.Selector, fm.Labels = matching("name", "one"), map[string]string{"shard": "a"}
			older.Labels = fm.Labels
			if c.beside != "" {
				fm.Namespace = c.beside
			}
			c.older(older)
			observer := observerOf(t, kinds.Optional(), append(aCluster(), fm, older)...)
			observer.OperatorNamespace, observer.Shard = "fluxmonitoring-system", labels.SelectorFromSet(labels.Set{"shard": "a"})
			NewWithT(t).Expect(observer.observe(t, fm).Claim).To(Equal(c.want))
		})
	}
}

func TestAnErrorNamesWhatCannotBeRead(t *testing.T) {
	for broken, message := range map[string]string{
		"*v1.DeploymentList":                                              "listing Deployments of namespace flux-system: broken",
		"*v1.PartialObjectMetadata flux-system":                           "reading namespace flux-system: broken",
		"*v1.PartialObjectMetadata monitoring":                            "reading namespace monitoring: broken",
		"*v1.PartialObjectMetadata prometheus":                            "reading namespace prometheus: broken",
		"*v1.PartialObjectMetadata vmagents.operator.victoriametrics.com": "reading CRD vmagents.operator.victoriametrics.com: broken",
		"*v1.PrometheusList":                                              "listing Prometheus objects: broken",
		"*v1.AlertmanagerList":                                            "listing Alertmanager objects: broken",
		"*v1alpha1.FluxMonitoringList":                                    "listing FluxMonitorings of Flux in namespace flux-system: broken",
	} {
		t.Run(broken, func(t *testing.T) {
			fm := fluxMonitoring("flux", 1)
			reader := holding(t, append(aCluster(), fm)...).WithInterceptorFuncs(interceptor.Funcs{
				List: func(ctx context.Context, w client.WithWatch, l client.ObjectList, options ...client.ListOption) error {
					if fmt.Sprintf("%T", l) == broken {
						return errors.New("broken")
					}
					return w.List(ctx, l, options...)
				},
				Get: func(ctx context.Context, w client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
					if fmt.Sprintf("%T %s", o, key.Name) == broken {
						return errors.New("broken")
					}
					return w.Get(ctx, key, o, options...)
				},
			}).Build()
			_, err := (&Observer{Reader: reader, Optional: served{reader, kinds.Optional()}, State: fakeState{}}).Observe(t.Context(), fm)
			NewWithT(t).Expect(err).To(MatchError(message))
		})
	}
}

func TestCollectorsAreThoseWhoseCRDsStay(t *testing.T) {
	crd := func(name string) *metav1.PartialObjectMetadata {
		crd := kinds.Metadata(kinds.CustomResourceDefinition)
		crd.Name = name
		return crd
	}
	leaves := crd("vmalerts.operator.victoriametrics.com")
	leaves.Finalizers, leaves.DeletionTimestamp = []string{"a/b"}, &metav1.Time{Time: time.Unix(1, 0)}
	fm := fluxMonitoring("flux", 1)
	o := observerOf(t, nil, append(aCluster(), fm, leaves, crd("vmagents.operator.victoriametrics.com"), crd("podmonitors.azmonitoring.coreos.com"))...)
	served := o.observe(t, fm).Served
	maps.DeleteFunc(served, func(_ schema.GroupVersionKind, is bool) bool { return !is })
	g := NewWithT(t)
	g.Expect(slices.Collect(maps.Keys(served))).To(ConsistOf(kinds.ConfigMap, kinds.VMAgent, kinds.AzurePodMonitor))
	cluster, err := o.Cluster(t.Context(), nil, nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(cluster.Serves).To(Equal([]string{"operator.victoriametrics.com/v1beta1/VMAgent", "azmonitoring.coreos.com/v1/PodMonitor"}))
}

func TestFluxMonitoringsAreIndexedByFluxNamespace(t *testing.T) {
	g := NewWithT(t)
	fm := fluxMonitoring("flux", 1)
	g.Expect(IndexFluxNamespace(fm)).To(Equal([]string{"flux-system"}))
	fm.Spec.Flux.Namespace = "gitops"
	g.Expect(IndexFluxNamespace(fm)).To(Equal([]string{"gitops"}))
	g.Expect(IndexFluxNamespace(&corev1.ConfigMap{})).To(BeNil())
}

func TestWithoutDashboardsThereIsNoSuffix(t *testing.T) {
	g := NewWithT(t)
	one, off := fluxMonitoring("b", 2), false
	one.Spec.Dashboards.Enabled = &off
	o := Observer{}
	g.Expect(o.dashboardUIDSuffix(t.Context(), one)).To(BeEmpty(), "and nothing is read")
}
