package stack

import (
	"regexp"
	"testing"
)

func TestEveryManifestCanBeRead(t *testing.T) {
	entries, err := manifests.ReadDir("manifests")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		objects, err := files(e.Name())(t.Context())
		if err != nil || len(objects) == 0 {
			t.Errorf("%s holds %d objects: %v", e.Name(), len(objects), err)
		}
	}
}

func TestWhatIsWaitedForIsOfAKnownKind(t *testing.T) {
	for _, s := range steps {
		for _, wanted := range s.until {
			if _, known := kinds[wanted.kind]; !known {
				t.Errorf("%s: the kind's API group is not known", wanted)
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
