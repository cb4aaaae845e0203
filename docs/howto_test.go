package docs_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/test/given"
)

func TestPodMonitorsSendATokenAndVerifyAsThePagesSay(t *testing.T) {
	token := map[string]any{"credentials": map[string]any{"name": "flux-metrics-reader", "key": "token"}}
	unverified := map[string]any{"insecureSkipVerify": true}
	verified := map[string]any{
		"ca":         map[string]any{"configMap": map[string]any{"name": "flux-metrics-ca", "key": "ca.crt"}},
		"serverName": "fluxmonitoring-operator-metrics.fluxmonitoring-system.svc",
	}
	for path, tls := range map[string]map[string]any{"docs/security.md": unverified, "docs/how-to/metrics-certificate.md": verified} {
		t.Run(path, func(t *testing.T) {
			facts := given.Everything()
			facts.MetricsSecure = true
			objects, err := desired.Objects(shownIn(t, path), facts)
			must(t, err)
			sent := map[string][]any{}
			for _, o := range objects {
				if o.GetKind() == "PodMonitor" {
					endpoint := pipeline.ListIn(o.Object, "spec", "podMetricsEndpoints")[0].(map[string]any)
					sent[o.GetName()] = []any{endpoint["scheme"], endpoint["authorization"], endpoint["tlsConfig"]}
				}
			}
			NewWithT(t).Expect(sent).To(Equal(map[string][]any{
				"flux": {nil, nil, nil}, "flux-exporter": {"https", token, tls}, "flux-fluxmonitoring": {"https", token, tls},
			}))
		})
	}
}

func TestOnOpenShiftAnOperatorBesideFluxIsScraped(t *testing.T) {
	const elsewhere = "PodMonitor %s does not find the operator in namespace openshift-operators: scrape its port %s by a PodMonitor there, or run " +
		"the operator in namespace flux-system"
	content, err := os.ReadFile("testdata/openshift.yaml")
	must(t, err)
	prometheus := &monitoringv1.Prometheus{}
	must(t, yaml.UnmarshalStrict(content, prometheus))
	instance, ok := observe.InstanceOf(prometheus)
	NewWithT(t).Expect(ok).To(BeTrue(), "it is no Prometheus")
	for operator, issues := range map[string][]v1alpha1.PrometheusIssue{
		"flux-system": nil,
		"openshift-operators": {
			ignored(fmt.Sprintf(elsewhere, "flux-exporter", "exporter")), ignored(fmt.Sprintf(elsewhere, "flux-fluxmonitoring", "metrics")),
		},
	} {
		t.Run(operator, func(t *testing.T) {
			g := NewWithT(t)
			fm, facts := shownIn(t, "docs/how-to/openshift.md"), given.Exporting(given.Flux("v2.9.5", "kustomize-controller:v1.9.5"))
			facts.NamespaceLabels = map[string]string{"kubernetes.io/metadata.name": "flux-system"}
			facts.Exporter.Serving, facts.Exporter.Namespace, facts.MetricsNamespace = false, operator, operator
			facts.Prometheuses = []selection.Instance{instance}
			facts.Alertmanagers = []selection.Alertmanager{{Namespace: "openshift-monitoring", Name: "main"}}
			objects, err := desired.Objects(fm, facts)
			must(t, err)
			scraped, yes := issues == nil, true
			g.Expect(pipeline.Prometheuses(fm, facts, objects)).To(Equal([]v1alpha1.PrometheusStatus{{
				Kind: "Prometheus", Namespace: "openshift-user-workload-monitoring", Name: "user-workload",
				PodMonitorsSelected: &scraped, RulesSelected: &yes, Issues: issues,
			}}))
			if scraped {
				g.Expect(pipeline.EvaluationOf(fm, facts, objects)).To(Equal(pipeline.Evaluation{
					By: []string{"openshift-user-workload-monitoring/user-workload"}, Delivers: true,
				}))
			}
			g.Expect(pipeline.FirstOfKind(objects, "PrometheusRule").GetLabels()).To(
				HaveKeyWithValue("openshift.io/prometheus-rule-evaluation-scope", "leaf-prometheus"))
		})
	}
}

// ignored is the issue of a Prometheus that finds pods in the namespace of the PodMonitor only.
func ignored(message string) v1alpha1.PrometheusIssue {
	return v1alpha1.PrometheusIssue{
		Reason: selection.NamespaceSelectorIgnored, Field: "spec.ignoreNamespaceSelectors",
		Message: "spec.ignoreNamespaceSelectors is true, so " + message,
	}
}

// shownIn is the FluxMonitoring that a page shows.
func shownIn(t *testing.T, path string) *v1alpha1.FluxMonitoring {
	t.Helper()
	for _, b := range read(t, path).blocks {
		for _, document := range strings.Split(b.content, "\n---\n") {
			if strings.Contains(document, "kind: FluxMonitoring\n") {
				fm := &v1alpha1.FluxMonitoring{}
				must(t, yaml.UnmarshalStrict([]byte(document), fm))
				return fm
			}
		}
	}
	t.Fatalf("%s shows no FluxMonitoring", path)
	return nil
}
