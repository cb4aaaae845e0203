package statemetrics

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// rbac is the part of the chart's values about the role of kube-state-metrics.
type rbac struct {
	ExtraRules []rbacv1.PolicyRule `json:"extraRules"`
}

// Rules let kube-state-metrics read objects of these kinds, and nothing else: one rule per group.
func Rules(kinds []flux.ServedKind) []rbacv1.PolicyRule {
	rules := []rbacv1.PolicyRule{}
	for _, k := range sorted(kinds) {
		at := slices.IndexFunc(rules, func(r rbacv1.PolicyRule) bool { return r.APIGroups[0] == k.Group })
		if at < 0 {
			at = len(rules)
			rules = append(rules, rbacv1.PolicyRule{APIGroups: []string{k.Group}, Verbs: []string{"list", "watch"}})
		}
		if !slices.Contains(rules[at].Resources, k.Plural) {
			rules[at].Resources = append(rules[at].Resources, k.Plural)
		}
	}
	return rules
}

// discoveryRule lets kube-state-metrics discover kinds. The chart adds it by itself.
var discoveryRule = rbacv1.PolicyRule{
	APIGroups: []string{"apiextensions.k8s.io"}, Resources: []string{"customresourcedefinitions"}, Verbs: []string{"list", "watch"},
}
