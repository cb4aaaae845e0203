// Command crdchanges prints which changes of the CRD since the last release OLM v1 refuses, and fails unless the notes of the new release
// say so:
//
//	go run ./hack/crdchanges --notes notes.md [--since v0.1.0]
//
// OLM v1's own check, crdify, is not served as a Go module. The rules here are those that it was seen to apply to this CRD
// (docs/decisions/0014-olm-bundle.md). The last release is the newest tag before the commit that is checked out; before the first release
// there is nothing to compare. It knows nothing of OLM v0, which compares the CRD with the objects that exist.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

const (
	definition = "config/crd/fluxmonitoring.dev_fluxmonitorings.yaml"
	// remedy is what the notes of a release with such changes must name.
	remedy = "crdUpgradeSafety"
)

func main() {
	notes := flag.String("notes", "", "file with the notes of the new release; without it, only print the changes")
	since := flag.String("since", "", "release to compare with; by default the newest tag before this commit")
	flag.Parse()
	if err := run(*notes, *since); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(notes, since string) error {
	if since == "" {
		since = lastRelease()
	}
	if since == "" {
		fmt.Fprintln(os.Stderr, "No release yet: there is nothing to compare the CRD with.")
		return nil
	}
	before, err := exec.Command("git", "show", since+":"+definition).Output()
	if err != nil {
		return fmt.Errorf("reading the CRD of %s: %w", since, err)
	}
	after, err := os.ReadFile(definition)
	if err != nil {
		return err
	}
	changes, err := changesOf(before, after)
	if err != nil {
		return err
	}
	for _, change := range changes {
		fmt.Fprintln(os.Stdout, change)
	}
	if len(changes) == 0 || notes == "" {
		return nil
	}
	said, err := os.ReadFile(notes)
	if err != nil {
		return err
	}
	return announced(string(said), since)
}

// lastRelease is the newest tag before the commit that is checked out, or "".
func lastRelease() string {
	out, err := exec.Command("git", "describe", "--tags", "--abbrev=0", "--match=v*", "HEAD^").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// changesOf are the refused changes between two CRDs, as YAML.
func changesOf(before, after []byte) ([]string, error) {
	var old, now apiextensionsv1.CustomResourceDefinition
	if err := errors.Join(yaml.Unmarshal(before, &old), yaml.Unmarshal(after, &now)); err != nil {
		return nil, err
	}
	return refused(&old, &now), nil
}

// announced is an error unless the notes name what users of OLM v1 must do.
func announced(notes, since string) error {
	if strings.Contains(notes, remedy) {
		return nil
	}
	return fmt.Errorf("OLM v1 refuses these changes of the CRD since %s: undo them, or write in CHANGELOG.md that users of OLM v1 must set "+
		"spec.install.preflight.%s.enforcement to None for this upgrade", since, remedy)
}
