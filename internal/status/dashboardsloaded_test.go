package status

import (
	"errors"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/test/given"
)

// boardsOf are two dashboards of a kind as the operator applies them.
func boardsOf(kind schema.GroupVersionKind) (all []*unstructured.Unstructured) {
	for _, name := range []string{"flux-dashboard-cluster", "flux-dashboard-control-plane"} {
		o := kinds.Plain(kind)
		o.SetName(name)
		o.SetLabels(map[string]string{"grafana_dashboard": "1"})
		o.SetAnnotations(map[string]string{"grafana_folder": "Flux"})
		all = append(all, o)
	}
	return all
}

// grafana is a trusted one whose sidecar loads the dashboards.
func grafana(change ...func(*selection.Sidecar)) selection.Sidecar {
	s := selection.Sidecar{
		Kind: "Deployment", Namespace: "monitoring", Name: "grafana", Namespaces: []string{"ALL"}, FolderAnnotation: "grafana_folder",
		Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"grafana_dashboard": "1"}}, Trusted: true,
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func of(namespaces ...string) func(*selection.Sidecar) {
	return func(s *selection.Sidecar) { s.Namespaces = namespaces }
}

func by(label string) func(*selection.Sidecar) {
	return func(s *selection.Sidecar) { s.Selector, _ = metav1.ParseToLabelSelector(label) }
}

func unread(s *selection.Sidecar)  { s.Unread = []string{"LABEL_VALUE", "NAMESPACE"} }
func stopped(s *selection.Sidecar) { s.Stopped = true }
func down(s *selection.Sidecar)    { s.Down = true }
func tenants(s *selection.Sidecar) { s.Namespace, s.Name, s.Trusted = "tenant", "grafana", false }

func TestASidecarLoadsDashboards(t *testing.T) {
	const name = "monitoring/grafana"
	for sentence, c := range map[string]struct {
		sidecars []selection.Sidecar
		want     string
	}{
		"by one": {[]selection.Sidecar{grafana()}, "True Loaded: Grafana " + name + " loads the dashboards"},
		"by one of two": {[]selection.Sidecar{grafana(by("a=b")), grafana(func(s *selection.Sidecar) { s.Name = "other" })},
			"True Loaded: Grafana monitoring/other loads the dashboards"},
		"at its start": {[]selection.Sidecar{grafana(func(s *selection.Sidecar) { s.AtStart = true })},
			"True Loaded: Grafana " + name + " loads the dashboards when its pod starts"},
		"without the folder": {[]selection.Sidecar{grafana(func(s *selection.Sidecar) { s.FolderAnnotation = "k8s-sidecar-target-directory" })},
			"True Loaded: Grafana " + name + " loads the dashboards, but not in the folder: its FOLDER_ANNOTATION is not grafana_folder"},
		"with a folder that is not known": {[]selection.Sidecar{grafana(func(s *selection.Sidecar) { s.FolderAnnotation = "" })},
			"True Loaded: Grafana " + name + " loads the dashboards"},
		"by a label that is missing": {[]selection.Sidecar{grafana(by("grafana_dashboard=true"))},
			"False LabelMissing: Grafana " + name + " requires label grafana_dashboard=true on flux-dashboard-cluster: set spec.dashboards.labels"},
		"of other namespaces": {[]selection.Sidecar{grafana(of("grafana"))},
			"False NamespaceNotWatched: Grafana " + name + " loads no dashboards of namespace monitoring: add it to NAMESPACE of its sidecar"},
		"of other namespaces, and by a label that is missing": {[]selection.Sidecar{grafana(of("a")), grafana(by("a=b"), func(s *selection.Sidecar) { s.Name = "b" })},
			"False LabelMissing: Grafana monitoring/b requires label a=b on flux-dashboard-cluster: set spec.dashboards.labels"},
		"in a way that cannot be read": {[]selection.Sidecar{grafana(of("a")), grafana(unread)},
			"Unknown NotSeen: the operator cannot read LABEL_VALUE and NAMESPACE of the sidecar of Deployment " + name + ": set plain values"},
		"without a replica": {[]selection.Sidecar{grafana(stopped)},
			"Unknown NoGrafana: Deployment " + name + ", which runs Grafana, has no replica: scale it up"},
		"without a ready pod, and one without a replica": {[]selection.Sidecar{grafana(stopped), grafana(down)},
			"Unknown NoGrafana: Deployment " + name + ", which runs Grafana, has no ready pod: see its pods"},
		"without a ready pod, beside one that runs": {[]selection.Sidecar{grafana(down), grafana()}, "True Loaded: Grafana " + name + " loads the dashboards"},
		"for a tenant": {[]selection.Sidecar{grafana(tenants)},
			"Unknown NotTrusted: Grafana tenant/grafana has the settings to load them: if you trust its namespace, add it to --trusted-namespaces"},
		"for a tenant, by a label that is missing": {[]selection.Sidecar{grafana(tenants, by("a=b"))},
			"Unknown NotTrusted: Grafana tenant/grafana requires label a=b on flux-dashboard-cluster: set spec.dashboards.labels"},
		"nowhere": {nil, "Unknown NoGrafana: the operator sees no Grafana with a sidecar for dashboards in a Deployment or a StatefulSet"},
	} {
		t.Run(sentence, func(t *testing.T) {
			v := dashboardsLoaded(given.FluxMonitoring(t, "{}"), &Run{Desired: boardsOf(kinds.ConfigMap), Facts: facts.Facts{Sidecars: c.sidecars}})
			NewWithT(t).Expect(string(v.status) + " " + v.reason + ": " + v.message).To(Equal(c.want))
			NewWithT(t).Expect(len(v.message)).To(BeNumerically("<=", 120))
		})
	}
}

