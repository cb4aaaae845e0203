package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
)

func TestOutsideOfTrustedNamespacesAServiceAccountIsRequired(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	p := c.in(t).withFlux().withPrometheus()
	trusted := c.in(t)
	stop := c.operator(t, func(o *controllers.Options) { o.TrustedNamespaces = []string{trusted.namespace} })

	refused := p.settled(p.create(), "Ready=False/ServiceAccountRequired", "Stalled=True/ServiceAccountRequired")
	g.Expect(message(refused, "Ready")).To(Equal("The operator does not write with its own permissions in namespace " + p.namespace +
		". Set spec.serviceAccountName to a ServiceAccount of namespace " + p.namespace +
		", or ask the administrator to add the namespace to the operator's --trusted-namespaces."))
	g.Expect(p.generated()).To(BeEmpty())

	// The older one claims nothing while it is refused.
	inTrusted := trusted.settled(trusted.create(func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = p.flux }), ready)
	g.Expect(trusted.generated()).To(ConsistOf(usual))
	trusted.must(trusted.Delete(t.Context(), inTrusted))

	p.allow("tenant", "", "configmaps")
	p.allow("tenant-monitoring", "monitoring.coreos.com", "podmonitors", "prometheusrules")
	p.change(refused, tenant)
	p.settled(refused, ready)
	g.Expect(p.generated()).To(ConsistOf(usual))

	p.change(refused, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.ServiceAccountName = "" })
	p.settled(refused, "Ready=False/ServiceAccountRequired")
	g.Expect(p.generated()).To(ConsistOf(usual), "what was applied stays")

	stop()
	c.operator(t, func(o *controllers.Options) { o.TrustedNamespaces = []string{controllers.AnyNamespace} })
	p.request(refused, "now")
	p.settled(refused, ready)
}

func TestTheOperatorsOwnNamespaceIsTrusted(t *testing.T) {
	c := vacantCluster(t)
	p := c.in(t).withFlux().withPrometheus()
	c.operator(t, func(o *controllers.Options) { o.Namespace, o.TrustedNamespaces = p.namespace, nil })
	p.settled(p.create(), ready)
}
