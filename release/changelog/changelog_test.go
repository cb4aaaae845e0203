package changelog_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/release/changelog"
)

const written = `# Changelog

## Unreleased

## [v0.2.0] - 2027-01-15

### Added

- A thing.

## 0.1.0

- The first.

## v0.0.9 - 2026-11-01
`

func TestTheNotesAreTheTextBelowTheHeading(t *testing.T) {
	for version, notes := range map[string]string{
		"v0.2.0": "### Added\n\n- A thing.\n",
		"v0.1.0": "- The first.\n",
		"0.1.0":  "- The first.\n",
	} {
		t.Run(version, func(t *testing.T) {
			NewWithT(t).Expect(changelog.Notes(written, version)).To(Equal(notes))
		})
	}
}

func TestAVersionWithoutAnEntryIsNotReleased(t *testing.T) {
	for version, complaint := range map[string]string{
		"v0.3.0": `CHANGELOG.md has no entry for v0.3.0: rename "Unreleased" to it before the tag is set`,
		"v0.2":   `CHANGELOG.md has no entry for v0.2: rename "Unreleased" to it before the tag is set`,
		"v0.0.9": `the entry "v0.0.9 - 2026-11-01" in CHANGELOG.md is empty: say what the version brings`,
	} {
		t.Run(version, func(t *testing.T) {
			_, err := changelog.Notes(written, version)
			NewWithT(t).Expect(err).To(MatchError(complaint))
		})
	}
}
