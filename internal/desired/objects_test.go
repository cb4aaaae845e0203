package desired

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestWhateverIsAskedForTheObjectsAreFitToApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		fm, facts := anyFluxMonitoring().Draw(t, "given"), anyFacts().Draw(t, "facts")
		before := fm.DeepCopy()
		objects, err := Objects(fm, facts)
		g.Expect(err).NotTo(HaveOccurred())
		again, err := Objects(fm, facts)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(bytesOf(g, again)).To(Equal(bytesOf(g, objects)), "the same input gives the same bytes")
		g.Expect(fm).To(Equal(before), "the resource is not changed")

		identities := map[string]bool{}
		for _, o := range objects {
			identity := o.GetKind() + "/" + o.GetName()
			g.Expect(identities).NotTo(HaveKey(identity))
			identities[identity] = true
			expectFit(g, fm, o)
		}
	})
}

// expectFit holds that an object says nothing without meaning, is plain data, sealed, and the resource's.
func expectFit(g *WithT, fm *v1alpha1.FluxMonitoring, o *unstructured.Unstructured) {
	g.Expect(meaningless(o.GetKind(), o.Object)).To(BeEmpty())
	sealed := o.DeepCopy()
	g.Expect(sealed.Object).To(Equal(o.Object))
	g.Expect(apply.Seal(sealed)).To(Succeed())
	g.Expect(sealed.GetAnnotations()).To(Equal(o.GetAnnotations()), "the seal is the last thing done")
	g.Expect(o.GetNamespace()).To(Equal("monitoring"))
	g.Expect(o.GetLabels()).To(HaveKeyWithValue("fluxmonitoring.dev/name", "flux"))
	if fm.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan {
		g.Expect(o.GetOwnerReferences()).To(BeEmpty())
	} else {
		g.Expect(o.GetOwnerReferences()).To(HaveExactElements(HaveField("UID", fm.UID)))
	}
}

func TestTheOrderInWhichACacheListsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		fm := anyFluxMonitoring().Draw(t, "given")
		deployments := rapid.SliceOfNDistinct(anyDeployment(), 1, 5, func(d appsv1.Deployment) string { return d.Name }).Draw(t, "deployments")
		prometheuses := []selection.Instance{selecting("one", "release", "kps"), selecting("two", "role", "flux"), selecting("three", "team", "a")}
		built := func(d []appsv1.Deployment, p []selection.Instance) string {
			objects, err := Objects(fm, observe.Facts{Flux: observe.InstallationOf("flux-system", d), Prometheuses: p})
			g.Expect(err).NotTo(HaveOccurred())
			return bytesOf(g, objects)
		}
		g.Expect(built(rapid.Permutation(deployments).Draw(t, "listed otherwise"), rapid.Permutation(prometheuses).Draw(t, "in this order"))).
			To(Equal(built(deployments, prometheuses)))
	})
}

func TestEachPartCanBeTurnedOff(t *testing.T) {
	for name, c := range map[string]struct {
		spec    string
		objects []string
	}{
		"everything": {"{}", []string{"PodMonitor/flux", "PrometheusRule/flux", "ConfigMap/flux-dashboard-cluster", "ConfigMap/flux-dashboard-control-plane"}},
		"no scrape":  {"scrape: {enabled: false}", []string{"PrometheusRule/flux", "ConfigMap/flux-dashboard-cluster", "ConfigMap/flux-dashboard-control-plane"}},
		"no alerts":  {"alerts: {enabled: false}", []string{"PodMonitor/flux", "ConfigMap/flux-dashboard-cluster", "ConfigMap/flux-dashboard-control-plane"}},
		"no boards":  {"dashboards: {enabled: false}", []string{"PodMonitor/flux", "PrometheusRule/flux"}},
		"one board":  {"{dashboards: {include: [flux-cluster]}, alerts: {enabled: false}}", []string{"PodMonitor/flux", "ConfigMap/flux-dashboard-cluster"}},
		"nothing":    {"{scrape: {enabled: false}, alerts: {enabled: false}, dashboards: {enabled: false}}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			objects, err := Objects(monitoring(t, c.spec), everything())
			must(t, err)
			var names []string
			for _, o := range objects {
				names = append(names, o.GetKind()+"/"+o.GetName())
			}
			NewWithT(t).Expect(names).To(Equal(c.objects))
		})
	}
}

func TestLabelsAreAddedOnlyForAPrometheusThatLooksHere(t *testing.T) {
	facts := everything()
	elsewhere := selecting("elsewhere", "release", "other")
	elsewhere.PodMonitors.Namespaces = &metav1.LabelSelector{MatchLabels: map[string]string{"scrape": "yes"}}
	facts.Prometheuses = []selection.Instance{elsewhere, selecting("here", "release", "kps")}
	for name, c := range map[string]struct {
		namespace map[string]string
		release   string
	}{
		"a namespace that it does not look into": {nil, "kps"},
		"a namespace that it looks into":         {map[string]string{"scrape": "yes"}, "other"},
	} {
		t.Run(name, func(t *testing.T) {
			facts.NamespaceLabels = c.namespace
			objects, err := Objects(monitoring(t, "{}"), facts)
			must(t, err)
			NewWithT(t).Expect(objects[0].GetLabels()).To(HaveKeyWithValue("release", c.release))
		})
	}
}

