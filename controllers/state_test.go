package controllers_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// fluxOperatorCRDs are the definitions of flux-operator's kinds.
const fluxOperatorCRDs = "../test/cluster/manifests/flux-operator/crds.yaml"

// metricsAddress is an exporter's address.
type metricsAddress string

// exporting has the operator serve its exporter on a free port.
func exporting(t *testing.T) (metricsAddress, func(*controllers.Options)) {
	t.Helper()
	addresses, err := cluster.FreeAddresses(1)
	if err != nil {
		t.Fatal(err)
	}
	return metricsAddress(addresses[0]), func(o *controllers.Options) { o.ExporterAddress = addresses[0] }
}

// series are the samples of a family that an exporter serves of Flux's objects, each with its labels and value, sorted; nil
// when it does not answer.
func (s metricsAddress) series(ctx context.Context, family string) []string {
	return slices.DeleteFunc(s.all(ctx, family), ofFluxMonitoring)
}

// own are the samples of a family about FluxMonitorings, likewise.
func (s metricsAddress) own(ctx context.Context, family string) []string {
	return slices.DeleteFunc(s.all(ctx, family), func(line string) bool { return !ofFluxMonitoring(line) })
}

func ofFluxMonitoring(line string) bool { return strings.Contains(line, `kind="FluxMonitoring"`) }

// all are the samples of a family.
func (s metricsAddress) all(ctx context.Context, family string) []string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+string(s)+"/metrics", nil)
	if err != nil {
		return nil
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end.
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil
	}
	found := []string{}
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(line, family+"{") {
			found = append(found, strings.TrimSpace(strings.TrimPrefix(line, family)))
		}
	}
	slices.Sort(found)
	return found
}

// counted are the kinds of Flux that an exporter tells of, each as Kind/version=number of objects.
func (s metricsAddress) counted(ctx context.Context) []string {
	var kinds []string
	for _, line := range s.series(ctx, "gotk_resources") {
		label := func(name string) string {
			_, rest, _ := strings.Cut(line, name+`="`)
			value, _, _ := strings.Cut(rest, `"`)
			return value
		}
		kinds = append(kinds, fmt.Sprintf("%s/%s=%s", label("customresource_kind"), label("customresource_version"),
			line[strings.LastIndexByte(line, ' ')+1:]))
	}
	slices.Sort(kinds)
	return kinds
}

// kustomization is a suspended Kustomization of this name: nobody reconciles it.
func kustomization(namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"interval": "10m", "prune": true, "suspend": true, "sourceRef": map[string]any{"kind": "GitRepository", "name": "shop"},
	}}}
	o.SetAPIVersion("kustomize.toolkit.fluxcd.io/v1")
	o.SetKind("Kustomization")
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

// report is a FluxReport.
func report(namespace string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion("fluxcd.controlplane.io/v1")
	o.SetKind("FluxReport")
	o.SetNamespace(namespace)
	o.SetName("flux")
	return o
}

// definition is the CRD of the Kustomization.
func definition(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	folder, _, err := cluster.CRDs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		objects, err := cluster.Decode(content)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			if o.GetName() == "kustomizations.kustomize.toolkit.fluxcd.io" {
				return o
			}
		}
	}
	t.Fatal("Flux's CRDs lack the one of the Kustomization")
	return nil
}

func TestObjectsAreExportedWhileAFluxMonitoringWantsIt(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	at, exporter := exporting(t)
	c.operator(t, exporter)
	p := c.in(t).withFlux().withPrometheus()
	p.must(cluster.Apply(t.Context(), p.Client, definition(t)))
	g.Eventually(func() error { return p.Create(t.Context(), kustomization(p.flux, "apps")) }, soon, often).Should(Succeed())
	g.Consistently(func() []string { return at.counted(t.Context()) }, "300ms", often).Should(BeEmpty(), "nobody wants it yet")

	fm := p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	g.Expect(fm.Status.ResourceMetrics.Source).To(Equal(v1alpha1.ResourceMetricsSourceExporter))
	g.Expect(fm.Status.ResourceMetrics.Message).To(Equal("the controllers of Flux v2.9.5 do not export the state of their objects"))
	g.Eventually(func() []string { return at.series(t.Context(), "gotk_resource_info") }, soon, often).Should(
		ConsistOf(ContainSubstring(`exported_namespace="`+p.flux+`",name="apps"`)), "discovery lags behind a CRD that has just arrived")
	g.Expect(at.series(t.Context(), "gotk_suspend_status")).To(ConsistOf(HaveSuffix("} 1")))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.ResourceMetrics.LegacyMetrics = v1alpha1.LegacyMetricsDisabled
	})
	g.Eventually(func() []string { return at.series(t.Context(), "gotk_suspend_status") }, soon, often).Should(Equal([]string{}))
	g.Expect(at.series(t.Context(), "gotk_resource_info")).To(HaveLen(1))

	p.must(p.Delete(t.Context(), fm))
	g.Eventually(func() []string { return at.series(t.Context(), "gotk_resource_info") }, soon, often).Should(Equal([]string{}),
		"what nobody wants takes no memory")
}

