package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
)

func tenant(fm *v1alpha1.FluxMonitoring) { fm.Spec.ServiceAccountName = "tenant" }

func TestATenantHasOnlyThePermissionsOfItsServiceAccount(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	p.allow("tenant", "", "configmaps")
	fm := p.settled(p.create(tenant), "Ready=False/Forbidden", "Stalled=True/Forbidden")

	p.Expect(p.generated()).To(ConsistOf(boards))
	denied := func(kind, resource, name string) string {
		return fmt.Sprintf(`%s %s: %s.monitoring.coreos.com %q is forbidden: User "system:serviceaccount:%s:tenant" cannot patch resource %q `+
			`in API group "monitoring.coreos.com" in the namespace %q`, kind, name, resource, name, p.namespace, resource, p.namespace)
	}
	p.Expect(message(fm, "Ready")).To(Equal(strings.Join([]string{
		denied("PodMonitor", "podmonitors", "flux"), denied("PodMonitor", "podmonitors", "flux-exporter"),
		denied("PodMonitor", "podmonitors", "flux-fluxmonitoring"), denied("PrometheusRule", "prometheusrules", "flux"),
	}, "; ")))
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement(ContainSubstring("Warning Forbidden PodMonitor flux: ")))

	p.allow("tenant-monitoring", "monitoring.coreos.com", "podmonitors", "prometheusrules")
	p.request(fm, "now")
	p.settled(fm, ready)
	p.Expect(p.generated()).To(ConsistOf(usual))
}

func TestTheDefaultServiceAccountIsImpersonated(t *testing.T) {
	p := inOwnCluster(t, func(o *controllers.Options) { o.DefaultServiceAccount = "tenant" }).withFlux().withPrometheus()
	fm := p.settled(p.create(), "Ready=False/Forbidden")
	p.Expect(p.generated()).To(BeEmpty())
	p.allow("tenant", "", "configmaps")
	p.allow("tenant-monitoring", "monitoring.coreos.com", "podmonitors", "prometheusrules")
	p.request(fm, "now")
	p.settled(fm, ready)
}

func TestScrapedIsUnknownWhileThePodMonitorCannotBeUpdated(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	p.allow("dashboards", "", "configmaps")
	p.allow("rules", "monitoring.coreos.com", "prometheusrules")
	p.allow("scrapes", "monitoring.coreos.com", "podmonitors")
	fm := p.settled(p.create(tenant), ready, "Scraped=Unknown/Selected")

	p.forbid("scrapes", "podmonitors")
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Scrape.Interval = "1m" })
	p.settled(fm, "Ready=False/Forbidden", "Stalled=True/Forbidden", "Scraped=Unknown/Forbidden")
	p.Expect(p.get("PodMonitor", "flux")).NotTo(BeNil(), "it is there as it was")
	p.Expect(message(fm, "Scraped")).To(ContainSubstring("PodMonitor flux is not up to date"))

	p.allow("scrapes-again", "monitoring.coreos.com", "podmonitors")
	p.request(fm, "now")
	p.settled(fm, ready, "Scraped=Unknown/Selected")
}

func TestAnUntrustedNamespaceRequiresAServiceAccount(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	trusted := p.in(t)
	stop := p.operator(t, func(o *controllers.Options) { o.TrustedNamespaces = []string{trusted.namespace} })

	refused := p.settled(p.create(), "Ready=False/ServiceAccountRequired", "Stalled=True/ServiceAccountRequired")
	p.Expect(message(refused, "Ready")).To(Equal("The operator does not write with its own permissions in namespace " + p.namespace +
		". Set spec.serviceAccountName to a ServiceAccount of namespace " + p.namespace +
		", or ask the administrator to add the namespace to the operator's --trusted-namespaces."))
	p.Expect(p.generated()).To(BeEmpty())

	// The older one claims nothing while it is refused.
	inTrusted := trusted.settled(trusted.create(func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = p.flux }), ready)
	p.Expect(trusted.generated()).To(ConsistOf(usual))
	trusted.must(trusted.Delete(t.Context(), inTrusted))

	p.allow("tenant", "", "configmaps")
	p.allow("tenant-monitoring", "monitoring.coreos.com", "podmonitors", "prometheusrules")
	p.change(refused, tenant)
	p.settled(refused, ready)
	p.Expect(p.generated()).To(ConsistOf(usual))

	p.change(refused, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.ServiceAccountName = "" })
	p.settled(refused, "Ready=False/ServiceAccountRequired")
	p.Expect(p.generated()).To(ConsistOf(usual), "what was applied stays")

	stop()
	p.operator(t, func(o *controllers.Options) { o.TrustedNamespaces = []string{controllers.AnyNamespace} })
	p.request(refused, "now")
	p.settled(refused, ready)
}

func TestTheOperatorsOwnNamespaceIsTrusted(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.operator(t, func(o *controllers.Options) { o.Namespace, o.TrustedNamespaces = p.namespace, nil })
	p.settled(p.create(), ready)
}
