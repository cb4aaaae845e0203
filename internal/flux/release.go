package flux

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
)

// CurrentRelease is the Flux minor version assumed where nothing in the cluster tells which one runs.
const CurrentRelease = "2.9"

// release is a major and minor version. Flux changes its metrics only between minor versions.
type release struct{ major, minor int }

var releasePattern = regexp.MustCompile(`^v?(\d{1,6})\.(\d{1,6})(?:[.+@-].*)?$`)

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

// releaseOf returns the Flux release a controller belongs to: the installation's, else the one its tag tells, else the
// current one.
func (i Installation) releaseOf(c Controller) release {
	for _, text := range []string{i.Version, DistributionOf(c.Component, c.Version), CurrentRelease} {
		if r, ok := parseRelease(text); ok {
			return r
		}
	}
	return release{}
}

// runs reports whether a controller of this component, of a release between since and until, is installed. An empty
// component means any.
func (i Installation) runs(component, since, until string) bool {
	for _, c := range i.Controllers {
		if (component == "" || c.Component == component) && i.releaseOf(c).within(since, until) {
			return true
		}
	}
	return false
}
