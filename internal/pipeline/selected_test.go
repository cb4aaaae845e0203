package pipeline_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestTheIssuesOfAPrometheusAreOneSentence(t *testing.T) {
	g := NewWithT(t)
	g.Expect(pipeline.NotSelecting(nil)).To(BeEmpty())
	g.Expect(pipeline.NotSelecting([]v1alpha1.PrometheusStatus{
		{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s", Issues: []v1alpha1.PrometheusIssue{{Message: "one thing"}, {Message: "another thing"}}},
		{Kind: "Prometheus", Namespace: "monitoring", Name: "content"},
		{Kind: "PrometheusAgent", Namespace: "edge", Name: "agent", Issues: []v1alpha1.PrometheusIssue{{Message: "a third"}}},
	})).To(Equal([]string{"Prometheus monitoring/k8s: one thing; another thing", "PrometheusAgent edge/agent: a third"}))
}

func TestControllersNotScrapedOrRecognisedAreNamed(t *testing.T) {
	g := NewWithT(t)
	installed := lacking(unrecognised(fluxOf("v2.9.4", flux.SourceController, "gitops-b")), flux.HelmController)
	installed.Unscraped = append(installed.Unscraped, flux.Unscraped{Name: "ui"})
	g.Expect(pipeline.ControllersNotScraped(installed)).To(Equal(
		"Deployment flux-system/helm-controller looks like helm-controller and is not scraped: give it a container port whose name begins with http-prom"))
	g.Expect(pipeline.ControllersNotRecognised(installed)).To(Equal("the operator does not know which controller of Flux Deployment flux-system/gitops-b is: label it " +
		"app.kubernetes.io/component with the controller's name, such as source-controller. Deployment flux-system/ui is labelled as part of " +
		"Flux and is not scraped: if it is a controller, give it a container port whose name begins with http-prom"))
	g.Expect(pipeline.NoControllers(lacking(fluxOf(""), flux.HelmController))).To(Equal("namespace flux-system has no controller of Flux " +
		"(a Deployment with a container port whose name begins with http-prom): Deployment flux-system/helm-controller looks like " +
		"helm-controller and is not scraped: give it a container port whose name begins with http-prom"))
	g.Expect(pipeline.NoControllers(fluxOf(""))).To(Equal("namespace flux-system has no controller of Flux (a Deployment with a container port " +
		"whose name begins with http-prom): set spec.flux.namespace to where they run"))
	whole := fluxOf("v2.9.4", flux.SourceController)
	g.Expect(pipeline.ControllersNotScraped(whole) + pipeline.ControllersNotRecognised(whole)).To(BeEmpty())
}

func TestAPodMonitorWithAnUnknownScrapeClassIsNotSelected(t *testing.T) {
	g := NewWithT(t)
	i, monitor := selection.Instance{}, selection.Candidate{ScrapeClass: "token"}
	g.Expect(pipeline.LacksScrapeClass(i, monitor)).To(Equal([]selection.Issue{{
		Reason: "ScrapeClassMissing", Field: "spec.scrapeClasses",
		Message: "spec.scrapeClasses has no class token, which the PodMonitor names: add it, or correct spec.patches",
	}}))
	i.Classes = []selection.ScrapeClass{{Name: "token"}}
	g.Expect(pipeline.LacksScrapeClass(i, monitor)).To(BeEmpty())
	g.Expect(pipeline.LacksScrapeClass(i, selection.Candidate{})).To(BeEmpty())
}
