package alerts

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// within is a query on the objects of these names, a regular expression, in a namespace of the cluster prod.
func within(q query.Query, namespace, names string) query.Query {
	return q.Within(query.Is("cluster", "prod"), query.Is("exported_namespace", namespace), query.Among("name", names))
}

func TestTheRootIsWhatIsKnownToApplyFlux(t *testing.T) {
	instance := flux.Object{Kind: "FluxInstance", Namespace: "flux-system", Name: "flux"}
	both := func(q query.Query) query.Query {
		return within(q, "flux-system", "flux").Or(flux.Identity(), within(q, "infra", "platform"))
	}
	for name, c := range map[string]struct {
		roots            flux.Roots
		appliers, source query.Query
	}{
		"by the usual names, where nothing is known": {
			flux.Roots{}, within(query.NotReadyRoots, "flux-system", "flux|flux-system"), within(query.NotReadyRootSources, "flux-system", "flux|flux-system")},
		"of any name": {flux.Roots{
			Appliers: []flux.Object{instance, {Kind: "Kustomization", Namespace: "flux-system", Name: "cluster.eu"}},
			Sources:  []flux.Object{{Kind: "GitRepository", Namespace: "sources", Name: "fleet"}},
		}, within(query.NotReadyRoots, "flux-system", `flux|cluster\.eu`), within(query.NotReadyRootSources, "sources", "fleet")},
		"in several namespaces, with a source called alike where it is not known": {
			flux.Roots{Appliers: []flux.Object{instance, {Kind: "Kustomization", Namespace: "infra", Name: "platform"}}},
			both(query.NotReadyRoots), both(query.NotReadyRootSources)},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := params("v2.9.4")
			p.Cluster, p.Flux.Roots = "prod", c.roots
			g.Expect(theRule(g, p, "FluxRootNotReady").Expr.StrVal).To(Equal(c.appliers.String()))
			g.Expect(theRule(g, p, "FluxRootSourceNotReady").Expr.StrVal).To(HavePrefix(c.source.String()))
			g.Expect(theRule(g, p, "FluxResourceNotReady").Expr.StrVal).To(ContainSubstring(c.source.String()), "it leaves the source to the critical alert")
		})
	}
}
