package statemetrics

import (
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

func TestRulesCoverExactlyWhatIsRead(t *testing.T) {
	for release := range releases {
		t.Run(release, func(t *testing.T) {
			g := NewWithT(t)
			kinds := served(t, release)
			plurals := map[string]string{}
			for _, k := range kinds {
				plurals[k.Group+" "+k.Name] = k.Plural
			}
			var read, allowed, groups []string
			for _, r := range configured(g, kinds, true).Spec.Resources {
				group := r.GroupVersionKind.Group
				read = append(read, group+" "+plurals[group+" "+r.GroupVersionKind.Kind])
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

func TestTheClusterRoleAlsoLetsKindsBeDiscovered(t *testing.T) {
	g := NewWithT(t)
	kinds := only(t, "Kustomization")
	data, err := Data(kinds, true, "flux-kube-state-metrics")
	g.Expect(err).NotTo(HaveOccurred())
	var role rbacv1.ClusterRole
	g.Expect(yaml.UnmarshalStrict([]byte(data[KeyClusterRole]), &role)).To(Succeed())
	g.Expect(role.Name).To(Equal("flux-kube-state-metrics"))
	g.Expect(role.Rules).To(Equal(append([]rbacv1.PolicyRule{{
		APIGroups: []string{"apiextensions.k8s.io"}, Resources: []string{"customresourcedefinitions"}, Verbs: []string{"list", "watch"},
	}}, Rules(kinds)...)))
}