func TestAGrafanaOfATenantTurnsNoConditionTrueOrFalse(t *testing.T) {
	fm := given.FluxMonitoring(t, "{}")
	rapid.Check(t, func(t *rapid.T) {
		change := rapid.SliceOf(rapid.SampledFrom([]func(*selection.Sidecar){unread, stopped, down, of("a"), by("a=b"), by("grafana_dashboard")}))
		theirs := grafana(append(change.Draw(t, "change"), tenants)...)
		v := dashboardsLoaded(fm, &Run{Desired: boardsOf(kinds.ConfigMap), Facts: facts.Facts{Sidecars: []selection.Sidecar{theirs}}})
		NewWithT(t).Expect(v.status).To(Equal(metav1.ConditionUnknown))
	})
}

func TestGrafanaOperatorReportsOnDashboards(t *testing.T) {
	cluster, plane := facts.GrafanaDashboard{Name: "flux-dashboard-cluster"}, facts.GrafanaDashboard{Name: "flux-dashboard-control-plane"}
	synced := func(d facts.GrafanaDashboard) facts.GrafanaDashboard { d.Synchronized = true; return d }
	broken := func(d facts.GrafanaDashboard, problem string) facts.GrafanaDashboard { d.Problem = problem; return d }
	for sentence, c := range map[string]struct {
		reported []facts.GrafanaDashboard
		want     string
	}{
		"all": {[]facts.GrafanaDashboard{synced(cluster), synced(plane)},
			"True Loaded: grafana-operator reports that every GrafanaDashboard is synchronized"},
		"nothing": {nil, "Unknown NotSeen: grafana-operator has not reported on GrafanaDashboard flux-dashboard-cluster: check that it runs"},
		"one": {[]facts.GrafanaDashboard{synced(cluster), plane},
			"Unknown NotSeen: grafana-operator has not reported on GrafanaDashboard flux-dashboard-control-plane: check that it runs"},
		"no Grafana": {[]facts.GrafanaDashboard{synced(cluster), broken(plane, "NoMatchingInstance")},
			"False NoMatchingInstance: GrafanaDashboard flux-dashboard-control-plane matches no Grafana: correct spec.dashboards.instanceSelector"},
		"two faults": {[]facts.GrafanaDashboard{broken(cluster, "DashboardSynchronized"), broken(plane, "NoMatchingInstance")},
			"False NotSynchronized: GrafanaDashboard flux-dashboard-cluster is not in Grafana: see its condition DashboardSynchronized (and 1 more, see the GrafanaDashboards)"},
	} {
		t.Run(sentence, func(t *testing.T) {
			v := dashboardsLoaded(given.FluxMonitoring(t, "{}"), &Run{Desired: boardsOf(kinds.GrafanaDashboard), Facts: facts.Facts{GrafanaDashboards: c.reported}})
			NewWithT(t).Expect(string(v.status) + " " + v.reason + ": " + v.message).To(Equal(c.want))
		})
	}
}

