package desired

import (
	"fmt"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestObjectsOfAnySpecAreFitToApply(t *testing.T) {
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

// expectFit expects that an object has no empty field, is plain data, and has its digest and its owner.
func expectFit(g *WithT, fm *v1alpha1.FluxMonitoring, o *unstructured.Unstructured) {
	g.Expect(empty(o.GetKind(), o.Object)).To(BeEmpty())
	again := o.DeepCopy()
	g.Expect(again.Object).To(Equal(o.Object))
	g.Expect(mark.SetDigest(again)).To(Succeed())
	g.Expect(again.GetAnnotations()).To(Equal(o.GetAnnotations()), "the digest is of the whole object")
	g.Expect(o.GetNamespace()).To(Equal("monitoring"))
	g.Expect(o.GetLabels()).To(HaveKeyWithValue("fluxmonitoring.dev/name", "flux"))
	if fm.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan {
		g.Expect(o.GetOwnerReferences()).To(BeEmpty())
	} else {
		g.Expect(o.GetOwnerReferences()).To(HaveExactElements(HaveField("UID", fm.UID)))
	}
}

func TestTheOrderOfAListDoesNotChangeObjects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		fm := anyFluxMonitoring().Draw(t, "given")
		deployments := rapid.SliceOfNDistinct(anyDeployment(), 1, 5, func(d appsv1.Deployment) string { return d.Name }).Draw(t, "deployments")
		prometheuses := []selection.Instance{selecting("one", "release", "kps"), selecting("two", "role", "flux"), selecting("three", "team", "a")}
		built := func(d []appsv1.Deployment, p []selection.Instance) string {
			objects, err := Objects(fm, facts.Facts{Flux: observe.InstallationOf("flux-system", d), Prometheuses: p})
			g.Expect(err).NotTo(HaveOccurred())
			return bytesOf(g, objects)
		}
		g.Expect(built(rapid.Permutation(deployments).Draw(t, "list"), rapid.Permutation(prometheuses).Draw(t, "order"))).
			To(Equal(built(deployments, prometheuses)))
	})
}

func TestEachPartCanBeDisabled(t *testing.T) {
	monitors, rules := []string{"PodMonitor/flux", "PodMonitor/flux-exporter", "PodMonitor/flux-fluxmonitoring"}, []string{"PrometheusRule/flux"}
	boards := []string{
		"ConfigMap/flux-dashboard-cluster", "ConfigMap/flux-dashboard-control-plane", "ConfigMap/flux-dashboard-resource",
		"ConfigMap/flux-dashboard-fluxmonitoring",
	}
	for name, c := range map[string]struct {
		spec    string
		objects []string
	}{
		"everything": {"{}", slices.Concat(monitors, rules, boards)},
		"no scrape":  {"scrape: {enabled: false}", slices.Concat(rules, boards)},
		// What is recorded is for dashboards too.
		"no alerts":    {"alerts: {enabled: false}", slices.Concat(monitors, rules, boards)},
		"no boards":    {"dashboards: {enabled: false}", slices.Concat(monitors, rules)},
		"one board":    {"{dashboards: {include: [flux-cluster]}, alerts: {enabled: false}}", slices.Concat(monitors, rules, boards[:1])},
		"scrape alone": {"{dashboards: {enabled: false}, alerts: {enabled: false}}", monitors},
		"nothing":      {"{scrape: {enabled: false}, alerts: {enabled: false}, dashboards: {enabled: false}}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var names []string
			for _, o := range objectsOf(t, c.spec) {
				names = append(names, o.GetKind()+"/"+o.GetName())
			}
			NewWithT(t).Expect(names).To(Equal(c.objects))
		})
	}
}

func TestDashboardsNeedNoPrometheusOperator(t *testing.T) {
	facts := everything()
	facts.Served = nil
	objects, err := Objects(monitoring(t, "{scrape: {enabled: false}, alerts: {enabled: false}}"), facts)
	must(t, err)
	NewWithT(t).Expect(objects).To(HaveEach(HaveField("Object", HaveKeyWithValue("kind", "ConfigMap"))))
}

