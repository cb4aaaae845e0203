package generations

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// recordings are the controllers whose metrics were recorded, and the objects they had reconciled by then.
var recordings = []struct {
	component, version string
	kind               string
	objects            []string
	// hasState is whether the controller exports the state of its objects.
	hasState bool
}{
	{flux.SourceController, "1.3.0", "GitRepository", []string{"suspended", "unresolved"}, true},
	{flux.SourceController, "1.9.6", "GitRepository", []string{"suspended", "unresolved"}, false},
	{flux.KustomizeController, "1.6.0", "Kustomization", []string{"dependent", "sourceless", "suspended"}, false},
	{flux.KustomizeController, "1.9.5", "Kustomization", []string{"dependent", "sourceless", "suspended"}, false},
	{flux.HelmController, "1.6.4", "HelmRelease", []string{"dependent", "sourceless", "suspended"}, false},
	{flux.NotificationController, "1.5.0", "Receiver", []string{"suspended", "tokenless"}, false},
}

func TestControllersExportTheStateOfObjectsUntilFlux24(t *testing.T) {
	for _, r := range recordings {
		t.Run(r.component+"-"+r.version, func(t *testing.T) {
			g := NewWithT(t)
			found := read(t, r.component, r.version)
			g.Expect(found.objects("gotk_reconcile_duration_seconds_count", r.kind)).To(Equal(r.objects))
			var want []string
			if r.hasState {
				want = r.objects
			}
			exposure := flux.Exposure{Flux: installation(r.component, r.version), Cardinality: flux.Full, State: flux.Controllers}
			for _, metric := range []string{flux.StateCondition, flux.StateSuspended} {
				g.Expect(found.objects(metric, r.kind)).To(Equal(want), metric)
				g.Expect(exposure.Exposes(metric)).To(Equal(r.hasState), metric)
			}
			g.Expect(exposure.HasStateOf(r.kind)).To(Equal(r.hasState))
		})
	}
}

func TestControllersExportTheExpectedFamiliesAndLabels(t *testing.T) {
	for _, r := range recordings {
		t.Run(r.component+"-"+r.version, func(t *testing.T) {
			g := NewWithT(t)
			found := read(t, r.component, r.version)
			exposure := flux.Exposure{Flux: installation(r.component, r.version), Cardinality: flux.Full}
			current := flux.DistributionOf(r.component, r.version) == "v"+flux.CurrentRelease
			for _, family := range flux.Families() {
				for _, sample := range family.Samples() {
					_, exported := found[sample]
					g.Expect(exported).To(Equal(exposure.Exposes(sample)), sample)
					if !exported {
						continue
					}
					expected := family.Labels
					if !strings.HasSuffix(sample, "_bucket") {
						expected = without(expected, "le")
					}
					labels := found.labels(sample)
					g.Expect(without(labels, expected...)).To(BeEmpty(), "labels of %s that its family does not have", sample)
					if current { // Older controllers lack labels that were added since.
						g.Expect(without(expected, labels...)).To(BeEmpty(), "labels of its family that %s does not have", sample)
					}
				}
			}
		})
	}
}

func TestGenerationsServeTheExpectedKinds(t *testing.T) {
	for _, minor := range []string{"2.2", "2.5", "2.7", "2.9"} {
		t.Run(minor, func(t *testing.T) {
			g := NewWithT(t)
			var recorded struct {
				Flux        string
				Definitions []struct {
					Group, Kind, Plural string
					Versions            []struct {
						Name            string
						Served, Storage bool
					}
				}
			}
			data, err := os.ReadFile(filepath.Join("..", "testdata", "generations", "flux-"+minor+".yaml"))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(yaml.UnmarshalStrict(data, &recorded)).To(Succeed())
			g.Expect(recorded.Flux).To(Equal(minor))
			var served, expected []string
			for _, d := range recorded.Definitions {
				served = append(served, d.Group+" "+d.Kind+" "+d.Plural)
				storages := 0
				for _, v := range d.Versions {
					g.Expect(v.Served || v.Storage).To(BeTrue(), "%s %s is neither served nor stored", d.Kind, v.Name)
					if v.Storage {
						storages++
					}
				}
				g.Expect(storages).To(Equal(1), "%s is stored in one version", d.Kind)
			}
			for _, k := range flux.Kinds() {
				if k.Component != flux.FluxOperator && k.Component != flux.MonitoringOperator && k.Since <= minor { // All are of 2.0 to 2.9: text compares as numbers do.
					expected = append(expected, k.Group+" "+k.Name+" "+k.Plural)
				}
			}
			g.Expect(served).To(ConsistOf(expected))
		})
	}
}
