package controllers_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// fluxOperatorCRDs are the definitions of flux-operator's kinds.
const fluxOperatorCRDs = "../test/cluster/manifests/flux-operator/crds.yaml"

// kustomization is a suspended Kustomization of this name, which no controller reconciles.
func kustomization(namespace, name string) *unstructured.Unstructured {
	o := object("Kustomization", namespace, name)
	o.Object["spec"] = map[string]any{
		"interval": "10m", "prune": true, "suspend": true, "sourceRef": map[string]any{"kind": "GitRepository", "name": "shop"},
	}
	return o
}

// definition is the CRD of the Kustomization.
func definition(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	folder, _, err := cluster.CRDs(t.Context())
	rig.Must(t, err)
	return rig.Objects(t, rig.Read(t, filepath.Join(folder, "kustomize.toolkit.fluxcd.io_kustomizations.yaml")))[0]
}

// withKustomizations installs the CRD of the Kustomization, and creates suspended ones of these names in the place's Flux.
func (p *place) withKustomizations(names ...string) *place {
	p.t.Helper()
	p.must(cluster.Apply(p.t.Context(), p.Client, definition(p.t)))
	for _, name := range names {
		p.createOnceServed(kustomization(p.flux, name))
	}
	return p
}

// createOnceServed creates an object, once the API server serves its kind.
func (p *place) createOnceServed(o *unstructured.Unstructured) {
	p.t.Helper()
	p.Eventually(func() error { return p.Create(p.t.Context(), o.DeepCopy()) }).Should(Succeed())
}

func TestObjectsAreExportedWhileAFluxMonitoringNeedsThem(t *testing.T) {
	at, exporter := exporting(t)
	p := inOwnCluster(t, exporter).withFlux().withPrometheus().withKustomizations("apps")
	p.Consistently(at.counted, "300ms").Should(BeEmpty(), "no FluxMonitoring needs them yet")

	fm := p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	p.Expect(fm.Status.ResourceMetrics.Source).To(Equal(v1alpha1.ResourceMetricsSourceExporter))
	p.Expect(fm.Status.ResourceMetrics.Message).To(Equal("the controllers of Flux v2.9.5 do not export the state of their objects"))
	p.Eventually(at.infos).Should(
		ConsistOf(ContainSubstring(`exported_namespace="`+p.flux+`",name="apps"`)), "discovery lags behind a CRD that has just arrived")
	p.Expect(at.series("gotk_suspend_status")).To(ConsistOf(HaveSuffix("} 1")))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.ResourceMetrics.LegacyMetrics = v1alpha1.LegacyMetricsDisabled
	})
	p.Eventually(func() []string { return at.series("gotk_suspend_status") }).Should(Equal([]string{}))
	p.Expect(at.infos()).To(HaveLen(1))

	p.must(p.Delete(t.Context(), fm))
	p.Eventually(at.infos).Should(Equal([]string{}), "what no FluxMonitoring needs takes no memory")
}

func TestTheReadinessOfAFluxMonitoringIsExported(t *testing.T) {
	at, exporter := exporting(t)
	p, fm := inOwnCluster(t, exporter).monitored("ResourceMetrics=True/Served")
	is := func(ready string) OmegaMatcher {
		return ConsistOf(And(ContainSubstring(`customresource_group="fluxmonitoring.dev",customresource_kind="FluxMonitoring"`),
			ContainSubstring(`exported_namespace="`+p.namespace+`",name="`+fm.Name+`",ready="`+ready+`",suspended="false"`)))
	}
	infos := func() []string { return at.own("gotk_resource_info") }
	p.Eventually(infos).Should(is("True"))
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = "nowhere" })
	p.Eventually(infos).Should(is("False"))
}

