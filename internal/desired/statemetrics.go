package desired

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/statemetrics"
)

// stateMetricsSuffix ends the name of the ConfigMap for kube-state-metrics.
const stateMetricsSuffix = "-kube-state-metrics"

// watchLabel has Flux upgrade a HelmRelease at once when a ConfigMap changes from which it has values.
const watchLabel = "reconcile.fluxcd.io/watch"

// StateMetricsName is the name of the ConfigMap for kube-state-metrics.
func StateMetricsName(fm *v1alpha1.FluxMonitoring) string { return fm.Name + stateMetricsSuffix }

// IsStateMetrics reports whether an object is the ConfigMap for kube-state-metrics and not that of a dashboard.
func IsStateMetrics(o *unstructured.Unstructured) bool {
	return o.GetKind() == kinds.ConfigMap.Kind && strings.HasSuffix(o.GetName(), stateMetricsSuffix)
}

// stateMetricsConfigMap has kube-state-metrics export the state of Flux objects, of the kinds and versions that the cluster serves now.
func stateMetricsConfigMap(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	if pipeline.Exposure(fm, facts).State != flux.KubeStateMetrics || len(facts.FluxKinds) == 0 || !facts.FluxFound() {
		return nil, nil
	}
	data, err := statemetrics.Data(facts.FluxKinds, fm.Spec.ResourceMetrics.HasLegacyMetrics(), StateMetricsName(fm))
	if err != nil {
		return nil, &ConfigurationError{Field: "spec.resourceMetrics", Err: err}
	}
	o := newObject(kinds.ConfigMap, fm, stateMetricsSuffix)
	o.SetLabels(mergeMaps(o.GetLabels(), map[string]string{watchLabel: "Enabled"}))
	content := make(map[string]any, len(data))
	for key, text := range data {
		content[key] = text
	}
	o.Object["data"] = content
	return []*unstructured.Unstructured{o}, nil
}
