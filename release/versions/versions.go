// Package versions holds a release against the version that the manifests are of. It knows which versions are releases and where the
// manifests say theirs; that all manifests say the same is held by the tests of hack/bundle and test/chart.
package versions

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// base is where a person writes the version, relative to the checkout.
const base = "config/manifests/bases/fluxmonitoring-operator.clusterserviceversion.yaml"

// released are the versions that the workflow makes releases of. Others, such as dev or v0.1.0-mine, are local names.
var released = regexp.MustCompile(`^v\d+\.\d+\.\d+(-rc\.\d+)?$`)

// Agree returns an error where the version is that of a release, such as v0.1.0 or v0.1.0-rc.1, and the manifests in the checkout are
// of another: the bundle would be pushed under a version that it is not of. A local name agrees with everything.
func Agree(checkout, version string) error {
	if !released.MatchString(version) {
		return nil
	}
	content, err := os.ReadFile(filepath.Join(checkout, base))
	if err != nil {
		return fmt.Errorf("the version of the manifests is not known: %w", err)
	}
	manifest := struct {
		Spec struct {
			Version string `json:"version"`
		} `json:"spec"`
	}{}
	if err := yaml.Unmarshal(content, &manifest); err != nil {
		return fmt.Errorf("the version of the manifests is not known: %s: %w", base, err)
	}
	if manifest.Spec.Version == strings.TrimPrefix(version, "v") {
		return nil
	}
	return fmt.Errorf("%s is to be made, and the manifests are of %q: do what the head of %s says of a release, run `make generate`, "+
		"commit, and set the tag on that commit", version, manifest.Spec.Version, base)
}
