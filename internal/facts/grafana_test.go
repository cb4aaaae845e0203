package facts

import (
	"fmt"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestATenantsGrafanaCountsOnlyIfThereIsNoTrustedOne(t *testing.T) {
	at := func(namespaces ...string) (all []selection.Sidecar) {
		for _, namespace := range namespaces {
			all = append(all, selection.Sidecar{Namespace: namespace, Name: "grafana", Namespaces: []string{"ALL"}})
		}
		return all
	}
	fm := fluxMonitoring("flux", 1, nil)
	for name, c := range map[string]struct {
		all  []selection.Sidecar
		want []string
	}{
		"none":                                  {nil, nil},
		"in the namespace of the resource":      {at("a-tenant", "monitoring"), []string{"monitoring true"}},
		"in that of a Prometheus":               {at("a-tenant", "prometheus"), []string{"prometheus true"}},
		"in one that the administrator trusts":  {at("a-tenant", "trusted"), []string{"trusted true"}},
		"in several of them":                    {at("trusted", "a-tenant", "monitoring"), []string{"monitoring true", "trusted true"}},
		"of a tenant, for other namespaces":     {[]selection.Sidecar{{Namespace: "a-tenant", Namespaces: []string{"a-tenant"}}}, nil},
		"only in namespaces of tenants, sorted": {at("b-tenant", "a-tenant"), []string{"a-tenant false", "b-tenant false"}},
	} {
		t.Run(name, func(t *testing.T) {
			var found []string
			for _, s := range SidecarsFor(&fm, c.all, []selection.Instance{{Namespace: "prometheus"}}, func(n string) bool { return n == "trusted" }) {
				found = append(found, fmt.Sprint(s.Namespace, " ", s.Trusted))
			}
			NewWithT(t).Expect(found).To(Equal(c.want))
		})
	}
}

func TestManyGrafanasOfTenantsHideNoTrustedOne(t *testing.T) {
	fm := fluxMonitoring("flux", 1, nil)
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		all := []selection.Sidecar{{Namespace: "monitoring", Name: "grafana", Namespaces: []string{"ALL"}}}
		for i := range rapid.IntRange(0, 100).Draw(t, "tenants") {
			all = append(all, selection.Sidecar{Namespace: rapid.StringMatching("[a-z]{1,12}").Draw(t, "namespace"), Name: fmt.Sprint(i), Namespaces: []string{"monitoring"}})
		}
		none := func(string) bool { return false }
		found := SidecarsFor(&fm, rapid.Permutation(all).Draw(t, "order"), nil, none)
		g.Expect(found).To(Equal(SidecarsFor(&fm, all, nil, none)))
		g.Expect(slices.ContainsFunc(found, func(s selection.Sidecar) bool { return s.Name == "grafana" })).To(BeTrue())
		g.Expect(len(SidecarsFor(&fm, all[1:], nil, none))).To(BeNumerically("<=", maxSidecars))
	})
}
