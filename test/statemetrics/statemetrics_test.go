package statemetrics

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/statemetrics"
	"github.com/fluxmonitoring/operator/test/golden"
)

const (
	soon  = time.Minute // generous: what is asserted is that it happens, on machines that are busy
	often = 100 * time.Millisecond
)

// One process is put through it all: it takes seconds to start.
func TestKubeStateMetricsTellsTheStateOfFluxObjects(t *testing.T) {
	g := NewWithT(t)
	kinds := served(g)
	g.Expect(kinds).To(HaveLen(16), "15 of Flux 2.9, and the operator's own")
	configuration, err := statemetrics.Configuration(kinds, true)
	g.Expect(err).NotTo(HaveOccurred())
	p := start(t, account(t, kinds), configuration)
	waitFor(t, p)

	t.Run("as the golden file has it", func(t *testing.T) {
		golden.File(t, "testdata/exposition.txt", p.scraped(NewWithT(t), text).flux("gotk_"))
	})
	t.Run("in OpenMetrics too", func(t *testing.T) {
		g := NewWithT(t)
		plain, open := p.scraped(g, text), p.scraped(g, openMetrics)
		g.Expect(open.flux("gotk_")).NotTo(Equal("\n"))
		for _, family := range []string{flux.StateInfo, flux.StateCondition, flux.StateSuspended} {
			g.Expect(open.series[family]).To(ConsistOf(plain.series[family]))
		}
	})
	t.Run("without a secret", func(t *testing.T) {
		g := NewWithT(t)
		answer, err := p.scrape(text)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(answer)).NotTo(ContainSubstring("secret-in"))
		g.Expect(string(answer)).NotTo(ContainSubstring("example.com"))
	})
	t.Run("beside all it told before", func(t *testing.T) {
		g := NewWithT(t)
		e := p.scraped(g, text)
		g.Expect(e.series["kube_namespace_created"]).NotTo(BeEmpty())
		g.Expect(e.series["kube_configmap_info"]).NotTo(BeEmpty())
	})
	t.Run("so that the guide's alert fires for what fails", func(t *testing.T) { guideFires(t, p) })
	t.Run("and as it is configured anew", func(t *testing.T) { reloads(t, p, kinds) })
}

// waitFor waits until every object of testdata is told of.
func waitFor(t *testing.T, p *process) {
	t.Helper()
	objects, err := objectsOf("testdata/objects.yaml")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Eventually(func(g Gomega) {
		e := p.scraped(g, text)
		g.Expect(e.series[flux.StateInfo]).To(HaveLen(len(objects) - 1)) // a namespace is none of Flux's
		g.Expect(e.series[flux.StateSuspended]).To(HaveLen(len(objects) - 1))
		g.Expect(e.series["kube_namespace_created"]).NotTo(BeEmpty())
	}, soon, often).Should(Succeed())
}

// reloads expects kube-state-metrics to follow a ConfigMap that changes under it.
func reloads(t *testing.T, p *process, kinds []flux.ServedKind) {
	g := NewWithT(t)
	var fewer []flux.ServedKind
	for _, k := range kinds {
		if k.Name != "HelmRelease" {
			fewer = append(fewer, k)
		}
	}
	configuration, err := statemetrics.Configuration(fewer, false)
	g.Expect(err).NotTo(HaveOccurred())
	began := time.Now()
	p.volume.write(g, configuration)
	g.Eventually(func(g Gomega) {
		e := p.scraped(g, text)
		g.Expect(e.series[flux.StateInfo]).To(ContainElement(ContainSubstring(`customresource_kind="Kustomization"`)))
		g.Expect(e.series[flux.StateInfo]).NotTo(ContainElement(ContainSubstring(`customresource_kind="HelmRelease"`)))
		g.Expect(e.series).NotTo(HaveKey(flux.StateCondition))
		g.Expect(e.series).NotTo(HaveKey(flux.StateSuspended))
		g.Expect(e.series["kube_namespace_created"]).NotTo(BeEmpty())
	}, soon, often).Should(Succeed())
	t.Logf("read anew after %s", time.Since(began).Round(100*time.Millisecond))
}