func TestTheReadinessOfAFluxMonitoringIsToldLikeThatOfEveryObject(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	at, exporter := exporting(t)
	c.operator(t, exporter)
	p := c.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	is := func(ready string) OmegaMatcher {
		return ConsistOf(And(ContainSubstring(`customresource_group="fluxmonitoring.dev",customresource_kind="FluxMonitoring"`),
			ContainSubstring(`exported_namespace="`+p.namespace+`",name="`+fm.Name+`",ready="`+ready+`",suspended="false"`)))
	}
	told := func() []string { return at.own(t.Context(), "gotk_resource_info") }
	g.Eventually(told, soon, often).Should(is("True"))
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = "nowhere" })
	g.Eventually(told, soon, often).Should(is("False"))
}

func TestNothingIsServedWhereTheStateIsTakenFromElsewhere(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	at, exporter := exporting(t)
	c.operator(t, exporter)
	p := c.in(t).withFlux().withPrometheus()
	p.must(cluster.Apply(t.Context(), p.Client, definition(t)))
	g.Eventually(func() error { return p.Create(t.Context(), kustomization(p.flux, "apps")) }, soon, often).Should(Succeed())
	fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.ResourceMetrics.Source = v1alpha1.ResourceMetricsSourceKubeStateMetrics
	}), ready, "ResourceMetrics=Unknown/ConfigurationGenerated")
	g.Consistently(func() []string { return at.all(t.Context(), "gotk_resources") }, "300ms", often).Should(Equal([]string{}))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.ResourceMetrics.Source = v1alpha1.ResourceMetricsSourceExporter
	})
	g.Eventually(func() []string { return at.counted(t.Context()) }, soon, often).Should(Equal([]string{"Kustomization/v1=1"}))
}

func TestKindsThatArriveChangeTheirVersionAndLeaveAreFollowed(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	at, exporter := exporting(t)
	c.operator(t, exporter)
	p := c.in(t).withFlux().withPrometheus()
	p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	g.Expect(at.counted(t.Context())).To(BeEmpty())

	crd := definition(t)
	p.must(cluster.Apply(t.Context(), p.Client, older(t, crd)))
	g.Eventually(func() []string { return at.counted(t.Context()) }, soon, often).Should(Equal([]string{"Kustomization/v1beta9=0"}))
	p.must(cluster.Apply(t.Context(), p.Client, crd))
	g.Eventually(func() []string { return at.counted(t.Context()) }, soon, often).Should(Equal([]string{"Kustomization/v1=0"}))
	p.must(p.Create(t.Context(), kustomization(p.flux, "apps")))
	g.Eventually(func() []string { return at.counted(t.Context()) }, soon, often).Should(Equal([]string{"Kustomization/v1=1"}))

	p.must(p.Delete(t.Context(), crd))
	g.Eventually(func() []string { return at.counted(t.Context()) }, soon, often).Should(BeEmpty())
}

// older is a CRD that serves an older version alone, as a Flux before an upgrade would.
func older(t *testing.T, crd *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	old := crd.DeepCopy()
	versions, _, err := unstructured.NestedSlice(old.Object, "spec", "versions")
	if err != nil {
		t.Fatal(err)
	}
	versions = slices.DeleteFunc(versions, func(v any) bool { return v.(map[string]any)["name"] != "v1" })
	now, beta := versions[0].(map[string]any), versions[0].(map[string]any)
	beta = (&unstructured.Unstructured{Object: beta}).DeepCopy().Object
	now["served"], beta["storage"], beta["name"] = false, false, "v1beta9"
	if err := unstructured.SetNestedSlice(old.Object, []any{now, beta}, "spec", "versions"); err != nil {
		t.Fatal(err)
	}
	return old
}

func TestFluxOperatorsReportIsTakenWhileThereIsOne(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	c.installCRDs(t, fluxOperatorCRDs)
	c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	g.Expect(fm.Status.ResourceMetrics.Source).To(Equal(v1alpha1.ResourceMetricsSourceExporter))

	p.must(p.Create(t.Context(), report(p.flux)))
	p.eventually("its report is scraped instead", func() bool {
		return slices.Contains(p.generated(), "PodMonitor/flux-flux-operator") && !slices.Contains(p.generated(), "PodMonitor/flux-exporter")
	})
	p.settled(fm, ready, "ResourceMetrics=True/Served")
	g.Expect(fm.Status.ResourceMetrics).To(Equal(&v1alpha1.ResourceMetricsStatus{
		Source: "FluxOperator", Message: "flux-operator exports the state of Flux in namespace " + p.flux,
	}))

	p.must(p.Delete(t.Context(), report(p.flux)))
	p.eventually("the exporter is scraped again", func() bool { return slices.Contains(p.generated(), "PodMonitor/flux-exporter") })
}

