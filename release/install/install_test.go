package install_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/fluxmonitoring/operator/release/install"
	"github.com/fluxmonitoring/operator/release/rig"
)

const digest = "sha256:b4bb1de8afb5b4b82310f44070203bc082f5bedb60d0230f53683d6cfa4aadd7"

func TestTheManifestsAreConfigDefaultWithTheReleasedImage(t *testing.T) {
	g := NewWithT(t)
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), "../../config/default")
	g.Expect(err).NotTo(HaveOccurred())
	plain, err := built.AsYaml()
	g.Expect(err).NotTo(HaveOccurred())
	expected := strings.ReplaceAll(string(plain), "image: ghcr.io/fluxmonitoring/operator:dev", "image: registry.example.com:5000/operator:v0.1.0@"+digest)
	g.Expect(expected).NotTo(Equal(string(plain)))

	manifests, err := install.YAML("../..", "registry.example.com:5000/operator", "v0.1.0", digest)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(manifests)).To(Equal(expected))
}

func TestManifestsThatDoNotBuildAreAnError(t *testing.T) {
	g := NewWithT(t)
	checkout := rig.Folder(t, map[string]string{"config/default/kustomization.yaml": "resources: [absent.yaml]\n"})
	_, err := install.YAML(checkout, install.Image, "v0.1.0", digest)
	g.Expect(err).To(MatchError(And(HavePrefix("building config/default: "), ContainSubstring("absent.yaml"))))
}
