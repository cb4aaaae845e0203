package versions_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/release/rig"
	"github.com/fluxmonitoring/operator/release/versions"
)

const base = "config/manifests/bases/fluxmonitoring-operator.clusterserviceversion.yaml"

func TestAReleaseIsOfTheVersionThatTheManifestsAreOf(t *testing.T) {
	for name, it := range map[string]struct{ manifests, version string }{
		"a release":           {"0.2.0", "v0.2.0"},
		"one with two digits": {"1.10.12", "v1.10.12"},
		"a candidate":         {"0.2.0-rc.1", "v0.2.0-rc.1"},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(versions.Agree(checkout(t, it.manifests), it.version)).To(Succeed())
		})
	}
}

func TestAReleaseOfAnotherVersionIsRefused(t *testing.T) {
	for name, it := range map[string]struct{ manifests, version string }{
		"the manifests are older":              {"0.1.0", "v0.2.0"},
		"the manifests are newer":              {"0.3.0", "v0.2.0"},
		"a release of a candidate's manifests": {"0.2.0-rc.1", "v0.2.0"},
		"a candidate of a release's manifests": {"0.2.0", "v0.2.0-rc.1"},
		"the manifests have none":              {"", "v0.2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(versions.Agree(checkout(t, it.manifests), it.version)).To(MatchError(
				it.version + ` is to be made, and the manifests are of "` + it.manifests + `": do what the head of ` + base +
					" says of a release, run `make generate`, commit, and set the tag on that commit"))
		})
	}
}

func TestALocalNameAgreesWithEverything(t *testing.T) {
	for _, version := range []string{"dev", "v0.1.0-mine", "v0.0.0-stamped.by.a.test", "0.2.0", "v0.2", "v0.2.0-rc.1.mine"} {
		t.Run(version, func(t *testing.T) {
			NewWithT(t).Expect(versions.Agree(t.TempDir(), version)).To(Succeed())
		})
	}
}

func TestUnreadableManifestsAreNoRelease(t *testing.T) {
	g := NewWithT(t)
	g.Expect(versions.Agree(t.TempDir(), "v0.2.0")).To(MatchError(And(
		HavePrefix("the version of the manifests is not known: open "), HaveSuffix(base+": no such file or directory"))))
	g.Expect(versions.Agree(checkout(t, "["), "v0.2.0")).To(MatchError(HavePrefix("the version of the manifests is not known: " + base + ": ")))
}

// checkout has nothing but the base of the ClusterServiceVersion, of a version.
func checkout(t *testing.T, version string) string {
	t.Helper()
	return rig.Folder(t, map[string]string{base: "kind: ClusterServiceVersion\nspec:\n  version: " + version + "\n"})
}
