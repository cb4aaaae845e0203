package statemetrics

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/statemetrics"
	"github.com/fluxmonitoring/operator/test/golden"
	"github.com/fluxmonitoring/operator/test/rig"
)

// One process serves all subtests: it takes seconds to start.
func TestKubeStateMetricsExportsTheStateOfFluxObjects(t *testing.T) {
	g := NewWithT(t)
	server, config := connect(t)
	kinds := served(t, server)
	g.Expect(kinds).To(HaveLen(16), "15 of Flux 2.9, and the operator's own")
	configuration, err := statemetrics.Configuration(kinds, true)
	must(t, err)
	p := start(t, config, account(t, server, config, kinds), configuration)
	waitFor(t, p)

	t.Run("as the golden file has it", func(t *testing.T) {
		golden.File(t, "testdata/exposition.txt", p.scraped(NewWithT(t), text).flux())
	})
	t.Run("in OpenMetrics too", func(t *testing.T) {
		g := NewWithT(t)
		plain, open := p.scraped(g, text), p.scraped(g, openMetrics)
		g.Expect(open.flux()).NotTo(Equal("\n"))
		for _, family := range []string{flux.StateInfo, flux.StateCondition, flux.StateSuspended} {
			g.Expect(open.series[family]).To(ConsistOf(plain.series[family]))
		}
	})
	t.Run("without a secret", func(t *testing.T) {
		g := NewWithT(t)
		answer, err := p.scrape(text)
		must(t, err)
		g.Expect(string(answer)).NotTo(ContainSubstring("secret-in"))
		g.Expect(string(answer)).NotTo(ContainSubstring("example.com"))
	})
	t.Run("beside all that it exports by default", func(t *testing.T) {
		g := NewWithT(t)
		e := p.scraped(g, text)
		g.Expect(e.series["kube_namespace_created"]).NotTo(BeEmpty())
		g.Expect(e.series["kube_configmap_info"]).NotTo(BeEmpty())
	})
	t.Run("so that the guide's alert fires for what fails", func(t *testing.T) { guideFires(t, p) })
	t.Run("and after the configuration has changed", func(t *testing.T) { reloads(t, p, kinds) })
}

// waitFor waits until every object of testdata is exported.
func waitFor(t *testing.T, p *process) {
	t.Helper()
	objects := len(testdata(t)) - 1 // one is a namespace
	rig.Eventually(t, func(g Gomega) {
		e := p.scraped(g, text)
		g.Expect(e.series[flux.StateInfo]).To(HaveLen(objects))
		g.Expect(e.series[flux.StateSuspended]).To(HaveLen(objects))
		g.Expect(e.series["kube_namespace_created"]).NotTo(BeEmpty())
	}).Should(Succeed())
}

// reloads expects kube-state-metrics to follow a ConfigMap that changes under it.
func reloads(t *testing.T, p *process, kinds []flux.ServedKind) {
	fewer := slices.DeleteFunc(slices.Clone(kinds), func(k flux.ServedKind) bool { return k.Name == "HelmRelease" })
	configuration, err := statemetrics.Configuration(fewer, false)
	must(t, err)
	p.configure(t, configuration)
	rig.Eventually(t, func(g Gomega) {
		e := p.scraped(g, text)
		g.Expect(e.series[flux.StateInfo]).To(ContainElement(ContainSubstring(`customresource_kind="Kustomization"`)))
		g.Expect(e.series[flux.StateInfo]).NotTo(ContainElement(ContainSubstring(`customresource_kind="HelmRelease"`)))
		g.Expect(e.series).NotTo(HaveKey(flux.StateCondition))
		g.Expect(e.series).NotTo(HaveKey(flux.StateSuspended))
		g.Expect(e.series["kube_namespace_created"]).NotTo(BeEmpty())
	}).Should(Succeed())
}