func TestDashboardsLoadedNeedsDashboards(t *testing.T) {
	g := NewWithT(t)
	boards := boardsOf(kinds.ConfigMap)
	g.Expect(dashboardsLoaded(given.FluxMonitoring(t, "dashboards: {enabled: false}"), &Run{Desired: boards})).To(Equal(conditionValue{}))
	g.Expect(dashboardsLoaded(given.FluxMonitoring(t, "{}"), &Run{Desired: []*unstructured.Unstructured{kinds.Plain(kinds.PodMonitor)}})).To(Equal(conditionValue{}))
	g.Expect(dashboardsLoaded(given.FluxMonitoring(t, "{}"), &Run{}).reason).To(Equal("FluxNotFound"))
	lacking := dashboardsLoaded(given.FluxMonitoring(t, "{}"), &Run{Desired: boards, MissingAPIs: boards[:1], Facts: facts.Facts{Sidecars: []selection.Sidecar{grafana()}}})
	g.Expect(lacking).To(Equal(conditionValue{metav1.ConditionFalse, "ApplyFailed", "a dashboard is not applied, see Ready"}))
}

func TestWithoutThePermissionForStatefulSetsOnlyALoadedDashboardIsKnown(t *testing.T) {
	g := NewWithT(t)
	f := facts.Facts{Faults: map[schema.GroupVersionKind]error{kinds.StatefulSet: apierrors.NewForbidden(schema.GroupResource{Group: "apps", Resource: "statefulsets"}, "", errors.New("no"))}}
	run := &Run{Desired: boardsOf(kinds.ConfigMap), Facts: f}
	g.Expect(dashboardsLoaded(given.FluxMonitoring(t, "{}"), run)).To(Equal(conditionValue{metav1.ConditionUnknown, "Forbidden",
		`This is not known because the operator cannot list StatefulSet objects: statefulsets.apps is forbidden: no. Apply the operator's ClusterRole again.`}))
	run.Facts.Sidecars = []selection.Sidecar{grafana()}
	g.Expect(dashboardsLoaded(given.FluxMonitoring(t, "{}"), run).status).To(Equal(metav1.ConditionTrue))
}

func TestMessagesAboutGrafanaAreBounded(t *testing.T) {
	fm := given.FluxMonitoring(t, "{}")
	fm.Namespace = strings.Repeat("n", 63)
	rapid.Check(t, func(t *rapid.T) {
		long := grafana(func(s *selection.Sidecar) { s.Namespace, s.Name = strings.Repeat("m", 63), strings.Repeat("g", 253) })
		long.Namespaces = rapid.SliceOf(rapid.String()).Draw(t, "namespaces")
		long.FolderAnnotation = rapid.String().Draw(t, "annotation")
		long.Trusted, long.Stopped = rapid.Bool().Draw(t, "trusted"), rapid.Bool().Draw(t, "stopped")
		v := dashboardsLoaded(fm, &Run{Desired: boardsOf(kinds.ConfigMap), Facts: facts.Facts{Sidecars: []selection.Sidecar{long}}})
		NewWithT(t).Expect(len(v.message)).To(BeNumerically("<=", maxNote), v.message)
		NewWithT(t).Expect(v.message).NotTo(ContainSubstring("\n"))
	})
}
