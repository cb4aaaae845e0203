package chart_test

import (
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	labelset "k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/given"
	"github.com/fluxmonitoring/operator/test/golden"
)

func TestAReleaseHasTheObjectsOfTheManifests(t *testing.T) {
	always := []string{
		"- Namespace fluxmonitoring-system",
		"CustomResourceDefinition fluxmonitorings.fluxmonitoring.dev: + metadata.annotations.helm.sh/resource-policy: keep",
		"CustomResourceDefinition fluxmonitorings.fluxmonitoring.dev: + metadata.labels.app.kubernetes.io/name: fluxmonitoring-operator",
		"CustomResourceDefinition fluxmonitorings.fluxmonitoring.dev: + metadata.labels.app.kubernetes.io/part-of: fluxmonitoring",
	}
	for _, policy := range []string{"events", "generated", "leases", "secrets"} {
		always = append(always, "ValidatingAdmissionPolicy fluxmonitoring-operator-"+policy+": spec.matchConditions[operator].expression: "+
			"request.userInfo.username == 'system:serviceaccount:fluxmonitoring-system:fluxmonitoring-operator', "+
			"was request.userInfo.username.endsWith(':fluxmonitoring-operator')")
	}
	plain := []string{"- ClusterRole fluxmonitoring-operator-metrics-auth", "- ClusterRoleBinding fluxmonitoring-operator-metrics-auth"}
	for folder, c := range map[string]struct {
		values string
		lacks  []string
	}{
		root + "/config/default":        {"{}", plain},
		root + "/config/namespaced":     {"rbac: {namespaces: [monitoring]}", plain},
		root + "/config/metrics-secure": {"metrics: {secure: true}", nil},
		"testdata/metrics-certificate":  {"metrics: {secure: true, certificateSecret: fluxmonitoring-operator-metrics}", nil},
		"testdata/impersonation":        {"impersonation: {enabled: true}", plain},
	} {
		t.Run(folder, func(t *testing.T) {
			g := NewWithT(t)
			manifests, err := cluster.Kustomize(folder)
			must(t, err)
			released := render(t, "image: {tag: dev}", c.values)
			g.Expect(released).To(HaveLen(len(manifests)-1-len(c.lacks)), "no object twice")
			withoutLabelsOfHelm(t, released)
			g.Expect(changes(manifests, released)).To(ConsistOf(append(c.lacks, always...)), "but for labels")
		})
	}
}

// withoutLabelsOfHelm takes from every object the labels that a release adds, and sees that they are there.
func withoutLabelsOfHelm(t *testing.T, released []*unstructured.Unstructured) {
	t.Helper()
	g := NewWithT(t)
	version := decode(t, "kind: Chart\n"+read(t, chart+"/Chart.yaml"))[0].Object["version"].(string)
	for _, o := range released {
		labels := o.GetLabels()
		g.Expect(labels).To(HaveKeyWithValue("helm.sh/chart", operator+"-"+version))
		g.Expect(labels).To(HaveKeyWithValue("app.kubernetes.io/managed-by", "Helm"))
		g.Expect(labels).To(HaveKeyWithValue("app.kubernetes.io/instance", operator))
		g.Expect(labels).To(HaveKeyWithValue("app.kubernetes.io/version", "v"+version))
		for _, added := range []string{"chart", "managed-by", "instance", "version"} {
			delete(labels, "helm.sh/"+added)
			delete(labels, "app.kubernetes.io/"+added)
		}
		if o.SetLabels(labels); len(labels) == 0 {
			o.SetLabels(nil)
		}
	}
}