func TestTheFluxReportIsTheSourceWhileItExists(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.installCRDs(t, fluxOperatorCRDs)
	p.operator(t)
	fm := p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	p.Expect(fm.Status.ResourceMetrics.Source).To(Equal(v1alpha1.ResourceMetricsSourceExporter))

	p.must(p.Create(t.Context(), object("FluxReport", p.flux, "flux")))
	p.eventually("its report is scraped instead", func() bool {
		return slices.Contains(p.generated(), "PodMonitor/flux-flux-operator") && !slices.Contains(p.generated(), "PodMonitor/flux-exporter")
	})
	p.settled(fm, ready, "ResourceMetrics=True/Served")
	p.Expect(fm.Status.ResourceMetrics).To(Equal(&v1alpha1.ResourceMetricsStatus{
		Source: "FluxOperator", Message: "flux-operator exports the state of Flux in namespace " + p.flux,
	}))

	p.must(p.Delete(t.Context(), object("FluxReport", p.flux, "flux")))
	p.eventually("the exporter is scraped again", func() bool { return slices.Contains(p.generated(), "PodMonitor/flux-exporter") })
}

func TestTheKubeStateMetricsConfigurationFollowsAnUpgradeOfFlux(t *testing.T) {
	p := inOwnCluster(t).withFlux().withPrometheus()
	configured := func(version string) func() bool {
		return func() bool {
			o := p.get("ConfigMap", "flux-kube-state-metrics")
			if o == nil {
				return false
			}
			configuration, _, _ := unstructured.NestedString(o.Object, "data", "config.yaml")
			return strings.Contains(configuration, "kind: Kustomization\n      version: "+version+"\n")
		}
	}
	serve := func(versions ...version) {
		p.must(cluster.Apply(t.Context(), p.Client, crdOf(definitionOf{
			Group: "kustomize.toolkit.fluxcd.io", Kind: "Kustomization", Plural: "kustomizations", Versions: versions,
		})))
	}
	serve(version{"v1", false, true}, version{"v1beta9", true, false})
	p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.ResourceMetrics.Source = v1alpha1.ResourceMetricsSourceKubeStateMetrics
	}), ready, "ResourceMetrics=Unknown/ConfigurationGenerated")
	p.eventually("the version served is configured", configured("v1beta9"))
	serve(version{"v1", true, true})
	p.eventually("the version preferred now is configured", configured("v1"))
}

func TestAMetricsSourceWithoutMetricsIsReported(t *testing.T) {
	for source, c := range map[v1alpha1.ResourceMetricsSource]struct{ condition, message string }{
		"Controllers":      {"ResourceMetrics=False/NotServed", "do not export the state of"},
		"FluxOperator":     {"ResourceMetrics=False/NotServed", "there is no FluxReport"},
		"KubeStateMetrics": {"ResourceMetrics=Unknown/ConfigurationGenerated", "kube-state-metrics needs the configuration in ConfigMap flux-kube-state-metrics"},
	} {
		t.Run(string(source), func(t *testing.T) {
			p := shared.in(t).withFlux().withPrometheus()
			fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) { fm.Spec.ResourceMetrics.Source = source }), ready, c.condition)
			p.Expect(message(fm, "ResourceMetrics")).To(ContainSubstring(c.message))
		})
	}
}

func TestObjectsOmittedByTheSeriesLimitAreReported(t *testing.T) {
	at, exporter := exporting(t)
	p := inOwnCluster(t, exporter, func(o *controllers.Options) { o.MaxSeries = 16 }).withFlux().withPrometheus().withKustomizations()
	fm := p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	p.withKustomizations("first", "second", "third")
	p.settled(fm, ready, "ResourceMetrics=False/SeriesLimitReached")
	p.Expect(at.infos()).To(ConsistOf(ContainSubstring(`name="first"`), ContainSubstring(`name="second"`)),
		"Flux's namespace comes first")
	p.Expect(at.series("gotk_resources_omitted")).To(ConsistOf(HaveSuffix(" 1")))
	p.Expect(at.own("gotk_resources_omitted")).To(ConsistOf(HaveSuffix(" 1")))

	p.must(p.Delete(t.Context(), kustomization(p.flux, "second")))
	p.must(p.Delete(t.Context(), kustomization(p.flux, "third")))
	p.settled(fm, ready, "ResourceMetrics=True/Served")
}

