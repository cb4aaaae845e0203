package desired

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/observe"
)

// stateMetricsSuffix ends the name of the ConfigMap for kube-state-metrics.
const stateMetricsSuffix = "-kube-state-metrics"

// StateMetricsName is the name of the ConfigMap for kube-state-metrics.
func StateMetricsName(fm *v1alpha1.FluxMonitoring) string { return fm.Name + stateMetricsSuffix }

// stateMetricsConfigMap is what plugs the state of Flux objects into a kube-state-metrics.
func stateMetricsConfigMap(fm *v1alpha1.FluxMonitoring, facts observe.Facts) ([]*unstructured.Unstructured, error) {
	return nil, nil
}
