package statemetrics

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

// chart is what values say to the chart kube-state-metrics.
func chart(g Gomega, content string) chartValues {
	var v map[string]chartValues
	g.Expect(yaml.UnmarshalStrict([]byte(content), &v)).To(Succeed(), "nothing but what is known to be harmless")
	g.Expect(v).To(HaveLen(1))
	g.Expect(v).To(HaveKey("kube-state-metrics"))
	return v["kube-state-metrics"]
}

func TestValuesNameTheConfigMap(t *testing.T) {
	g := NewWithT(t)
	kinds := served(t, "flux-2.9")
	data, err := Data(kinds, true, "flux-kube-state-metrics")
	g.Expect(err).NotTo(HaveOccurred())
	no := false
	got := chart(g, data[KeyValues])
	g.Expect(got.CustomResourceState).To(Equal(customResourceState{
		Enabled: true, Create: &no, Name: "flux-kube-state-metrics", Key: "config.yaml",
	}))
	g.Expect(got.RBAC.ExtraRules).To(Equal(Rules(kinds)))
	g.Expect(data).To(HaveKey(got.CustomResourceState.Key))
}

func TestInlineValuesHoldTheConfiguration(t *testing.T) {
	g := NewWithT(t)
	kinds := served(t, "flux-2.9")
	data, err := Data(kinds, true, "flux-kube-state-metrics")
	g.Expect(err).NotTo(HaveOccurred())
	want := configured(g, kinds, true)
	got := chart(g, data[KeyInlineValues])
	g.Expect(got.CustomResourceState).To(Equal(customResourceState{Enabled: true, Config: &want}))
	g.Expect(got.RBAC.ExtraRules).To(Equal(Rules(kinds)))
}

func TestValuesAreSilentAboutWhatElseIsExposed(t *testing.T) {
	g := NewWithT(t)
	data, err := Data(served(t, "flux-2.9"), true, "flux")
	g.Expect(err).NotTo(HaveOccurred())
	for key, content := range data {
		for _, word := range []string{"collectors", "extraArgs", "custom-resource-state-only", "resources=", "NAME}", "{name}"} {
			g.Expect(content).NotTo(ContainSubstring(word), key)
		}
	}
}
