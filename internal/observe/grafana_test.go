package observe

import (
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
)

func TestOnlyTheNewestReportOfGrafanaOperatorCounts(t *testing.T) {
	for name, c := range map[string]struct {
		status string
		want   facts.GrafanaDashboard
	}{
		"nothing":        {"{}", facts.GrafanaDashboard{}},
		"synchronized":   {"{conditions: [{type: DashboardSynchronized, status: 'True', observedGeneration: 2}]}", facts.GrafanaDashboard{Synchronized: true}},
		"an older one":   {"{conditions: [{type: DashboardSynchronized, status: 'True', observedGeneration: 1}]}", facts.GrafanaDashboard{}},
		"one that fails": {"{conditions: [{type: DashboardSynchronized, status: 'False', observedGeneration: 2, message: a}]}", facts.GrafanaDashboard{Problem: "DashboardSynchronized"}},
		"no instance":    {"{conditions: [{type: NoMatchingInstance, status: 'True', observedGeneration: 2}]}", facts.GrafanaDashboard{Problem: "NoMatchingInstance"}},
		"suspended":      {"{conditions: [{type: Suspended, status: 'True', observedGeneration: 2}]}", facts.GrafanaDashboard{Problem: "Suspended"}},
		"an old version": {"{hash: a, NoMatchingInstances: false, conditions: [a, {type: 1}]}", facts.GrafanaDashboard{}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			text, err := yaml.YAMLToJSON([]byte("{apiVersion: grafana.integreatly.org/v1beta1, kind: GrafanaDashboard, metadata: {namespace: a, name: b, generation: 2, " +
				"labels: {c: d, fluxmonitoring.dev/name: flux}}, spec: {json: e}, status: " + c.status + "}"))
			must(t, err)
			o := unstructured.Unstructured{}
			must(t, o.UnmarshalJSON(text)) // which reads integers as the client does
			c.want.Name = "b"
			kept := StripStatus(&o)
			g.Expect(GrafanaDashboardOf(&o)).To(Equal(c.want))
			g.Expect(GrafanaDashboardOf(kept)).To(Equal(c.want))
			g.Expect(kept.Object).NotTo(HaveKey("spec"))
			g.Expect(kept.GetLabels()).To(Equal(map[string]string{"fluxmonitoring.dev/name": "flux"}))
			g.Expect(StripStatus(kept)).To(Equal(kept))
		})
	}
}

func TestGrafanasAreReadForDashboardsInConfigMapsOnly(t *testing.T) {
	set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Namespace: "elsewhere", Name: "grafana"}}
	set.Spec.Template.Spec = grafana(t, theSidecar, theGrafana).Spec.Template.Spec
	for name, c := range map[string]struct {
		change  func(*v1alpha1.FluxMonitoring)
		trusted func(string) bool
		want    []string
	}{
		"ConfigMaps":                           {func(*v1alpha1.FluxMonitoring) {}, nil, []string{"Deployment monitoring/grafana"}},
		"ConfigMaps, and a trusted namespace":  {func(*v1alpha1.FluxMonitoring) {}, func(string) bool { return true }, []string{"StatefulSet elsewhere/grafana", "Deployment monitoring/grafana"}},
		"no dashboards":                        {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Enabled = new(bool) }, nil, nil},
		"GrafanaDashboards, which have no API": {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Format = "GrafanaDashboard" }, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			fm := fluxMonitoring("flux", 1)
			c.change(fm)
			main := grafana(t, theSidecar, theGrafana)
			o := observerOf(t, append(kinds.Optional()[:0:0], kinds.StatefulSet), append(aCluster(), fm, main, set)...)
			o.Trusted = c.trusted
			var found []string
			for _, s := range o.observe(t, fm).Sidecars {
				found = append(found, s.Kind+" "+s.Grafana())
			}
			NewWithT(t).Expect(found).To(Equal(c.want))
		})
	}
}
