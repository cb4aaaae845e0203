package limits_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/config/crd"
	"github.com/fluxmonitoring/operator/hack/crd/limits"
	"github.com/fluxmonitoring/operator/internal/admission"
)

func TestEachTextListAndMapOfTheSpecHasALimit(t *testing.T) {
	g := NewWithT(t)
	var definition map[string]any
	g.Expect(yaml.Unmarshal(crd.FluxMonitorings, &definition)).To(Succeed())
	g.Expect(limits.Lacking(definition)).To(BeEmpty())

	without := strings.ReplaceAll(string(crd.FluxMonitorings), "maxLength: 65536\n", "x: 1\n")
	g.Expect(yaml.Unmarshal([]byte(without), &definition)).To(Succeed())
	g.Expect(limits.Lacking(definition)).To(Equal([]string{
		"spec.alerts.additionalGroups[].rules[].expr: maxLength",
		"spec.patches[].patch: maxLength",
		"spec.stack.kubePrometheusStack.values: maxLength",
	}))
}

func TestAFieldKeepsTheLimitThatItHas(t *testing.T) {
	g := NewWithT(t)
	const before = `{type: object, properties: {a: {type: string, maxLength: 7}, b: {type: array, maxItems: 7, items: {type: string}}}}`
	definition := specOf(t, before)
	g.Expect(limits.Set(definition)).To(Succeed())
	g.Expect(yaml.Marshal(definition)).To(MatchYAML(strings.ReplaceAll(head+before+"}}}}]}}", "items: {type: string", "items: {type: string, maxLength: 4096")))
}

func TestWhatIsLongerThanItsLimitIsRefused(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	for says, spec := range map[string]string{
		"spec.patches[0].patch: Too long: may not be more than 65536 bytes":             "patches: [{patch: " + long(65537) + "}]",
		"spec.patches[0].target.name: Too long: may not be more than 4096 bytes":        "patches: [{patch: x, target: {name: " + long(4097) + "}}]",
		"spec.alerts.annotations.a: Too long: may not be more than 16384 bytes":         "alerts: {annotations: {a: " + long(16385) + "}}",
		"spec.alerts.labels.a: Too long: may not be more than 4096 bytes":               "alerts: {labels: {a: " + long(4097) + "}}",
		"spec.scrape.relabelings[0].sourceLabels: Too many: 101: must have at most 100": "scrape: {relabelings: [{sourceLabels: [" + strings.Repeat("x,", 101) + "]}]}",
		"spec.alerts.additionalGroups[0].rules[0].expr: Too long: may not be more than 65536 bytes": "alerts: {additionalGroups: [{name: a, rules: [{record: a, expr: " +
			long(65537) + "}]}]}",
	} {
		_, err := admission.Read(strings.NewReader("{apiVersion: fluxmonitoring.dev/v1alpha1, kind: FluxMonitoring, metadata: {name: a, namespace: b}, spec: {" + spec + "}}"))
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(says)))
	}
}

const head = "{spec: {versions: [{schema: {openAPIV3Schema: {properties: {spec: "

// specOf is a definition with one version, whose spec has that schema.
func specOf(t *testing.T, schema string) map[string]any {
	var definition map[string]any
	NewWithT(t).Expect(yaml.Unmarshal([]byte(head+schema+"}}}}]}}"), &definition)).To(Succeed())
	return definition
}
