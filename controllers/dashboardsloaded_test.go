package controllers_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// grafanaPod is the pod of a Grafana with a sidecar for dashboards that has these variables too, each as name and value.
func grafanaPod(variables ...string) (selector *metav1.LabelSelector, template corev1.PodTemplateSpec) {
	app := map[string]string{"app": "grafana"}
	template.Labels = app
	env := []corev1.EnvVar{{Name: "FOLDER", Value: "/tmp/dashboards"}}
	for i := 0; i < len(variables); i += 2 {
		env = append(env, corev1.EnvVar{Name: variables[i], Value: variables[i+1]})
	}
	template.Spec.Containers = []corev1.Container{
		{Name: "grafana", Image: "grafana/grafana:12.3.0"}, {Name: "grafana-sc-dashboard", Image: "kiwigrid/k8s-sidecar:1.30.10", Env: env},
	}
	return &metav1.LabelSelector{MatchLabels: app}, template
}

// withGrafana creates a Deployment that runs Grafana in a namespace, or changes its sidecar.
func (p *place) withGrafana(namespace string, variables ...string) {
	p.t.Helper()
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "grafana"}}
	selector, template := grafanaPod(variables...)
	if err := p.Get(p.t.Context(), client.ObjectKeyFromObject(d), d); err == nil {
		d.Spec.Template = template
		p.must(p.Update(p.t.Context(), d))
		return
	}
	d.Spec.Selector, d.Spec.Template = selector, template
	p.must(p.Create(p.t.Context(), d))
}

// says waits for a message of DashboardsLoaded.
func (p *place) says(fm *v1alpha1.FluxMonitoring, want string) {
	p.t.Helper()
	p.Eventually(func() string {
		p.must(p.Get(p.t.Context(), client.ObjectKeyFromObject(fm), fm))
		return message(fm, "DashboardsLoaded")
	}).Should(Equal(want))
}

// boardLabels are the labels of a dashboard.
func (p *place) boardLabels() map[string]string {
	p.t.Helper()
	return p.get("ConfigMap", "flux-dashboard-cluster").GetLabels()
}

func TestTheSidecarOfGrafanaDecidesWhetherDashboardsAreLoaded(t *testing.T) {
	p, fm := shared.in(t).monitored("DashboardsLoaded=Unknown/NoGrafana")
	p.withGrafana(p.namespace, "LABEL", "dashboards", "LABEL_VALUE", "yes")
	p.settled(fm, ready, "DashboardsLoaded=True/Loaded")
	p.says(fm, "Grafana "+p.namespace+"/grafana loads the dashboards, but not in the folder: its FOLDER_ANNOTATION is not grafana_folder")
	p.Expect(p.boardLabels()).To(And(HaveKeyWithValue("dashboards", "yes"), HaveKeyWithValue("grafana_dashboard", "1")))

	p.withGrafana(p.namespace, "LABEL", "grafana_dashboard", "LABEL_VALUE", "true", "FOLDER_ANNOTATION", "grafana_folder")
	p.eventually("the labels follow", func() bool {
		return p.boardLabels()["grafana_dashboard"] == "true" && p.boardLabels()["dashboards"] == ""
	})
	p.says(fm, "Grafana "+p.namespace+"/grafana loads the dashboards")

	p.withGrafana(p.namespace, "LABEL", "grafana_dashboard", "NAMESPACE", "grafana")
	p.settled(fm, ready, "DashboardsLoaded=False/NamespaceNotWatched")
	p.withGrafana(p.namespace, "LABEL", "$(THE_LABEL)")
	p.settled(fm, ready, "DashboardsLoaded=Unknown/NotSeen")

	p.withGrafana(p.namespace, "LABEL", "dashboards", "LABEL_VALUE", "yes")
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Prometheus.LabelPolicy = v1alpha1.LabelPolicyManual })
	p.settled(fm, "DashboardsLoaded=False/LabelMissing")
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Labels = map[string]string{"dashboards": "yes"} })
	p.settled(fm, "DashboardsLoaded=True/Loaded")
	p.must(p.Delete(t.Context(), &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "grafana"}}))
	p.settled(fm, "DashboardsLoaded=Unknown/NoGrafana")
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Enabled = new(bool) })
	p.says(fm, "")
}