func TestLabelsAreAddedForAPrometheusThatSelectsTheNamespace(t *testing.T) {
	facts := everything()
	elsewhere := selecting("elsewhere", "release", "other")
	elsewhere.PodMonitors.Namespaces = &metav1.LabelSelector{MatchLabels: map[string]string{"scrape": "yes"}}
	facts.Prometheuses = []selection.Instance{elsewhere, selecting("here", "release", "kps")}
	for name, c := range map[string]struct {
		namespace map[string]string
		release   string
	}{
		"a namespace that it does not select": {nil, "kps"},
		"a namespace that it selects":         {map[string]string{"scrape": "yes"}, "other"},
	} {
		t.Run(name, func(t *testing.T) {
			facts.NamespaceLabels = c.namespace
			objects, err := Objects(monitoring(t, "{}"), facts)
			must(t, err)
			NewWithT(t).Expect(objects[0].GetLabels()).To(HaveKeyWithValue("release", c.release))
		})
	}
}

// empty are the paths of null, empty maps and empty lists in a value.
func empty(path string, value any) []string {
	var found []string
	switch v := value.(type) {
	case nil:
		return []string{path}
	case map[string]any:
		if len(v) == 0 {
			return []string{path}
		}
		for key, member := range v {
			found = append(found, empty(path+"."+key, member)...)
		}
	case []any:
		if len(v) == 0 {
			return []string{path}
		}
		for i, item := range v {
			found = append(found, empty(fmt.Sprintf("%s[%d]", path, i), item)...)
		}
	}
	return found
}

func TestHardenedImagesGiveTheSameObjects(t *testing.T) {
	g := NewWithT(t)
	fm, hardened, _ := read(t, "testdata/hardened-images/given.yaml")
	usual := hardened
	usual.Flux = fluxOf("v2.9.4", flux.HelmController, flux.KustomizeController, flux.NotificationController, flux.SourceController)
	with, err := Objects(fm, hardened)
	must(t, err)
	without, err := Objects(fm, usual)
	must(t, err)
	g.Expect(bytesOf(g, with)).To(Equal(bytesOf(g, without)))
}

func TestAnAlertOfASpecHasTheLabelOfItsOwner(t *testing.T) {
	rule := pipeline.FirstOfKind(objectsOf(t, mine(`{alert: Mine, expr: 'label_replace(up, "fluxmonitoring", "platform/flux", "", "")'}`)), "PrometheusRule")
	groups := pipeline.ListIn(rule.Object, "spec", "groups")
	last := pipeline.ListIn(groups[len(groups)-1].(map[string]any), "rules")[0]
	NewWithT(t).Expect(last).To(HaveKeyWithValue("labels", map[string]any{"fluxmonitoring": "monitoring/flux"}))
}

func TestAReceiverHasTheFieldsOfTheServedVersion(t *testing.T) {
	g := NewWithT(t)
	const spec = "{dashboards: {enabled: false}, " +
		"notifications: {receivers: [{name: oncall, opsgenieConfigs: [{apiKey: {name: opsgenie, key: key}, updateAlerts: true}]}]}}"
	config := pipeline.FirstOfKind(objectsOf(t, spec), "AlertmanagerConfig")
	g.Expect(config.GetAPIVersion()).To(Equal("monitoring.coreos.com/v1alpha1"))
	g.Expect(pipeline.ListIn(config.Object, "spec", "receivers")).To(ConsistOf(map[string]any{"name": "oncall", "opsgenieConfigs": []any{
		map[string]any{"apiKey": map[string]any{"name": "opsgenie", "key": "key"}, "updateAlerts": true},
	}}, map[string]any{"name": "null"}))

	facts := everything()
	facts.Served[kinds.AlertmanagerConfigBeta] = true
	_, err := Objects(monitoring(t, spec), facts)
	g.Expect(err).To(MatchError(`spec.notifications.receivers[0]: unknown field "opsgenieConfigs[0].updateAlerts" ` +
		"(AlertmanagerConfig v1alpha1 has it, v1beta1, which is used here, has not)"))
}

func TestAPatchThatMatchesNoObjectChangesNothing(t *testing.T) {
	g := NewWithT(t)
	g.Expect(objectsOf(t, patch("{kind: ServiceMonitor}", "- {op: remove, path: /spec}"))).To(Equal(objectsOf(t, "{}")))
	g.Expect(objectsOf(t, "{scrape: {enabled: false}, dashboards: {enabled: false}, alerts: {enabled: false}, "+monitorPatch("remove, path: /spec")+"}")).
		To(BeEmpty())
}