func TestTheConfigurationOfKubeStateMetricsFollowsAnUpgradeOfFlux(t *testing.T) {
	c := vacantCluster(t)
	c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
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
	p.must(cluster.Apply(t.Context(), p.Client, older(t, definition(t))))
	p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.ResourceMetrics.Source = v1alpha1.ResourceMetricsSourceKubeStateMetrics
	}), ready, "ResourceMetrics=Unknown/ConfigurationGenerated")
	p.eventually("the version served is configured", configured("v1beta9"))
	p.must(cluster.Apply(t.Context(), p.Client, definition(t)))
	p.eventually("the version preferred now is configured", configured("v1"))
}

func TestASourceThatDoesNotDeliverIsSaid(t *testing.T) {
	for source, c := range map[v1alpha1.ResourceMetricsSource]struct{ condition, says string }{
		"Controllers":      {"ResourceMetrics=False/NotServed", "do not export the state of"},
		"FluxOperator":     {"ResourceMetrics=False/NotServed", "there is no FluxReport"},
		"KubeStateMetrics": {"ResourceMetrics=Unknown/ConfigurationGenerated", "ConfigMap flux-kube-state-metrics has the configuration"},
	} {
		t.Run(string(source), func(t *testing.T) {
			p := shared.in(t).withFlux().withPrometheus()
			fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) { fm.Spec.ResourceMetrics.Source = source }), ready, c.condition)
			NewWithT(t).Expect(message(fm, "ResourceMetrics")).To(ContainSubstring(c.says))
		})
	}
}

func TestObjectsLeftOutForTheSakeOfTheLimitAreSaid(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	at, exporter := exporting(t)
	c.operator(t, exporter, func(o *controllers.Options) { o.MaxSeries = 16 })
	p := c.in(t).withFlux().withPrometheus()
	p.must(cluster.Apply(t.Context(), p.Client, definition(t)))
	fm := p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	for _, name := range []string{"first", "second", "third"} {
		g.Eventually(func() error { return p.Create(t.Context(), kustomization(p.flux, name)) }, soon, often).Should(Succeed())
	}
	p.settled(fm, ready, "ResourceMetrics=False/SeriesLimitReached")
	g.Expect(at.series(t.Context(), "gotk_resource_info")).To(ConsistOf(ContainSubstring(`name="first"`), ContainSubstring(`name="second"`)),
		"Flux's namespace comes first")
	g.Expect(at.series(t.Context(), "gotk_resources_omitted")).To(ConsistOf(HaveSuffix(" 1")))
	g.Expect(at.own(t.Context(), "gotk_resources_omitted")).To(ConsistOf(HaveSuffix(" 1")))

	p.must(p.Delete(t.Context(), kustomization(p.flux, "second")))
	p.must(p.Delete(t.Context(), kustomization(p.flux, "third")))
	p.settled(fm, ready, "ResourceMetrics=True/Served")
}

// A tenant whose namespace comes before all others, and who has more objects than there is room for.
func TestTheObjectsOfOneNamespaceDoNotPushOutThoseOfOthers(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	p := c.in(t).withFlux().withPrometheus()
	p.must(cluster.Apply(t.Context(), p.Client, definition(t)))
	crowded, other := p.newNamespace("aaa-tenant-"), p.newNamespace("tenant-")
	create := func(namespace, name string) {
		g.Eventually(func() error { return p.Create(t.Context(), kustomization(namespace, name)) }, soon, often).Should(Succeed())
	}
	for i := range 150 {
		create(crowded, fmt.Sprintf("app-%d", i))
	}
	for i := range 10 {
		create(other, fmt.Sprintf("app-%d", i))
	}
	create(p.flux, p.flux)
	at, exporter := exporting(t)
	operator := func() (stop func()) {
		return c.operator(t, exporter, func(o *controllers.Options) { o.MaxSeries, o.TrustedNamespaces = 400, []string{p.namespace} })
	}
	of := func() map[string]int {
		served := map[string]int{}
		for _, line := range at.series(t.Context(), "gotk_resource_info") {
			_, rest, _ := strings.Cut(line, `exported_namespace="`)
			namespace, _, _ := strings.Cut(rest, `"`)
			served[namespace]++
		}
		return served
	}
	stop := operator()
	fm := p.settled(p.create(), ready, "ResourceMetrics=False/SeriesLimitReached")
	g.Expect(message(fm, "ResourceMetrics")).To(ContainSubstring("omits Flux objects of namespace " + crowded + ", because"))
	shared := map[string]int{p.flux: 1, other: 10, crowded: 38} // and the FluxMonitoring: 50 objects of 8 series
	g.Eventually(of, soon, often).Should(Equal(shared))
	before := at.series(t.Context(), "gotk_resource_info")

	stop()
	operator()
	g.Eventually(of, soon, often).Should(Equal(shared))
	g.Expect(at.series(t.Context(), "gotk_resource_info")).To(Equal(before), "a restart changes nothing")

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.ResourceMetrics.LegacyMetrics = v1alpha1.LegacyMetricsDisabled
	})
	g.Eventually(of, soon, often).Should(Equal(map[string]int{p.flux: 1, other: 10, crowded: 121}), "133 objects of 3 series")
}