func TestAStatefulSetRunsGrafanaToo(t *testing.T) {
	p, fm := shared.in(t).monitored()
	set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "grafana"}}
	set.Spec.Selector, set.Spec.Template = grafanaPod("LABEL", "dashboards", "FOLDER_ANNOTATION", "grafana_folder")
	p.must(p.Create(t.Context(), set))
	p.settled(fm, ready, "DashboardsLoaded=True/Loaded")
	p.Expect(p.boardLabels()).To(HaveKeyWithValue("dashboards", "true"))
	p.must(p.Delete(t.Context(), set))
	p.settled(fm, ready, "DashboardsLoaded=Unknown/NoGrafana")
	p.eventually("the label is gone", func() bool { return p.boardLabels()["dashboards"] == "" })
}

func TestATenantsGrafanaNeitherLabelsNorProvesAnything(t *testing.T) {
	p, fm := shared.in(t).monitored()
	tenant := p.newNamespace("tenant-")
	p.withGrafana(tenant, "LABEL", "theirs", "NAMESPACE", p.namespace)
	p.settled(fm, ready, "DashboardsLoaded=Unknown/NotTrusted")
	p.withGrafana(tenant, "LABEL", "grafana_dashboard", "NAMESPACE", p.namespace)
	p.says(fm, "Grafana "+tenant+"/grafana has the settings to load them: if you trust its namespace, add it to --trusted-namespaces")
	p.settled(fm, ready, "DashboardsLoaded=Unknown/NotTrusted")
	p.Expect(p.boardLabels()).NotTo(HaveKey("theirs"))

	p.withGrafana(p.namespace, "LABEL", "ours", "NAMESPACE", "elsewhere")
	p.settled(fm, ready, "DashboardsLoaded=False/NamespaceNotWatched")
}

func TestGrafanaOperatorReportsWhetherDashboardsAreLoaded(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(forGrafanaOperator), ready, "DashboardsLoaded=Unknown/NotSeen")
	report := func(board, conditions string) {
		o := p.get("GrafanaDashboard", board)
		status := fmt.Sprintf(`{"status":{"conditions":[%s]}}`, fmt.Sprintf(conditions, o.GetGeneration()))
		p.must(p.Client.Status().Patch(t.Context(), o, client.RawPatch(types.MergePatchType, []byte(status))))
	}
	const synchronized = `{"type":"DashboardSynchronized","status":"True","reason":"ApplySuccessful","message":"","observedGeneration":%d}`
	for _, b := range customBoards() {
		report(b[len("GrafanaDashboard/"):], synchronized)
	}
	p.settled(fm, ready, "DashboardsLoaded=True/Loaded")
	report(dashboard, `{"type":"NoMatchingInstance","status":"True","reason":"EmptyAPIReply","message":"","observedGeneration":%d}`)
	p.settled(fm, ready, "DashboardsLoaded=False/NoMatchingInstance")
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement("Warning NoMatchingInstance " + message(fm, "DashboardsLoaded")))
	p.change(fm, clustered("other"))
	p.settled(fm, ready, "DashboardsLoaded=Unknown/NotSeen")
}

func TestAnOperatorThatMayNotReadStatefulSetsDoesAllElse(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	limited := p.everythingBut("apps")
	read := []string{"get", "list", "watch"}
	p.grant("older", p.limitedUser(), rbacv1.PolicyRule{APIGroups: []string{"apps"}, Resources: []string{"deployments"}, Verbs: read})
	limited.operator(t)
	fm := p.settled(p.create(), ready, "Scraped=Unknown/Selected", "AlertsEffective=True/Effective", "DashboardsLoaded=Unknown/Forbidden")
	p.withGrafana(p.namespace, "LABEL", "grafana_dashboard")
	p.settled(fm, ready, "DashboardsLoaded=True/Loaded")
	p.withGrafana(p.namespace, "LABEL", "grafana_dashboard", "NAMESPACE", "elsewhere")
	p.settled(fm, ready, "DashboardsLoaded=Unknown/Forbidden")
	p.grant("newer", p.limitedUser(), rbacv1.PolicyRule{APIGroups: []string{"apps"}, Resources: []string{"statefulsets"}, Verbs: read})
	p.settled(fm, ready, "DashboardsLoaded=False/NamespaceNotWatched")
}
