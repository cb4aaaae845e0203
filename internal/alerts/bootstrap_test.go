package alerts

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// within is a query on the objects of these names, a regular expression, in a namespace of the cluster prod.
func within(q query.Query, namespace, names string) query.Query {
	return q.Within(query.Is("cluster", "prod"), query.Is("exported_namespace", namespace), query.Among("name", names))
}

func TestBootstrapObjectsAreThoseThatApplyFlux(t *testing.T) {
	instance := flux.Object{Kind: "FluxInstance", Namespace: "flux-system", Name: "flux"}
	both := func(q query.Query) query.Query {
		return within(q, "flux-system", "flux").Or(flux.Identity(), within(q, "infra", "platform"))
	}
	for name, c := range map[string]struct {
		known             flux.Bootstrap
		appliers, sources query.Query
	}{
		"by the usual names, if none are known": {flux.Bootstrap{}, within(query.NotReadyBootstrapAppliers, "flux-system", "flux|flux-system"),
			within(query.NotReadyBootstrapSources, "flux-system", "flux|flux-system")},
		"of any name": {flux.Bootstrap{
			Appliers: []flux.Object{instance, {Kind: "Kustomization", Namespace: "flux-system", Name: "cluster.eu"}},
			Sources:  []flux.Object{{Kind: "GitRepository", Namespace: "sources", Name: "fleet"}},
		}, within(query.NotReadyBootstrapAppliers, "flux-system", `flux|cluster\.eu`), within(query.NotReadyBootstrapSources, "sources", "fleet")},
		"in several namespaces, with sources named alike if those are not known": {
			flux.Bootstrap{Appliers: []flux.Object{instance, {Kind: "Kustomization", Namespace: "infra", Name: "platform"}}},
			both(query.NotReadyBootstrapAppliers), both(query.NotReadyBootstrapSources)},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := params("v2.9.4")
			p.Cluster, p.Flux.Bootstrap = "prod", c.known
			whole := theRule(g, p, "FluxBootstrapNotReady").Expr.StrVal
			g.Expect(whole).To(HavePrefix(c.appliers.String()))
			for part := range strings.SplitSeq(c.sources.String(), " or on (") {
				g.Expect(whole).To(ContainSubstring(strings.TrimSpace(part)))
			}
			g.Expect(theRule(g, p, "ReconciliationFailure").Expr.StrVal).To(ContainSubstring(c.appliers.String()), "it leaves appliers to this alert")
			g.Expect(theRule(g, p, "FluxSourceNotReady").Expr.StrVal).To(ContainSubstring(c.sources.String()), "it leaves sources to this alert")
		})
	}
}