// meaningless lists what a value holds of null, empty maps and empty lists.
func meaningless(path string, value any) []string {
	var found []string
	switch v := value.(type) {
	case nil:
		return []string{path}
	case map[string]any:
		if len(v) == 0 {
			return []string{path}
		}
		for key, member := range v {
			found = append(found, meaningless(path+"."+key, member)...)
		}
	case []any:
		if len(v) == 0 {
			return []string{path}
		}
		for i, item := range v {
			found = append(found, meaningless(fmt.Sprintf("%s[%d]", path, i), item)...)
		}
	}
	return found
}

// parts are pieces of specs, of which any combination is a spec.
var parts = map[string][]string{
	"scrape": {
		"{}", "{enabled: false}", "{interval: 5s, cardinality: Minimal}", "{cardinality: Full}",
		"{relabelings: [{targetLabel: a, replacement: b}], metricRelabelings: [{action: drop, regex: x.*, sourceLabels: [__name__]}]}",
	},
	"dashboards": {
		"{}", "{enabled: false}", "{include: [flux-cluster]}", `{labels: {}, folder: "", annotations: {a: b}}`, "{datasource: {uid: prometheus}}",
	},
	"alerts": {
		"{}", "{enabled: false}", "{labels: {a: b, c: d}, annotations: {e: f}}",
		"{rules: [{name: FluxControllerDown, for: '0', severity: info}, {name: FluxNoReconciliations, enabled: false}]}",
		"{additionalGroups: [{name: mine, rules: [{record: 'a:b', expr: up}, {alert: A, expr: up, for: 5m}]}]}",
	},
	"commonMetadata": {"{}", "{labels: {team: a}, annotations: {note: b}}"},
	"prometheus":     {"{}", "{labelPolicy: Manual}"},
	"deletionPolicy": {"Delete", "Orphan"},
	"cluster":        {`""`, "production"},
	"patches": {
		"[]", "[]", "[]",
		"[{target: {labelSelector: app.kubernetes.io/part-of=flux}, patch: '- {op: add, path: /metadata/annotations, value: {a: b}}'}]",
		"[{target: {kind: PodMonitor}, patch: '- {op: add, path: /spec/sampleLimit, value: 5}'}]",
	},
}

func anyFluxMonitoring() *rapid.Generator[*v1alpha1.FluxMonitoring] {
	return rapid.Custom(func(t *rapid.T) *v1alpha1.FluxMonitoring {
		var spec []string
		for _, part := range []string{"scrape", "dashboards", "alerts", "commonMetadata", "prometheus", "deletionPolicy", "cluster", "patches"} {
			spec = append(spec, part+": "+rapid.SampledFrom(parts[part]).Draw(t, part))
		}
		fm := &v1alpha1.FluxMonitoring{}
		fm.Namespace, fm.Name, fm.UID = "monitoring", "flux", "uid-of-flux"
		if err := yaml.UnmarshalStrict([]byte("{"+strings.Join(spec, ", ")+"}"), &fm.Spec); err != nil {
			t.Fatal(err)
		}
		return fm
	})
}

func anyFacts() *rapid.Generator[observe.Facts] {
	return rapid.Custom(func(t *rapid.T) observe.Facts {
		version := rapid.SampledFrom([]string{"v2.9.4", "v2.4.0", ""}).Draw(t, "version")
		names := rapid.SliceOfDistinct(rapid.SampledFrom(append(flux.Components(), "source-controller-shard1")), rapid.ID[string]).Draw(t, "controllers")
		slices.Sort(names)
		facts := observe.Facts{Flux: fluxOf(version, names...)}
		if rapid.Bool().Draw(t, "a Prometheus") {
			facts.Prometheuses = []selection.Instance{selecting("one", "release", "kps")}
		}
		return facts
	})
}

// selecting is a Prometheus that takes up what has a label, anywhere.
func selecting(name, key, value string) selection.Instance {
	s := selection.Selectors{
		Objects: &metav1.LabelSelector{MatchLabels: map[string]string{key: value}}, Namespaces: &metav1.LabelSelector{},
	}
	return selection.Instance{Kind: "Prometheus", Namespace: "monitoring", Name: name, PodMonitors: s, Rules: s}
}

func anyDeployment() *rapid.Generator[appsv1.Deployment] {
	return rapid.Custom(func(t *rapid.T) appsv1.Deployment {
		component := rapid.SampledFrom(flux.Components()).Draw(t, "component")
		d := appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: component + rapid.SampledFrom([]string{"", "-shard1"}).Draw(t, "shard")}}
		d.Labels = map[string]string{
			"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/version": rapid.SampledFrom([]string{"v2.9.4", "v2.4.0", ""}).Draw(t, "version"),
		}
		d.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": d.Name}}
		d.Spec.Template.Spec.Containers = []corev1.Container{{
			Image: component + rapid.SampledFrom([]string{":v1.9.4", ":v1.4.0", ""}).Draw(t, "tag"), Ports: []corev1.ContainerPort{{Name: "http-prom"}},
		}}
		return d
	})
}
