package statemetrics

import (
	"path/filepath"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/golden"
)

func TestDataIsAsTheGoldenFilesHaveIt(t *testing.T) {
	for name, c := range map[string]struct {
		release    string
		compatible bool
	}{
		"flux-2.2":         {"flux-2.2", true},
		"flux-2.7":         {"flux-2.7", true},
		"flux-2.9":         {"flux-2.9", true},
		"flux-2.9-minimal": {"flux-2.9", false},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := Data(served(t, c.release), c.compatible, "flux-kube-state-metrics")
			NewWithT(t).Expect(err).NotTo(HaveOccurred())
			for key, content := range data {
				if key == KeyInlineValues && c.compatible {
					continue // it is long, and config.yaml once more
				}
				golden.File(t, filepath.Join("testdata", name, key), content)
			}
		})
	}
}

func TestTheOrderOfKindsDoesNotMatter(t *testing.T) {
	g := NewWithT(t)
	kinds := served(t, "flux-2.9")
	slices.Reverse(kinds)
	g.Expect(Data(kinds, true, "flux-kube-state-metrics")).To(Equal(data(t)))
	g.Expect(kinds[len(kinds)-1].Name).To(Equal("Kustomization"), "what is given is not reordered")
}

func TestDataFitsIntoAConfigMap(t *testing.T) {
	size := 0
	for key, content := range data(t) {
		size += len(key) + len(content)
	}
	NewWithT(t).Expect(size).To(BeNumerically("<", 200<<10), "of the 1 MiB there is")
}

func TestWithoutKindsNothingIsExported(t *testing.T) {
	g := NewWithT(t)
	g.Expect(configured(g, nil, true).Spec.Resources).To(BeEmpty())
	rendered, err := Configuration(nil, true)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(rendered)).To(ContainSubstring("resources: []"))
	g.Expect(Rules(nil)).To(BeEmpty())
}
