package statemetrics

import (
	"testing"

	. "github.com/onsi/gomega"
)

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
