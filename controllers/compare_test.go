package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/inspect"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/render"
	"github.com/fluxmonitoring/operator/test/rig/operator"
)

// look sees the place's cluster as an operator in the usual namespace does.
func (p *place) look() *inspect.Inspector {
	p.t.Helper()
	inspector, err := inspect.New(p.t.Context(), p.plane.Config, inspect.Operator{Namespace: "fluxmonitoring-system"})
	p.must(err)
	return inspector
}

// compared is what the operator would do, each write as Kind/name action.
func (p *place) compared(fm *v1alpha1.FluxMonitoring) (inspect.Comparison, []string) {
	p.t.Helper()
	c, err := p.look().Compare(p.t.Context(), fm)
	p.must(err)
	var words []string
	for _, d := range c.Differences {
		words = append(words, d.Kind.Kind+"/"+d.Name+" "+string(d.Action))
	}
	return c, words
}

func TestASettledFluxMonitoringHasNoDifferencesAndRendersTheSame(t *testing.T) {
	p, fm := shared.in(t).monitored("Scraped=Unknown/Selected", "ResourceMetrics=True/Served")
	status := fm.Status

	c, words := p.compared(fm)
	p.Expect(words).To(BeEmpty())
	p.Expect(c.Failures).To(BeEmpty())
	p.Expect(c.Status).To(Equal(status), "the status is that of the operator")

	known, err := p.look().Cluster(t.Context(), []string{p.flux}, nil)
	p.must(err)
	text, err := yaml.Marshal(known)
	p.must(err)
	read, err := facts.ReadCluster(text)
	p.must(err)
	again, err := yaml.Marshal(read)
	p.must(err)
	p.Expect(string(again)).To(Equal(string(text)), "the file has all facts")
	facts, err := read.Facts(fm)
	p.must(err)
	rendered, err := render.Render(fm, facts)
	p.must(err)
	p.Expect(rendered.Status).To(Equal(status))
	there := map[string]string{}
	for _, o := range rendered.Objects {
		there[o.GetKind()+"/"+o.GetName()] = p.get(o.GetKind(), o.GetName()).GetAnnotations()[mark.DigestAnnotation]
		p.Expect(o.GetAnnotations()).To(HaveKeyWithValue(mark.DigestAnnotation, there[o.GetKind()+"/"+o.GetName()]),
			"%s %s: %s", o.GetKind(), o.GetName(), text)
	}
	p.Expect(there).To(HaveLen(len(usual)))
}

func TestAComparisonShowsAChangeAndWritesNothing(t *testing.T) {
	p, fm := shared.in(t).monitored("Scraped=Unknown/Selected")
	edit := func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Scrape.Interval, fm.Spec.Dashboards.Enabled = "1m", new(false)
	}
	given := fm.DeepCopy()
	edit(given)
	given.UID, given.Status = "", v1alpha1.FluxMonitoringStatus{} // as in a file

	c, words := p.compared(given)
	p.Expect(words).To(ConsistOf("PodMonitor/flux configured", "PodMonitor/flux-exporter configured", "PodMonitor/flux-fluxmonitoring configured",
		"PrometheusRule/flux configured",
		"ConfigMap/flux-dashboard-cluster deleted", "ConfigMap/flux-dashboard-control-plane deleted",
		"ConfigMap/flux-dashboard-resource deleted", "ConfigMap/flux-dashboard-fluxmonitoring deleted"))
	p.Expect(p.generated()).To(ConsistOf(usual), "nothing is written")
	for _, d := range c.Differences {
		p.Expect(content(d.Before)).To(Equal(content(p.get(d.Kind.Kind, d.Name))), d.Name)
	}

	p.change(fm, edit)
	p.settled(fm, ready)
	for _, d := range c.Differences {
		now := p.get(d.Kind.Kind, d.Name)
		if d.After == nil {
			p.Expect(now).To(BeNil(), d.Name)
			continue
		}
		p.Expect(content(now)).To(Equal(content(d.After)), d.Name)
	}
}

func TestAFluxMonitoringCanBeComparedBeforeItExists(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	foreign := p.withForeignConfigMap()
	c, words := p.compared(p.fluxMonitoring())
	p.Expect(words).To(ContainElements("PodMonitor/flux created", "PrometheusRule/flux created"))
	p.Expect(words).To(HaveLen(len(usual) - 1))
	p.Expect(c.Failures).To(HaveLen(1))
	p.Expect(c.Failures[0]).To(MatchError(ContainSubstring(foreign.Name)))
	p.Expect(c.Failures[0].Cause).To(Equal(apply.Foreign))
	p.Expect(operator.Conditions(&v1alpha1.FluxMonitoring{Status: c.Status})).To(ContainElement("Stalled=True/ForeignObject"))
	p.Expect(p.generated()).To(BeEmpty())

	c, words = p.compared(p.fluxMonitoring(func(fm *v1alpha1.FluxMonitoring) { fm.Spec.AdoptionPolicy = v1alpha1.AdoptionPolicyAdopt }))
	p.Expect(words).To(ContainElement("ConfigMap/" + foreign.Name + " adopted"))
	p.Expect(c.Failures).To(BeEmpty())
}

func TestAComparisonReportsAConflictWithAnOlderFluxMonitoring(t *testing.T) {
	p, _ := shared.in(t).monitored("Scraped=Unknown/Selected")
	c, words := p.compared(p.fluxMonitoring(named("second")))
	p.Expect(words).To(BeEmpty())
	p.Expect(operator.Conditions(&v1alpha1.FluxMonitoring{Status: c.Status})).To(ConsistOf("Ready=False/Conflict", "Stalled=True/Conflict"))
}

func TestASuspendedFluxMonitoringHasNoDifferences(t *testing.T) {
	p, fm := shared.in(t).monitored("Scraped=Unknown/Selected")
	_, words := p.compared(p.fluxMonitoring(func(other *v1alpha1.FluxMonitoring) {
		other.Spec.Suspend, other.Spec.Scrape.Enabled, other.UID = true, new(false), fm.UID
	}))
	p.Expect(words).To(BeEmpty())
}

func TestAComparisonReportsMissingPermissions(t *testing.T) {
	p, _ := shared.in(t).monitored("Scraped=Unknown/Selected")
	p.grant("reader", p.account("reader"), rbacv1.PolicyRule{APIGroups: []string{"apiextensions.k8s.io"}, Resources: []string{"customresourcedefinitions"}, Verbs: []string{"get"}})
	config := rest.CopyConfig(p.plane.Config)
	config.Impersonate.UserName = p.account("reader")
	_, err := inspect.New(t.Context(), config, inspect.Operator{Namespace: "fluxmonitoring-system"})
	p.Expect(err).To(MatchError(And(HavePrefix("this account may not read all that the operator reads: "), ContainSubstring("is forbidden"))))
}

func TestAComparisonNeedsNoCRDOfFluxMonitoring(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.removeCRD("fluxmonitorings.fluxmonitoring.dev")
	p.Eventually(func() error { return p.List(t.Context(), &v1alpha1.FluxMonitoringList{}) }).ShouldNot(Succeed())

	_, words := p.compared(p.fluxMonitoring())
	p.Expect(words).To(HaveLen(len(usual)))
	known, err := p.look().Cluster(t.Context(), []string{p.flux}, []string{"default"})
	p.must(err)
	p.Expect(known.Namespaces).To(ContainElement(HaveField("Name", "default")))
	p.Expect(known.Flux).To(HaveLen(1))
}
