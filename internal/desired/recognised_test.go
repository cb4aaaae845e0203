package desired

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestHardenedImagesGiveWhatTheUsualOnesDo(t *testing.T) {
	g := NewWithT(t)
	fm, hardened, _ := read(t, "testdata/hardened-images/given.yaml")
	usual := hardened
	usual.Flux = fluxOf("v2.9.4", flux.HelmController, flux.KustomizeController, flux.NotificationController, flux.SourceController)
	with, err := Objects(fm, hardened)
	must(t, err)
	without, err := Objects(fm, usual)
	must(t, err)
	g.Expect(bytesOf(g, with)).To(Equal(bytesOf(g, without)))
}

func TestWhatIsNotScrapedOrRecognisedIsNamedWithWhatItLacks(t *testing.T) {
	g := NewWithT(t)
	installed := lacking(unrecognised(fluxOf("v2.9.4", flux.SourceController, "gitops-b")), flux.HelmController)
	installed.Unscraped = append(installed.Unscraped, flux.Unscraped{Name: "ui"})
	g.Expect(Unscraped(installed)).To(Equal(
		"Deployment flux-system/helm-controller looks like helm-controller and is not scraped: give it a container port whose name begins with http-prom"))
	g.Expect(Unrecognised(installed)).To(Equal("it is not known which controller of Flux Deployment flux-system/gitops-b is: label it " +
		"app.kubernetes.io/component with the controller's name, such as source-controller. Deployment flux-system/ui is labelled as part of " +
		"Flux and is not scraped: if it is a controller, give it a container port whose name begins with http-prom"))
	g.Expect(NoControllers(lacking(fluxOf(""), flux.HelmController))).To(Equal("namespace flux-system holds no controller of Flux " +
		"(a Deployment with a container port whose name begins with http-prom): Deployment flux-system/helm-controller looks like " +
		"helm-controller and is not scraped: give it a container port whose name begins with http-prom"))
	g.Expect(NoControllers(fluxOf(""))).To(Equal("namespace flux-system holds no controller of Flux (a Deployment with a container port " +
		"whose name begins with http-prom): set spec.flux.namespace to where they run"))
	whole := fluxOf("v2.9.4", flux.SourceController)
	g.Expect(Unscraped(whole) + Unrecognised(whole)).To(BeEmpty())
}
