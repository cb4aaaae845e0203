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
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestAReleaseIsObjectByObjectWhatTheManifestsSay(t *testing.T) {
	always := []string{
		"- Namespace fluxmonitoring-system",
		"CustomResourceDefinition fluxmonitorings.fluxmonitoring.dev: + metadata.annotations.helm.sh/resource-policy: keep",
		"CustomResourceDefinition fluxmonitorings.fluxmonitoring.dev: + metadata.labels.app.kubernetes.io/name: fluxmonitoring-operator",
		"CustomResourceDefinition fluxmonitorings.fluxmonitoring.dev: + metadata.labels.app.kubernetes.io/part-of: fluxmonitoring",
	}
	for _, policy := range []string{"events", "generated", "leases"} {
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

func TestAReleaseMayHaveAnyNameAndNamespace(t *testing.T) {
	for sentence, c := range map[string]struct{ release, values, objects string }{
		"a release by another name":               {"flux", "", "flux-fluxmonitoring-operator"},
		"a name of one's own":                     {"flux", "fullnameOverride: watcher", "watcher"},
		"a release by the operator's name and so": {"fluxmonitoring-operator-eu", "", "fluxmonitoring-operator-eu"},
	} {
		t.Run(sentence, func(t *testing.T) {
			everything := "metrics: {secure: true}"
			before, after := render(t, everything), renderAs(t, c.release, "elsewhere", everything, c.values)
			for _, o := range after {
				NewWithT(t).Expect(o.GetLabels()).To(HaveKeyWithValue("app.kubernetes.io/instance", c.release))
			}
			for _, o := range before {
				o.SetName(strings.Replace(o.GetName(), operator, c.objects, 1)) // so that they meet
			}
			unlabelled(before)
			unlabelled(after)
			var want []string
			for _, line := range aReleaseElsewhere {
				want = append(want, strings.NewReplacer("NAME", c.objects, "RELEASE", c.release).Replace(line))
			}
			NewWithT(t).Expect(changes(before, after)).To(ConsistOf(want))
		})
	}
}

// aReleaseElsewhere is what a release RELEASE in the namespace elsewhere has otherwise, but for the names of its objects, which begin
// with NAME. The label app.kubernetes.io/name of its pods is none of it.
var aReleaseElsewhere = []string{
	"ClusterRoleBinding NAME: roleRef.name: NAME, was fluxmonitoring-operator",
	"ClusterRoleBinding NAME: subjects[0].name: NAME, was fluxmonitoring-operator",
	"ClusterRoleBinding NAME: subjects[0].namespace: elsewhere, was fluxmonitoring-system",
	"ClusterRoleBinding NAME-metrics-auth: roleRef.name: NAME-metrics-auth, was fluxmonitoring-operator-metrics-auth",
	"ClusterRoleBinding NAME-metrics-auth: subjects[0].name: NAME, was fluxmonitoring-operator",
	"ClusterRoleBinding NAME-metrics-auth: subjects[0].namespace: elsewhere, was fluxmonitoring-system",
	"ClusterRoleBinding NAME-writer: roleRef.name: NAME-writer, was fluxmonitoring-operator-writer",
	"ClusterRoleBinding NAME-writer: subjects[0].name: NAME, was fluxmonitoring-operator",
	"ClusterRoleBinding NAME-writer: subjects[0].namespace: elsewhere, was fluxmonitoring-system",
	"Deployment NAME: metadata.namespace: elsewhere, was fluxmonitoring-system",
	"Deployment NAME: spec.selector.matchLabels.app.kubernetes.io/instance: RELEASE, was fluxmonitoring-operator",
	"Deployment NAME: spec.template.metadata.labels.app.kubernetes.io/instance: RELEASE, was fluxmonitoring-operator",
	"Deployment NAME: + spec.template.spec.containers[operator].args[3]: --metrics-secure",
	"Deployment NAME: spec.template.spec.containers[operator].args[1]: --leader-election-id=NAME, was --trusted-namespaces=monitoring,flux-system",
	"Deployment NAME: spec.template.spec.containers[operator].args[2]: --trusted-namespaces=monitoring,flux-system, was --metrics-secure",
	"Deployment NAME: spec.template.spec.serviceAccountName: NAME, was fluxmonitoring-operator",
	"Deployment NAME: spec.template.spec.topologySpreadConstraints[0].labelSelector.matchLabels.app.kubernetes.io/instance: RELEASE, " +
		"was fluxmonitoring-operator",
	"NetworkPolicy NAME: metadata.namespace: elsewhere, was fluxmonitoring-system",
	"PodDisruptionBudget NAME: metadata.namespace: elsewhere, was fluxmonitoring-system",
	"PodDisruptionBudget NAME: spec.selector.matchLabels.app.kubernetes.io/instance: RELEASE, was fluxmonitoring-operator",
	"Role NAME-leader-election: metadata.namespace: elsewhere, was fluxmonitoring-system",
	"Role NAME-leader-election: rules[1].resourceNames[0]: NAME, was fluxmonitoring-operator",
	"RoleBinding NAME-leader-election: metadata.namespace: elsewhere, was fluxmonitoring-system",
	"RoleBinding NAME-leader-election: roleRef.name: NAME-leader-election, was fluxmonitoring-operator-leader-election",
	"RoleBinding NAME-leader-election: subjects[0].name: NAME, was fluxmonitoring-operator",
	"RoleBinding NAME-leader-election: subjects[0].namespace: elsewhere, was fluxmonitoring-system",
	"ServiceAccount NAME: metadata.namespace: elsewhere, was fluxmonitoring-system",
	"ValidatingAdmissionPolicy NAME-events: spec.matchConditions[operator].expression: " +
		"request.userInfo.username == 'system:serviceaccount:elsewhere:NAME', " + wasAccount,
	"ValidatingAdmissionPolicy NAME-events: spec.validations[0].expression: " + eventsOf("NAME") + ", was " + eventsOf("fluxmonitoring-operator"),
	"ValidatingAdmissionPolicy NAME-generated: spec.matchConditions[operator].expression: " +
		"request.userInfo.username == 'system:serviceaccount:elsewhere:NAME', " + wasAccount,
	`ValidatingAdmissionPolicy NAME-generated: spec.variables[adopting].expression: ["monitoring","flux-system","elsewhere"], ` +
		`was ["monitoring","flux-system","fluxmonitoring-system"]`,
	"ValidatingAdmissionPolicy NAME-leases: spec.matchConditions[operator].expression: " +
		"request.userInfo.username == 'system:serviceaccount:elsewhere:NAME', " + wasAccount,
	"ValidatingAdmissionPolicy NAME-leases: spec.validations[0].expression: request.name == 'NAME' || request.name.startsWith('NAME-'), " +
		"was request.name == 'fluxmonitoring-operator' || request.name.startsWith('fluxmonitoring-operator-')",
	"ValidatingAdmissionPolicyBinding NAME-events: spec.policyName: NAME-events, was fluxmonitoring-operator-events",
	"ValidatingAdmissionPolicyBinding NAME-generated: spec.policyName: NAME-generated, was fluxmonitoring-operator-generated",
	"ValidatingAdmissionPolicyBinding NAME-leases: spec.policyName: NAME-leases, was fluxmonitoring-operator-leases",
}

// eventsOf is what an event may be about, for an operator with a Lease of that name.
func eventsOf(lease string) string {
	return "variables.event.?regarding.?kind.orValue('') == 'FluxMonitoring' && variables.event.?regarding.?apiVersion.orValue('').startsWith('fluxmonitoring.dev/') || " +
		"variables.event.?regarding.?kind.orValue('') == 'Lease' && variables.event.?regarding.?name.orValue('').startsWith('" + lease + "')"
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

func TestAClusterThatServesNoPoliciesHasAReleaseWithoutThem(t *testing.T) {
	for version, served := range map[string]int{"1.29.14": 0, "1.30.0": 6} {
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

func TestThePodMonitorsOfTheOperatorFindItsPodsInAnyRelease(t *testing.T) {
	g := NewWithT(t)
	deployment := &appsv1.Deployment{}
	released := objectOf(t, renderAs(t, "flux", "elsewhere", "fullnameOverride: watcher"), "Deployment", "watcher")
	must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(released.Object, deployment))
	pod := deployment.Spec.Template
	env := pod.Spec.Containers[0].Env[0]
	g.Expect(env.Name+" "+env.ValueFrom.FieldRef.FieldPath).To(Equal("POD_NAMESPACE metadata.namespace"), "the operator knows where it runs")

	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "flux"}}
	fm.Spec.ResourceMetrics.Source = v1alpha1.ResourceMetricsSourceExporter
	objects, err := desired.Objects(fm, facts.Facts{
		Flux:             flux.Installation{Namespace: "flux-system", Controllers: []flux.Controller{{Name: "source-controller", App: "source-controller"}}},
		Served:           map[schema.GroupVersionKind]bool{monitoringv1.SchemeGroupVersion.WithKind("PodMonitor"): true},
		Exporter:         facts.Exporter{Namespace: deployment.Namespace, Serving: true},
		MetricsNamespace: deployment.Namespace,
	})
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

func unlabelled(objects []*unstructured.Unstructured) {
	for _, o := range objects {
		o.SetLabels(nil)
	}
}