func TestOnlyTheLeaderExportsAndAnotherTakesOver(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	electing := func(o *controllers.Options) { o.LeaderElection, o.LeaderElectionNamespace = true, "default" }
	firstAt, firstExporter := exporting(t)
	stop := c.operator(t, firstExporter, electing)
	p := c.in(t).withFlux().withPrometheus()
	p.must(cluster.Apply(t.Context(), p.Client, definition(t)))
	g.Eventually(func() error { return p.Create(t.Context(), kustomization(p.flux, "apps")) }, soon, often).Should(Succeed())
	p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	g.Eventually(func() []string { return firstAt.series(t.Context(), "gotk_resource_info") }, soon, often).Should(HaveLen(1))

	secondAt, secondExporter := exporting(t)
	c.operator(t, secondExporter, electing)
	g.Eventually(func() []string { return secondAt.series(t.Context(), "gotk_resource_info") }, soon, often).Should(Equal([]string{}),
		"it answers, and has nothing to say")
	g.Expect(firstAt.series(t.Context(), "gotk_resource_info")).To(HaveLen(1))

	stop()
	g.Expect(firstAt.series(t.Context(), "gotk_resource_info")).To(BeNil(), "it has ended")
	g.Eventually(func() []string { return secondAt.series(t.Context(), "gotk_resource_info") }, soon, often).Should(HaveLen(1))
}

func TestOperatorsOfDifferentShardsShareAFleet(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	shard := func(selector string) metricsAddress {
		at, exporter := exporting(t)
		parsed, err := labels.Parse(selector)
		if err != nil {
			t.Fatal(err)
		}
		c.operator(t, exporter, func(o *controllers.Options) { o.Shard = parsed })
		return at
	}
	rest, one := shard("!sharding.fluxcd.io/key"), shard("sharding.fluxcd.io/key=shard1")
	p := c.in(t).withFlux().withPrometheus()
	p.must(cluster.Apply(t.Context(), p.Client, definition(t)))
	sharded := kustomization(p.flux, "sharded")
	sharded.SetLabels(map[string]string{"sharding.fluxcd.io/key": "shard1"})
	g.Eventually(func() error { return p.Create(t.Context(), sharded) }, soon, often).Should(Succeed())
	p.must(p.Create(t.Context(), kustomization(p.flux, "plain")))

	elsewhere := p.create(named("of-nobody"), func(fm *v1alpha1.FluxMonitoring) {
		fm.Labels = map[string]string{"sharding.fluxcd.io/key": "shard2"}
		fm.Spec.Prometheus.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"none": "such"}}
	})
	p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	p.eventually("a controller is watched whose objects of this shard are all suspended", func() bool {
		return slices.Contains(p.alertsOn("FluxControllerNotReconciling"), "kustomize-controller")
	})
	g.Eventually(func() []string { return rest.series(t.Context(), "gotk_resource_info") }, soon, often).Should(
		ConsistOf(ContainSubstring(`name="plain"`)))
	g.Eventually(func() []string { return one.series(t.Context(), "gotk_resource_info") }, soon, often).Should(
		ConsistOf(And(ContainSubstring(`name="sharded"`), ContainSubstring(`shard="shard1"`))))
	g.Expect(one.series(t.Context(), "gotk_resources")).To(
		ConsistOf(HaveSuffix(`watch_label_selector="sharding.fluxcd.io/key=shard1"} 1`)), "each counts its share")
	p.must(p.Get(t.Context(), client.ObjectKeyFromObject(elsewhere), elsewhere))
	g.Expect(elsewhere.Status.Conditions).To(BeEmpty(), "a FluxMonitoring of another shard is another operator's")
	p.change(elsewhere, func(fm *v1alpha1.FluxMonitoring) { fm.Labels["sharding.fluxcd.io/key"] = "shard1" })
	p.settled(elsewhere, ready)
}
