package flux

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// CurrentRelease is the Flux minor version that is assumed without a cluster.
const CurrentRelease = "2.9"

// release is a major and minor version. Flux changes its metrics only between minor versions.
type release struct{ major, minor int }

var releasePattern = regexp.MustCompile(`^v?(\d{1,6})\.(\d{1,6})(?:[.+@_-].*)?$`)

// parseRelease reads v2.9.4, 2.9 or v1.9.4-distroless; ok is false when text is no version.
func parseRelease(text string) (r release, ok bool) {
	match := releasePattern.FindStringSubmatch(text)
	if match == nil {
		return release{}, false
	}
	r.major, _ = strconv.Atoi(match[1]) // the pattern admits digits alone
	r.minor, _ = strconv.Atoi(match[2])
	return r, true
}

func (r release) compare(other release) int {
	return cmp.Or(cmp.Compare(r.major, other.major), cmp.Compare(r.minor, other.minor))
}

// within reports whether r lies between since and until, both included; an empty bound is open.
func (r release) within(since, until string) bool {
	if first, ok := parseRelease(since); ok && r.compare(first) < 0 {
		return false
	}
	last, ok := parseRelease(until)
	return !ok || r.compare(last) <= 0
}

// firstShipped holds, per component, the controller's minor version in Flux 2.0 and those that follow, one a Flux minor
// version. Read from the flux2 releases 2.0.0 to 2.9.4. The image controllers and source-watcher are not in it: their
// versions were not read.
var firstShipped = map[string][]release{
	SourceController:       {{1, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {1, 7}, {1, 8}, {1, 9}},
	KustomizeController:    {{1, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {1, 7}, {1, 8}, {1, 9}},
	NotificationController: {{1, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {1, 7}, {1, 8}, {1, 9}},
	HelmController:         {{0, 35}, {0, 36}, {0, 37}, {1, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}},
}

// DistributionOf returns the Flux minor version, such as v2.9, that ships this controller at this image tag. It is
// empty when no known Flux release does.
func DistributionOf(component, tag string) string {
	version, ok := parseRelease(tag)
	if !ok {
		return ""
	}
	for minor, shipped := range firstShipped[component] {
		if shipped == version {
			return fmt.Sprintf("v2.%d", minor)
		}
	}
	return ""
}

// knownReleases are the releases that a controller can be of: the installation's version, and what its own tag says.
// There are none if neither is a version of Flux.
func (i Installation) knownReleases(c Controller) []release {
	var known []release
	for _, text := range []string{i.Version, DistributionOf(c.Component, c.Version)} {
		if r, ok := parseRelease(text); ok && r.major >= firstMajor {
			known = append(known, r)
		}
	}
	return known
}

// firstMajor is the first major version of Flux with these controllers. Anything lower, such as a chart's version, is
// not of Flux.
const firstMajor = 2

// canBe reports whether a controller is possibly of a release between since and until.
func (i Installation) canBe(c Controller, since, until string) bool {
	known := i.knownReleases(c)
	return len(known) == 0 || slices.ContainsFunc(known, func(r release) bool { return r.within(since, until) })
}

// isOf reports whether a controller is certainly of such a release.
func (i Installation) isOf(c Controller, since, until string) bool {
	known := i.knownReleases(c)
	return len(known) > 0 && !slices.ContainsFunc(known, func(r release) bool { return !r.within(since, until) })
}

// mayRun reports whether a controller of this component may be installed that is of a release between since and until: one that
// was not recognised may be any. An empty component means any, too.
func (i Installation) mayRun(component, since, until string) bool {
	return slices.ContainsFunc(i.Controllers, func(c Controller) bool {
		same := component == "" || c.Component == component || c.Component == "" && slices.Contains(Components(), component)
		return same && i.canBe(c, since, until)
	})
}

// runs reports whether controllers of this component are installed, and each is of a release between since and until.
func (i Installation) runs(component, since, until string) bool {
	found := false
	for _, c := range i.Controllers {
		if c.Component != component {
			continue
		}
		if !i.isOf(c, since, until) {
			return false
		}
		found = true
	}
	return found
}
