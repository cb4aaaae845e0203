package flux

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestComponentsAreMatchedAsWholeWords(t *testing.T) {
	for name, want := range map[string]string{
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
	} {
		NewWithT(t).Expect(ComponentIn(name)).To(Equal(want), name)
	}
}

func TestImagesMapToComponents(t *testing.T) {
	for base, want := range map[string]string{
		"source-controller":                    SourceController,
		"flux-source-controller":               SourceController,
		"acme-hardened-source-controller":      SourceController,
		"source-controller-fips":               SourceController,
		"kustomize-controller-fips-debian12":   KustomizeController,
		"fluxcd-kustomize-controller_hardened": KustomizeController,
		"source-controller-proxy":              "",
		"source-controller-fips-exporter":      "",
		"kube-controller":                      "",
	} {
		NewWithT(t).Expect(ComponentOfImage(base)).To(Equal(want), base)
	}
}

func TestPortsMapToComponents(t *testing.T) {
	for port, want := range map[string]string{
		"http-prom": "", "http-prom-kc": KustomizeController, "http-prom-sc": SourceController, "http-prom-nc": NotificationController,
		"http-prom-hc": HelmController, "http-prom-irc": ImageReflectorController, "http-prom-iac": ImageAutomationController,
		"http-prom-sw": SourceWatcher, "http-prom-x": "", "http-prom-helm-controller": HelmController,
	} {
		NewWithT(t).Expect(ComponentOfPort(port)).To(Equal(want), port)
	}
}
