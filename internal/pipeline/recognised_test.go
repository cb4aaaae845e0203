package pipeline_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

func TestWhatIsNotScrapedOrRecognisedIsNamedWithWhatItLacks(t *testing.T) {
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