func TestReleasesElsewhereMatchTheGoldenFile(t *testing.T) {
	const everything = "metrics: {secure: true}"
	differences := map[string][]string{}
	for sentence, c := range map[string]struct{ release, values, objects string }{
		"a release by another name":               {"flux", "", "flux-fluxmonitoring-operator"},
		"a name of one's own":                     {"flux", "fullnameOverride: watcher", "watcher"},
		"a release by the operator's name and so": {"fluxmonitoring-operator-eu", "", "fluxmonitoring-operator-eu"},
	} {
		before, after := render(t, everything), renderAs(t, c.release, "elsewhere", everything, c.values)
		for _, o := range after {
			NewWithT(t).Expect(o.GetLabels()).To(HaveKeyWithValue("app.kubernetes.io/instance", c.release))
			o.SetLabels(nil)
		}
		for _, o := range before {
			o.SetName(strings.Replace(o.GetName(), operator, c.objects, 1)) // so that they meet
			o.SetLabels(nil)
		}
		differences[sentence] = changes(before, after)
	}
	golden.YAML(t, "testdata/releases.yaml", differences)
}

func TestTwoReleasesHaveNoObjectInCommon(t *testing.T) {
	both := []string{"crds: {install: false}", "rbac: {userRoles: false}", "metrics: {secure: true}", "impersonation: {enabled: true}"}
	for _, namespaces := range []string{"[]", "[shop]"} {
		t.Run(namespaces, func(t *testing.T) {
			values := slices.Concat(both, []string{"rbac: {namespaces: " + namespaces + "}"})
			first := byName(renderAs(t, "one", system, values...))
			for key := range byName(renderAs(t, "two", system, values...)) {
				NewWithT(t).Expect(first).NotTo(HaveKey(key))
			}
		})
	}
}

func TestNoPoliciesAreReleasedWhereTheyAreNotServed(t *testing.T) {
	for version, served := range map[string]int{"1.29.14": 0, "1.30.0": 8} {
		out, err := run(t, "template", operator, chart, "--namespace", system, "--kube-version", version)
		must(t, err)
		policies := 0
		for _, o := range decode(t, out) {
			if o.GroupVersionKind().Group == "admissionregistration.k8s.io" {
				policies++
			}
		}
		NewWithT(t).Expect(policies).To(Equal(served), version)
	}
}

func TestPodMonitorsSelectThePodsOfAnyRelease(t *testing.T) {
	g := NewWithT(t)
	deployment := &appsv1.Deployment{}
	released := objectOf(t, renderAs(t, "flux", "elsewhere", "fullnameOverride: watcher"), "Deployment", "watcher")
	must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(released.Object, deployment))
	pod := deployment.Spec.Template
	env := pod.Spec.Containers[0].Env[0]
	g.Expect(env.Name+" "+env.ValueFrom.FieldRef.FieldPath).To(Equal("POD_NAMESPACE metadata.namespace"), "the operator reads its namespace from it")

	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "flux"}}
	fm.Spec.ResourceMetrics.Source = v1alpha1.ResourceMetricsSourceExporter
	facts := given.Everything()
	facts.Exporter.Namespace, facts.MetricsNamespace = deployment.Namespace, deployment.Namespace
	objects, err := desired.Objects(fm, facts)
	must(t, err)
	for name, port := range map[string]string{"flux-exporter": "exporter", "flux-fluxmonitoring": "metrics"} {
		var monitor monitoringv1.PodMonitor
		must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(objectOf(t, objects, "PodMonitor", name).Object, &monitor))
		selector, err := metav1.LabelSelectorAsSelector(&monitor.Spec.Selector)
		must(t, err)
		g.Expect(selector.Matches(labelset.Set(pod.Labels))).To(BeTrue(), "%s selects %s", name, selector)
		g.Expect(monitor.Spec.NamespaceSelector.MatchNames).To(Equal([]string{"elsewhere"}))
		g.Expect(*monitor.Spec.PodMetricsEndpoints[0].Port).To(Equal(port))
		has := func(p corev1.ContainerPort) bool { return p.Name == port }
		g.Expect(slices.ContainsFunc(pod.Spec.Containers[0].Ports, has)).To(BeTrue(), "port %s", port)
	}
}
