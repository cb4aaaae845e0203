package controllers_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// deep creates an object that the API server stores, and that no client can decode in a list: its metadata, which no schema limits, nests
// too deeply.
func (p *place) deep(apiVersion, kind, name string) {
	p.t.Helper()
	const levels = 9995
	var fields map[string]any
	p.must(json.Unmarshal([]byte(strings.Repeat(`{"f:a":`, levels)+"{}"+strings.Repeat("}", levels)), &fields))
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": apiVersion, "kind": kind, "spec": map[string]any{},
		"metadata": map[string]any{"namespace": p.namespace, "name": name, "managedFields": []any{map[string]any{
			"manager": "anybody", "operation": "Update", "apiVersion": apiVersion, "time": "2026-01-01T00:00:00Z",
			"fieldsType": "FieldsV1", "fieldsV1": fields,
		}}},
	}}
	p.must(p.Create(p.t.Context(), o))
	p.t.Cleanup(func() { p.must(client.IgnoreNotFound(p.Delete(context.Background(), o))) })
}

func TestADeeplyNestedObjectBlocksNoOther(t *testing.T) {
	p := inVacantCluster(t)
	p.deep("fluxmonitoring.dev/v1alpha1", "FluxMonitoring", "listed")
	p.deep("monitoring.coreos.com/v1", "Prometheus", "listed")
	p.Expect(p.List(t.Context(), &v1alpha1.FluxMonitoringList{})).To(MatchError(ContainSubstring("exceeded max depth")))
	p.operator(t)
	p.withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)
	p.deep("fluxmonitoring.dev/v1alpha1", "FluxMonitoring", "watched")
	p.deep("monitoring.coreos.com/v1", "Prometheus", "watched")
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Scrape.Interval = "47s" })
	p.eventually("the change is applied", func() bool {
		content, err := json.Marshal(p.get("PodMonitor", "flux").Object)
		p.must(err)
		return strings.Contains(string(content), `"47s"`)
	})
}
