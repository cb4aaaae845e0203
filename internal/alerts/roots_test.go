package alerts

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestTheRootIsWhatIsKnownToApplyFlux(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Cluster = "prod"
	expr := func(name string) string { return theRule(g, p, name).Expr.StrVal }
	g.Expect(expr("FluxRootNotReady")).To(Equal(`max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{`+
		`cluster="prod",exported_namespace="flux-system",kind=~"FluxInstance|Kustomization",name=~"flux|flux-system"})`), "where nothing is known")

	p.Flux.Roots = flux.Roots{
		Appliers: []flux.Object{
			{Kind: "FluxInstance", Namespace: "flux-system", Name: "flux"}, {Kind: "Kustomization", Namespace: "flux-system", Name: "cluster.eu"},
		},
		Sources: []flux.Object{{Kind: "GitRepository", Namespace: "flux-system", Name: "cluster.eu"}},
	}
	g.Expect(expr("FluxRootNotReady")).To(Equal(`max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{` +
		`cluster="prod",exported_namespace="flux-system",kind=~"FluxInstance|Kustomization",name=~"flux|cluster\\.eu"})`))
	g.Expect(expr("FluxRootSourceNotReady")).To(HavePrefix(`max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{` +
		`cluster="prod",exported_namespace="flux-system",kind=~"Bucket|GitRepository|OCIRepository",name=~"cluster\\.eu"})`))
	g.Expect(expr("FluxResourceNotReady")).To(ContainSubstring(`name=~"cluster\\.eu"`), "it leaves the root's source to the critical alert")

	p.Flux.Roots = flux.Roots{Appliers: []flux.Object{
		{Kind: "FluxInstance", Namespace: "flux-system", Name: "flux"}, {Kind: "Kustomization", Namespace: "infra", Name: "platform"},
	}}
	each := func(kinds string) string {
		return `max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{cluster="prod",exported_namespace="flux-system",kind=~"` + kinds + `",name=~"flux"})` +
			` or on (cluster, kind, exported_namespace, name) ` +
			`(max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{cluster="prod",exported_namespace="infra",kind=~"` + kinds + `",name=~"platform"}))`
	}
	g.Expect(expr("FluxRootNotReady")).To(Equal(each("FluxInstance|Kustomization")))
	g.Expect(expr("FluxRootSourceNotReady")).To(HavePrefix(each("Bucket|GitRepository|OCIRepository")), "a source that is not known has the name of what applies it")
}
