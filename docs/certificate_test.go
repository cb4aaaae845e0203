package docs_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestThePodMonitorsSendATokenAndVerifyAsThePagesSay(t *testing.T) {
	token := map[string]any{"credentials": map[string]any{"name": "flux-metrics-reader", "key": "token"}}
	unverified := map[string]any{"insecureSkipVerify": true}
	verified := map[string]any{
		"ca":         map[string]any{"configMap": map[string]any{"name": "flux-metrics-ca", "key": "ca.crt"}},
		"serverName": "fluxmonitoring-operator-metrics.fluxmonitoring-system.svc",
	}
	for path, tls := range map[string]map[string]any{"docs/security.md": unverified, "docs/how-to/metrics-certificate.md": verified} {
		t.Run(path, func(t *testing.T) {
			g := NewWithT(t)
			objects, err := desired.Objects(shownIn(t, path), facts.Facts{
				Flux:             flux.Installation{Namespace: "flux-system", Controllers: []flux.Controller{{Name: "source-controller", App: "source-controller"}}},
				Served:           map[schema.GroupVersionKind]bool{monitoringv1.SchemeGroupVersion.WithKind("PodMonitor"): true},
				Exporter:         facts.Exporter{Namespace: "fluxmonitoring-system", Serving: true},
				MetricsNamespace: "fluxmonitoring-system", MetricsSecure: true,
			})
			must(t, err)
			sent := map[string][]any{}
			for _, o := range objects {
				if o.GetKind() == "PodMonitor" {
					endpoints, _, err := unstructured.NestedSlice(o.Object, "spec", "podMetricsEndpoints")
					must(t, err)
					endpoint := endpoints[0].(map[string]any)
					sent[o.GetName()] = []any{endpoint["scheme"], endpoint["authorization"], endpoint["tlsConfig"]}
				}
			}
			g.Expect(sent).To(Equal(map[string][]any{
				"flux": {nil, nil, nil}, "flux-exporter": {"https", token, tls}, "flux-fluxmonitoring": {"https", token, tls},
			}))
		})
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
