package stack

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/rig"
)

func TestEveryManifestCanBeRead(t *testing.T) {
	entries, err := manifests.ReadDir("manifests")
	rig.Must(t, err)
	for _, e := range entries {
		objects, err := files(e.Name())(t.Context())
		if err != nil || len(objects) == 0 {
			t.Errorf("%s holds %d objects: %v", e.Name(), len(objects), err)
		}
	}
}

func TestEveryAwaitedKindIsKnown(t *testing.T) {
	for _, s := range slices.Concat(steps, fluxAlone) {
		for _, awaited := range s.until {
			if _, known := kinds[awaited.kind]; !known {
				t.Errorf("%s: the kind's API group is not known", awaited)
			}
		}
	}
}

func TestPrometheusIsTaggedAsItsReleasesAre(t *testing.T) {
	version, err := prometheusVersion()
	if err != nil || !regexp.MustCompile(`^v3\.[1-9][0-9]*\.[0-9]+$`).MatchString(version) {
		t.Errorf("the version is %q, %v", version, err)
	}
}

func TestEveryProgramHasATag(t *testing.T) {
	for _, p := range slices.Concat(programs, ofChart) {
		tag, err := p.tag()
		if err != nil || !regexp.MustCompile(`^(1|v[0-9]+\.[0-9]+\.[0-9]+)$`).MatchString(tag) {
			t.Errorf("%s is tagged %q, %v", p.repository, tag, err)
		}
	}
}

func TestHelmControllersManifestAsksForTheVersionThatIsBuilt(t *testing.T) {
	manifest := rig.Read(t, "../manifests/flux/helm-controller.yaml")
	version, err := parts.Version("helm-controller", "github.com/fluxcd/helm-controller")
	if want := "image: fluxcd/helm-controller:" + version + "\n"; err != nil || !strings.Contains(manifest, want) {
		t.Errorf("%q is not in the manifest, %v", want, err)
	}
}
