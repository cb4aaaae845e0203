package statemetrics

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

// chart are the values of the chart kube-state-metrics.
func chart(g Gomega, content string) chartValues {
	var v map[string]chartValues
	g.Expect(yaml.UnmarshalStrict([]byte(content), &v)).To(Succeed(), "nothing but what is known to be harmless")
	g.Expect(v).To(HaveLen(1))
	g.Expect(v).To(HaveKey("kube-state-metrics"))
	return v["kube-state-metrics"]
}

func TestInlineValuesHoldTheConfiguration(t *testing.T) {
	g := NewWithT(t)
	kinds := served(t, "flux-2.9")
	want := configured(g, kinds, true)
	chart(g, data(t)[KeyValues])
	got := chart(g, data(t)[KeyInlineValues])
	g.Expect(got.CustomResourceState).To(Equal(customResourceState{Enabled: true, Config: &want}))
	g.Expect(got.RBAC.ExtraRules).To(Equal(Rules(kinds)))
}

func TestValuesDoNotChangeWhatElseIsExported(t *testing.T) {
	for key, content := range data(t) {
		for _, word := range []string{"collectors", "extraArgs", "custom-resource-state-only", "resources=", "NAME}", "{name}"} {
			NewWithT(t).Expect(content).NotTo(ContainSubstring(word), key)
		}
	}
}
