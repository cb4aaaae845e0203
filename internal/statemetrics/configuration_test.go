package statemetrics

import (
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/given"
)

func TestEveryKindIsReadOnceInTheVersionServed(t *testing.T) {
	for release := range releases {
		t.Run(release, func(t *testing.T) {
			g := NewWithT(t)
			kinds := served(t, release)
			var read, want []groupVersionKind
			for _, r := range configured(g, kinds).Spec.Resources {
				read = append(read, r.GroupVersionKind)
			}
			for _, k := range kinds {
				want = append(want, groupVersionKind{Group: k.Group, Version: k.Version, Kind: k.Name})
			}
			g.Expect(read).To(ConsistOf(want))
		})
	}
}

func TestAKindIsReadInExactlyOneVersion(t *testing.T) {
	without := given.Kinds("HelmRelease/v2")
	without[0].Version = ""
	for name, c := range map[string]struct {
		kinds []flux.ServedKind
		want  string
	}{
		"not in two":     {given.Kinds("HelmRelease/v2", "HelmRelease/v2beta2"), `HelmRelease of helm.toolkit.fluxcd.io must be read in exactly one version, not in "v2" and "v2beta2"`},
		"not in unknown": {without, `HelmRelease of helm.toolkit.fluxcd.io must be read in exactly one version, not in "" and ""`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(Configuration(c.kinds, true)).Error().To(MatchError(c.want))
			g.Expect(InlineValues(c.kinds, true)).Error().To(MatchError(c.want))
			g.Expect(Data(c.kinds, true, "flux")).Error().To(MatchError(ContainSubstring(c.want)))
		})
	}
}

func TestNoKindRedefinesACommonLabel(t *testing.T) {
	kinds := given.Kinds("Receiver/v1")
	kinds[0].State = []flux.StateLabel{{Name: "ready", Paths: [][]string{{"spec", "ready"}}}}
	NewWithT(t).Expect(Configuration(kinds, false)).Error().To(MatchError("Receiver: the label ready is there already"))
}

func TestEachKindHasAHelpOfItsOwn(t *testing.T) {
	g := NewWithT(t)
	helps := map[string]bool{}
	for _, r := range configured(g, served(t, "flux-2.9")).Spec.Resources {
		for _, m := range r.Metrics {
			g.Expect(helps).NotTo(HaveKey(m.Help))
			helps[m.Help] = true
		}
	}
}

// eachFamily calls check for every family of every kind.
func eachFamily(t *testing.T, check func(g Gomega, kind string, f family)) {
	for _, r := range configured(NewWithT(t), served(t, "flux-2.9")).Spec.Resources {
		for _, f := range r.Metrics {
			t.Run(r.GroupVersionKind.Kind+"/"+f.Name, func(t *testing.T) { check(NewWithT(t), r.GroupVersionKind.Kind, f) })
		}
	}
}

// pathsIn are all the paths of a family.
func pathsIn(f family) []path {
	paths := slices.Collect(maps.Values(f.LabelsFromPath))
	switch {
	case f.Each.Info != nil:
		paths = slices.AppendSeq(paths, maps.Values(f.Each.Info.LabelsFromPath))
	case f.Each.Gauge != nil:
		paths = append(paths, f.Each.Gauge.Path)
	case f.Each.StateSet != nil:
		paths = append(paths, append(slices.Clone(f.Each.StateSet.Path), f.Each.StateSet.ValueFrom...))
	}
	return paths
}

func TestNothingThatMayBeSecretIsRead(t *testing.T) {
	secret := []string{
		"status.webhookPath", "status.url", "status.artifact.url", "spec.secretRef", "spec.address", "spec.channel",
		"spec.url", "spec.endpoint", "spec.image", "spec.values", "spec.postBuild", "spec.proxy", "data", "stringData",
	}
	addresses := 0
	for _, k := range flux.Kinds() {
		for _, l := range k.State {
			if l.Address {
				addresses++
				NewWithT(t).Expect(secret).To(ContainElement(strings.Join(l.Paths[0], ".")), "an address this test does not know")
			}
		}
	}
	NewWithT(t).Expect(addresses).To(BeNumerically(">", 5))
	eachFamily(t, func(g Gomega, _ string, f family) {
		for _, p := range pathsIn(f) {
			read := strings.Join(p, ".") + "."
			for _, s := range secret {
				g.Expect(strings.HasPrefix(read, s+".")).To(BeFalse(), read)
			}
			g.Expect(strings.HasSuffix(read, ".message.")).To(BeFalse(), read)
			g.Expect(strings.HasPrefix(read, "metadata.annotations.")).To(BeFalse(), read)
		}
	})
}

// What is looked up in an object is looked up in its metadata, spec and status as well, so a path must lead through one of
// these or it may find what nobody meant.
func TestEveryPathBeginsAtTheTopOfAnObject(t *testing.T) {
	eachFamily(t, func(g Gomega, _ string, f family) {
		for _, p := range pathsIn(f) {
			g.Expect(len(p)).To(BeNumerically(">", 1))
			g.Expect(p[0]).To(BeElementOf("metadata", "spec", "status"))
		}
	})
}

func TestASecondPathOfALabelOnlyFillsItIn(t *testing.T) {
	eachFamily(t, func(g Gomega, _ string, f family) {
		if f.Each.Info == nil {
			for name := range f.CommonLabels {
				g.Expect(f.LabelsFromPath).NotTo(HaveKey(name))
			}
			return
		}
		first := f.Each.Info.LabelsFromPath
		g.Expect(first).To(HaveKey(flux.LabelName), "what every object has, or it has no series")
		for name, second := range f.LabelsFromPath {
			g.Expect(first).To(HaveKey(name))
			g.Expect(second).NotTo(Equal(first[name]))
			g.Expect(f.CommonLabels).NotTo(HaveKey(name))
		}
		for name := range f.CommonLabels {
			g.Expect(first).To(HaveKey(name))
		}
	})
}

func TestNoLabelHasMoreThanTwoPaths(t *testing.T) {
	for _, k := range flux.Kinds() {
		for _, l := range k.State {
			NewWithT(t).Expect(len(l.Paths)).To(BeElementOf(1, 2), k.Name+" "+l.Name)
		}
	}
}
