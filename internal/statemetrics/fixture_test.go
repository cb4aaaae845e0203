package statemetrics

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/given"
)

// releases are the versions that a cluster with this Flux prefers, each written as Kind/version.
var releases = map[string]string{
	"flux-2.2": `Kustomization/v1 HelmRelease/v2beta2 GitRepository/v1 OCIRepository/v1beta2 HelmRepository/v1beta2
		HelmChart/v1beta2 Bucket/v1beta2 Receiver/v1 Alert/v1beta3 Provider/v1beta3 ImageRepository/v1beta2 ImagePolicy/v1beta2
		ImageUpdateAutomation/v1beta1`,
	"flux-2.7": `Kustomization/v1 HelmRelease/v2 GitRepository/v1 OCIRepository/v1 HelmRepository/v1 HelmChart/v1 Bucket/v1
		ExternalArtifact/v1 ArtifactGenerator/v1beta1 Receiver/v1 Alert/v1beta3 Provider/v1beta3 ImageRepository/v1
		ImagePolicy/v1 ImageUpdateAutomation/v1`,
	"flux-2.9": `Kustomization/v1 HelmRelease/v2 GitRepository/v1 OCIRepository/v1 HelmRepository/v1 HelmChart/v1 Bucket/v1
		ExternalArtifact/v1 ArtifactGenerator/v1beta1 Receiver/v1 Alert/v1beta3 Provider/v1beta3 ImageRepository/v1
		ImagePolicy/v1 ImageUpdateAutomation/v1 FluxInstance/v1 ResourceSet/v1 ResourceSetInputProvider/v1 FluxMonitoring/v1alpha1`,
}

// served are the kinds of a release.
func served(t testing.TB, release string) []flux.ServedKind {
	t.Helper()
	written := strings.Fields(releases[release])
	kinds := given.Kinds(written...)
	NewWithT(t).Expect(kinds).To(HaveLen(len(written)), "a kind of the release is unknown")
	return kinds
}

// data is the content of the ConfigMap for the kinds of Flux 2.9.
func data(t testing.TB) map[string]string {
	t.Helper()
	content, err := Data(served(t, "flux-2.9"), true, "flux-kube-state-metrics")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return content
}

// configured is the configuration as kube-state-metrics reads it.
func configured(g Gomega, kinds []flux.ServedKind) configuration {
	rendered, err := Configuration(kinds, true)
	g.Expect(err).NotTo(HaveOccurred())
	var c configuration
	g.Expect(yaml.UnmarshalStrict(rendered, &c)).To(Succeed())
	return c
}
