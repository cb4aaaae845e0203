// Package changelog reads what a version brings from CHANGELOG.md, which has the format of Keep a Changelog.
package changelog

import (
	"fmt"
	"strings"
)

// Notes returns the text below the heading of the version, such as `## v0.1.0` or `## [0.1.0] - 2026-12-01`. A version without
// an entry, or with an empty one, is an error: it is not ready to be released.
func Notes(changelog, version string) (string, error) {
	for _, section := range strings.Split("\n"+changelog, "\n## ")[1:] {
		heading, text, _ := strings.Cut(section, "\n")
		if named(heading) != strings.TrimPrefix(version, "v") {
			continue
		}
		text = strings.TrimSpace(text)
		if text == "" {
			return "", fmt.Errorf("the entry %q in CHANGELOG.md is empty: say what the version brings", strings.TrimSpace(heading))
		}
		return text + "\n", nil
	}
	return "", fmt.Errorf("CHANGELOG.md has no entry for %s: rename \"Unreleased\" to it before the tag is set", version)
}

// named is the version in a heading, without brackets, date and leading v.
func named(heading string) string {
	name, _, _ := strings.Cut(strings.TrimSpace(heading), " ")
	return strings.TrimPrefix(strings.Trim(name, "[]"), "v")
}
