package docs_test

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestOnOpenShiftEverythingIsTakenUpWithTheOperatorBesideFlux(t *testing.T) {
	g := NewWithT(t)
	fm, facts := openShift(t, "flux-system")
	objects, err := desired.Objects(fm, facts)
	must(t, err)
	yes := true
	g.Expect(pipeline.Prometheuses(fm, facts, objects)).To(Equal([]v1alpha1.PrometheusStatus{{
		Kind: "Prometheus", Namespace: "openshift-user-workload-monitoring", Name: "user-workload",
		PodMonitorsSelected: &yes, RulesSelected: &yes,
	}}))
	g.Expect(pipeline.EvaluationOf(fm, facts, objects)).To(Equal(pipeline.Evaluation{
		By: []string{"openshift-user-workload-monitoring/user-workload"}, Delivers: true,
	}))
	g.Expect(ofKind(t, objects, "PrometheusRule").GetLabels()).To(HaveKeyWithValue("openshift.io/prometheus-rule-evaluation-scope", "leaf-prometheus"))
}

func TestOnOpenShiftAnOperatorElsewhereIsNotScrapedAndThatIsSaid(t *testing.T) {
	fm, facts := openShift(t, "openshift-operators")
	objects, err := desired.Objects(fm, facts)
	must(t, err)
	no, yes := false, true
	NewWithT(t).Expect(pipeline.Prometheuses(fm, facts, objects)).To(Equal([]v1alpha1.PrometheusStatus{{
		Kind: "Prometheus", Namespace: "openshift-user-workload-monitoring", Name: "user-workload",
		PodMonitorsSelected: &no, RulesSelected: &yes, Issues: []v1alpha1.PrometheusIssue{
			{Reason: "NamespaceSelectorIgnored", Field: "spec.ignoreNamespaceSelectors", Message: "spec.ignoreNamespaceSelectors is true, so " +
				"PodMonitor flux-exporter does not find the operator in namespace openshift-operators: scrape its port exporter by a PodMonitor " +
				"there, or run the operator in namespace flux-system"},
			{Reason: "NamespaceSelectorIgnored", Field: "spec.ignoreNamespaceSelectors", Message: "spec.ignoreNamespaceSelectors is true, so " +
				"PodMonitor flux-fluxmonitoring does not find the operator in namespace openshift-operators: scrape its port metrics by a " +
				"PodMonitor there, or run the operator in namespace flux-system"},
		},
	}}))
}

// openShift is the FluxMonitoring that the page shows, and what is found with the operator in a namespace.
func openShift(t *testing.T, operator string) (*v1alpha1.FluxMonitoring, facts.Facts) {
	t.Helper()
	content, err := os.ReadFile("testdata/openshift.yaml")
	must(t, err)
	prometheus := &monitoringv1.Prometheus{}
	must(t, yaml.UnmarshalStrict(content, prometheus))
	instance, ok := observe.InstanceOf(prometheus)
	if !ok {
		t.Fatal("it is no Prometheus")
	}
	facts := facts.Facts{
		Flux: flux.Installation{Namespace: "flux-system", Version: "v2.9.5", Controllers: []flux.Controller{
			{Name: "kustomize-controller", App: "kustomize-controller", Component: "kustomize-controller", Version: "v1.9.5"},
		}},
		NamespaceLabels:  map[string]string{"kubernetes.io/metadata.name": "flux-system"},
		MetricsNamespace: operator,
		Prometheuses:     []selection.Instance{instance},
		Alertmanagers:    []selection.Alertmanager{{Namespace: "openshift-monitoring", Name: "main"}},
	}
	facts.Exporter.Namespace = operator
	return shownIn(t, "docs/how-to/openshift.md"), facts
}

func ofKind(t *testing.T, objects []*unstructured.Unstructured, kind string) *unstructured.Unstructured {
	t.Helper()
	for _, o := range objects {
		if o.GetKind() == kind {
			return o
		}
	}
	t.Fatalf("there is no %s", kind)
	return nil
}
