package main

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

func TestObjectsAreMixedAsInALargeInstallation(t *testing.T) {
	g := NewWithT(t)
	of, names := map[string]int{}, map[string]bool{}
	for i := range 100 * round {
		of[shapeOf(i).kind]++
		names[objectNamespace(i)+"/"+objectName(i)] = true
	}
	g.Expect(of).To(Equal(map[string]int{
		"Kustomization": 1200, "HelmRelease": 500, "GitRepository": 100, "OCIRepository": 100, "HelmRepository": 100,
	}))
	g.Expect(names).To(HaveLen(100*round), "each has a name of its own")
}

func TestObjectsAreAsLargeAsReal(t *testing.T) {
	g := NewWithT(t)
	for i := range round {
		o := fluxObject(i)
		o.Object["status"] = shapeOf(i).status(i)
		raw, err := json.Marshal(o)
		g.Expect(err).NotTo(HaveOccurred())
		// The API server adds between 1 and 1.5 KB of managed fields.
		g.Expect(len(raw)).To(And(BeNumerically(">", 1500), BeNumerically("<", 6000)), shapeOf(i).kind)
	}
}

func TestStatusUpdatesAreOfExistingKustomizations(t *testing.T) {
	g := NewWithT(t)
	seen := map[int]bool{}
	for n := range 100 {
		i := kustomizationAt(n, 2*round)
		g.Expect(shapeOf(i).kind).To(Equal("Kustomization"))
		g.Expect(i).To(BeNumerically("<", 2*round))
		seen[i] = true
	}
	g.Expect(seen).To(HaveLen(24), "all take turns")
}

func TestNumbersOfObjectsAscend(t *testing.T) {
	g := NewWithT(t)
	var c counts
	g.Expect(c.Set("10000,10000,30007")).To(Succeed())
	g.Expect(c).To(Equal(counts{10000, 10000, 30000}), "in whole rounds of kinds")
	g.Expect(c.String()).To(Equal("10000,10000,30000"))
	g.Expect(c.Set("30000,10000")).NotTo(Succeed())
	g.Expect(c.Set("ten")).NotTo(Succeed())
}

func TestSeriesAreCountedWithoutComments(t *testing.T) {
	g := NewWithT(t)
	exposition := []byte("# TYPE gotk_resource_info gauge\ngotk_resource_info{name=\"a\"} 1\ngotk_resource_info{name=\"b\"} 1\n" +
		"gotk_resource_info_else{} 1\ngotk_resource_info{customresource_group=\"fluxmonitoring.dev\",name=\"flux\"} 1\n# EOF\n")
	g.Expect(infos(exposition)).To(Equal(2))
	g.Expect(series(exposition)).To(Equal(4))
}

func TestUpstreamsConfigurationHasOneMetricOfEachKind(t *testing.T) {
	g := NewWithT(t)
	var c struct {
		Spec struct {
			Resources []struct {
				GroupVersionKind struct{ Kind string }
				Metrics          []struct{ LabelsFromPath map[string][]string }
			}
		}
	}
	g.Expect(yaml.Unmarshal(upstreamConfiguration(), &c)).To(Succeed())
	g.Expect(c.Spec.Resources).To(HaveLen(len(upstreamKinds())))
	first := c.Spec.Resources[0]
	g.Expect(first.GroupVersionKind.Kind).To(Equal("Kustomization"))
	g.Expect(first.Metrics).To(HaveLen(1))
	g.Expect(first.Metrics[0].LabelsFromPath).To(Equal(map[string][]string{
		"exported_namespace": {"metadata", "namespace"},
		"ready":              {"status", "conditions", "[type=Ready]", "status"},
		"suspended":          {"spec", "suspend"},
		"revision":           {"status", "lastAppliedRevision"},
		"source_name":        {"spec", "sourceRef", "name"},
	}))
}
