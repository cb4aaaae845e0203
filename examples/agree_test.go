package examples_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestArgoCDAgreesWithKstatusOnEveryStatus(t *testing.T) {
	script := healthScript(t)
	same := map[string]string{"InProgress": "Progressing", "Current": "Healthy", "Failed": "Degraded"}
	for _, observed := range []int64{-1, 1, 2} {
		for _, ready := range []string{"True", "False", "Unknown"} {
			for _, other := range []string{"Reconciling", "Stalled", "Scraped"} {
				for _, is := range []string{"True", "False"} {
					t.Run(fmt.Sprintf("generation 2, observed %d, Ready=%s, %s=%s", observed, ready, other, is), func(t *testing.T) {
						o := &unstructured.Unstructured{Object: map[string]any{
							"metadata": map[string]any{"generation": int64(2)},
							"status": map[string]any{"observedGeneration": observed, "conditions": []any{
								map[string]any{"type": "Ready", "status": ready, "message": "of Ready"},
								map[string]any{"type": other, "status": is, "message": "of the other"},
							}},
						}}
						NewWithT(t).Expect(byLua(t, o, script).Status).To(Equal(same[byKstatus(t, o)]))
					})
				}
			}
		}
	}
}

func TestArgoCDWaitsForAnObjectThatHasNoStatus(t *testing.T) {
	o := &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"generation": int64(1)}}}
	NewWithT(t).Expect(byLua(t, o, healthScript(t))).To(Equal(health{"Progressing", "the operator has not reconciled this generation yet"}))
}

func TestFluxWaitsForEachConditionOfTheHealthCheck(t *testing.T) {
	g := NewWithT(t)
	check := healthCheck(t, "flux/monitoring.yaml")
	for _, lacking := range []string{"Ready", "Proven"} {
		for _, is := range []string{"False", "Unknown"} {
			var conditions []any
			for _, condition := range []string{"Ready", "Proven"} {
				status := "True"
				if condition == lacking {
					status = is
				}
				conditions = append(conditions, map[string]any{"type": condition, "status": status})
			}
			o := &unstructured.Unstructured{Object: map[string]any{"status": map[string]any{"conditions": conditions}}}
			g.Expect(byExpressions(t, o, check)).To(Equal("InProgress"), "%s=%s", lacking, is)
		}
	}
}
