package statemetrics

import (
	"path/filepath"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/golden"
)

func TestDataIsAsTheGoldenFilesHaveIt(t *testing.T) {
	for name, c := range map[string]struct {
		release    string
		compatible bool
	}{
		"flux-2.2":         {"flux-2.2", true},
		"flux-2.7":         {"flux-2.7", true},
		"flux-2.9":         {"flux-2.9", true},
		"flux-2.9-minimal": {"flux-2.9", false},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := Data(served(t, c.release), c.compatible, "flux-kube-state-metrics")
			NewWithT(t).Expect(err).NotTo(HaveOccurred())
			for key, content := range data {
				if key == KeyInlineValues && c.compatible {
					continue // it is long, and config.yaml once more
				}
				golden.File(t, filepath.Join("testdata", name, key), content)
			}
		})
	}
}

func TestTheOrderOfKindsDoesNotMatter(t *testing.T) {
	g := NewWithT(t)
	kinds := served(t, "flux-2.9")
	slices.Reverse(kinds)
	g.Expect(Data(kinds, true, "flux-kube-state-metrics")).To(Equal(data(t)))
	g.Expect(kinds[len(kinds)-1].Name).To(Equal("Kustomization"), "what is given is not reordered")
}

func TestDataFitsIntoAConfigMap(t *testing.T) {
	size := 0
	for key, content := range data(t) {
		size += len(key) + len(content)
	}
	NewWithT(t).Expect(size).To(BeNumerically("<", 200<<10), "of the 1 MiB there is")
}

func TestWithoutKindsNothingIsExported(t *testing.T) {
	g := NewWithT(t)
	g.Expect(configured(g, nil).Spec.Resources).To(BeEmpty())
	g.Expect(Configuration(nil, true)).To(ContainSubstring("resources: []"))
	g.Expect(Rules(nil)).To(BeEmpty())
}

func TestRulesCoverExactlyWhatIsRead(t *testing.T) {
	for release := range releases {
		t.Run(release, func(t *testing.T) {
			g := NewWithT(t)
			kinds := served(t, release)
			var read, allowed, groups []string
			for _, k := range kinds { // as TestEveryKindIsReadOnceInTheVersionServed expects
				read = append(read, k.Group+" "+k.Plural)
			}
			for _, rule := range Rules(kinds) {
				g.Expect(rule.Verbs).To(Equal([]string{"list", "watch"}))
				g.Expect(rule.APIGroups).To(HaveLen(1))
				groups = append(groups, rule.APIGroups[0])
				for _, resource := range rule.Resources {
					allowed = append(allowed, rule.APIGroups[0]+" "+resource)
				}
			}
			g.Expect(allowed).To(ConsistOf(read))
			g.Expect(allowed).NotTo(ContainElement(ContainSubstring("*")))
			for i, group := range groups {
				g.Expect(groups[:i]).NotTo(ContainElement(group), "one rule a group")
			}
		})
	}
}

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
	want := configured(g, kinds)
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
