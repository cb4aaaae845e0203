package pipeline_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/test/given"
	"github.com/fluxmonitoring/operator/test/rig"
)

// What tests of several packages begin with.
var (
	monitoring, patch, selecting  = given.FluxMonitoring, given.Patch, given.Prometheus
	everything, exporting, fluxOf = given.Everything, given.Exporting, given.Flux
	must                          = rig.Must
)

// build is a FluxMonitoring, with the objects that are desired with these facts.
func build(t *testing.T, spec string, facts facts.Facts) (*v1alpha1.FluxMonitoring, []*unstructured.Unstructured) {
	t.Helper()
	fm := monitoring(t, spec)
	objects, err := desired.Objects(fm, facts)
	must(t, err)
	return fm, objects
}

// rulesOf are the rules of the PrometheusRule.
func rulesOf(objects []*unstructured.Unstructured) []map[string]any {
	var rules []map[string]any
	for _, group := range pipeline.ListIn(pipeline.FirstOfKind(objects, "PrometheusRule").Object, "spec", "groups") {
		for _, r := range pipeline.ListIn(group.(map[string]any), "rules") {
			rules = append(rules, r.(map[string]any))
		}
	}
	return rules
}
