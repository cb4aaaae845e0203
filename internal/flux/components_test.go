package flux

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestNamesMapToComponents(t *testing.T) {
	for name, c := range map[string]struct {
		component func(string) string
		want      map[string]string
	}{
		"of a Deployment, as whole words": {ComponentIn, map[string]string{
			"source-controller":                SourceController,
			"flux-source-controller":           SourceController,
			"acme-hardened-source-controller":  SourceController,
			"acme_helm-controller":             HelmController,
			"source-controller-shard1":         SourceController,
			"source-controller-team-a":         SourceController,
			"flux2-image-reflector-controller": ImageReflectorController,
			"source-watcher":                   SourceWatcher,
			"resource-controller":              "",
			"source-controllers":               "",
			"controller":                       "",
			"flux":                             "",
			"":                                 "",
		}},
		"of an image": {ComponentOfImage, map[string]string{
			"source-controller":                    SourceController,
			"flux-source-controller":               SourceController,
			"acme-hardened-source-controller":      SourceController,
			"source-controller-fips":               SourceController,
			"kustomize-controller-fips-debian12":   KustomizeController,
			"fluxcd-kustomize-controller_hardened": KustomizeController,
			"source-controller-proxy":              "",
			"source-controller-fips-exporter":      "",
			"kube-controller":                      "",
		}},
		"of a port": {ComponentOfPort, map[string]string{
			"http-prom": "", "http-prom-kc": KustomizeController, "http-prom-sc": SourceController, "http-prom-nc": NotificationController,
			"http-prom-hc": HelmController, "http-prom-irc": ImageReflectorController, "http-prom-iac": ImageAutomationController,
			"http-prom-sw": SourceWatcher, "http-prom-x": "", "http-prom-helm-controller": HelmController,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for text, want := range c.want {
				NewWithT(t).Expect(c.component(text)).To(Equal(want), text)
			}
		})
	}
}
