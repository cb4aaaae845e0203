package statemetrics

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestWhatIsAssumedOfAnObjectThatSaysNothing(t *testing.T) {
	for kind, want := range map[string]map[string]string{
		"Kustomization":    {"suspended": "false", "ready": "Unknown"},
		"Alert":            {"suspended": "false", "ready": "True"},
		"ExternalArtifact": {"suspended": "false", "ready": "True"},
		"HelmRepository":   {"suspended": "false"},
	} {
		t.Run(kind, func(t *testing.T) {
			g := NewWithT(t)
			f := infoOf(t, kind)
			g.Expect(f.CommonLabels).To(Equal(want))
			g.Expect(f.Each.Info.LabelsFromPath).To(HaveKeyWithValue("ready", path{"status", "conditions", "[type=Ready]", "status"}),
				"its own condition counts where it has one")
		})
	}
}

func TestAHelmReleaseHasTheSourceOfItsChart(t *testing.T) {
	g := NewWithT(t)
	f := infoOf(t, "HelmRelease")
	for label, key := range map[string]string{
		flux.LabelSourceKind: "kind", flux.LabelSourceName: "name", flux.LabelSourceNamespace: "namespace",
	} {
		g.Expect(f.Each.Info.LabelsFromPath).To(HaveKeyWithValue(label, path{"spec", "chart", "spec", "sourceRef", key}))
		g.Expect(f.LabelsFromPath).To(HaveKeyWithValue(label, path{"spec", "chartRef", key}))
	}
}

func TestASourceDefaultsToTheObjectsNamespace(t *testing.T) {
	for _, kind := range []string{"Kustomization", "HelmChart", "ImagePolicy", "ImageUpdateAutomation", "ArtifactGenerator"} {
		NewWithT(t).Expect(infoOf(t, kind).LabelsFromPath).To(HaveKeyWithValue(flux.LabelSourceNamespace, namespacePath), kind)
	}
}

func TestTheGuidesFamiliesNameTheNamespaceInBothSpellings(t *testing.T) {
	g := NewWithT(t)
	for _, f := range configured(g, only(t, "Kustomization"), true).Spec.Resources[0].Metrics[1:] {
		g.Expect(f.LabelsFromPath).To(Equal(map[string]path{
			"name": namePath, "namespace": namespacePath, "exported_namespace": namespacePath,
		}))
		g.Expect(f.CommonLabels).To(HaveKeyWithValue("kind", "Kustomization"))
	}
}