func TestOnlyTheLeaderExportsAndAnotherTakesOver(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus().withKustomizations("apps")
	electing := func(o *controllers.Options) { o.LeaderElection, o.LeaderElectionNamespace = true, "default" }
	firstAt, firstExporter := exporting(t)
	stop := p.operator(t, firstExporter, electing)
	p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	p.Eventually(firstAt.infos).Should(HaveLen(1))

	secondAt, secondExporter := exporting(t)
	p.operator(t, secondExporter, electing)
	p.Eventually(secondAt.infos).Should(Equal([]string{}), "it answers, and exports nothing")
	p.Expect(firstAt.infos()).To(HaveLen(1))

	stop()
	p.Expect(firstAt.infos()).To(BeNil(), "it has ended")
	p.Eventually(secondAt.infos).Should(HaveLen(1))
}

func TestOperatorsOfDifferentShardsShareACluster(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	shard := func(selector string) target {
		at, exporter := exporting(t)
		p.operator(t, exporter, sharded(t, selector))
		return at
	}
	rest, first := shard("!sharding.fluxcd.io/key"), shard("sharding.fluxcd.io/key=shard1")
	p.withKustomizations("plain")
	one := kustomization(p.flux, "sharded")
	one.SetLabels(map[string]string{"sharding.fluxcd.io/key": "shard1"})
	p.must(p.Create(t.Context(), one))

	elsewhere := p.create(named("of-no-operator"), func(fm *v1alpha1.FluxMonitoring) {
		fm.Labels = map[string]string{"sharding.fluxcd.io/key": "shard2"}
		fm.Spec.Prometheus.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"none": "such"}}
	})
	p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	p.Eventually(func() []monitoringv1.Rule { return p.rules("FluxControllerNotReconciling") }).Should(
		ContainElement(HaveField("Labels", HaveKeyWithValue("app", "kustomize-controller"))), "although its objects of this shard are all suspended")
	p.Eventually(rest.infos).Should(ConsistOf(ContainSubstring(`name="plain"`)))
	p.Eventually(first.infos).Should(
		ConsistOf(And(ContainSubstring(`name="sharded"`), ContainSubstring(`shard="shard1"`))))
	p.Expect(first.series("gotk_resources")).To(
		ConsistOf(HaveSuffix(`watch_label_selector="sharding.fluxcd.io/key=shard1"} 1`)), "each counts its share")
	p.must(p.Get(t.Context(), client.ObjectKeyFromObject(elsewhere), elsewhere))
	p.Expect(elsewhere.Status.Conditions).To(BeEmpty(), "a FluxMonitoring of another shard is another operator's")
	p.change(elsewhere, func(fm *v1alpha1.FluxMonitoring) { fm.Labels["sharding.fluxcd.io/key"] = "shard1" })
	p.settled(elsewhere, ready)
}

// An object whose spec is written again has another generation.
func TestTheRulesOfTheFirstFluxMonitoringAreWrittenOnce(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.withKustomizations()
	slow := kustomization(p.flux, "apps")
	slow.Object["spec"].(map[string]any)["interval"], slow.Object["spec"].(map[string]any)["suspend"] = "5h", false
	p.createOnceServed(slow)
	probe := free(t)
	p.operator(t, func(o *controllers.Options) { o.ProbeAddress = probe })
	p.Eventually(func() string { return answer(t, "http://"+probe+"/readyz") }).Should(HavePrefix("200 "), "nothing is followed yet")

	p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	p.Expect(p.expression("FluxControllerNotReconciling")).NotTo(BeEmpty())
	for _, name := range []string{"PrometheusRule", "PodMonitor"} {
		p.Expect(p.get(name, "flux").GetGeneration()).To(Equal(int64(1)), "a "+name+" is written once")
	}
}
