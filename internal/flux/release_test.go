package flux

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestTheDistributionFollowsFromAControllersTag(t *testing.T) {
	for _, c := range []struct{ component, tag, want string }{
		{SourceController, "v1.9.4", "v2.9"},
		{SourceController, "v1.0.0", "v2.0"},
		{KustomizeController, "1.4.0", "v2.4"},
		{NotificationController, "v1.7.1", "v2.7"},
		{HelmController, "v0.37.4", "v2.2"},
		{HelmController, "v1.6.3", "v2.9"},
		{SourceController, "v1.5.0-distroless", "v2.5"},
		{SourceController, "v1.5.0@sha256:0f3a", "v2.5"},
		{SourceController, "v1.9.6-fips", "v2.9"},
		{SourceController, "1.9.6", "v2.9"},
		{SourceController, "v1.9.6_hardened", "v2.9"},
		{SourceController, "v1.9_hardened", "v2.9"},
		{SourceController, "v1.10.1", ""},
		{SourceController, "latest", ""},
		{SourceController, "", ""},
		{ImageReflectorController, "v1.0.0", ""},
		{"my-controller", "v1.9.4", ""},
	} {
		t.Run(c.component+":"+c.tag, func(t *testing.T) {
			NewWithT(t).Expect(DistributionOf(c.component, c.tag)).To(Equal(c.want))
		})
	}
}

func TestVersionsAreReadAsFarAsFluxChanges(t *testing.T) {
	no := release{}
	for text, want := range map[string]release{
		"v2.9.4": {2, 9}, "2.10": {2, 10}, "v2.7.0-rc.1": {2, 7}, "v2.7.0+build5": {2, 7},
		"": no, "v2": no, "main": no, "v2.x": no, "2.9beta": no, "99999999999999999999.1": no,
	} {
		t.Run(text, func(t *testing.T) {
			g := NewWithT(t)
			got, ok := parseRelease(text)
			g.Expect(ok).To(Equal(want != no))
			if ok {
				g.Expect(got).To(Equal(want))
			}
		})
	}
}

func TestTenComesAfterNine(t *testing.T) {
	g := NewWithT(t)
	g.Expect(release{2, 10}.within("2.9", "")).To(BeTrue())
	g.Expect(release{2, 10}.within("", "2.9")).To(BeFalse())
	g.Expect(release{2, 4}.within("2.4", "2.4")).To(BeTrue(), "both bounds are included")
	g.Expect(release{1, 9}.within("", "")).To(BeTrue(), "empty bounds are open")
}

func TestAnUnknownReleaseExcludesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		version, tag string
		may, is      bool // of Flux 2.4 or older
	}{
		"both are old":                           {version: "v2.4.0", tag: "v1.4.0", may: true, is: true},
		"the installation's version alone":       {version: "v2.4.0", tag: "latest", may: true, is: true},
		"the controller's tag alone":             {tag: "v1.3.0", may: true, is: true},
		"both are new":                           {version: "v2.9.4", tag: "v1.9.4"},
		"the one is old, the other new":          {version: "v2.4.0", tag: "v1.9.4", may: true},
		"neither is known":                       {tag: "latest", may: true},
		"no tag at all":                          {may: true},
		"a version that is none":                 {version: "main", tag: "20260101", may: true},
		"the version of a chart":                 {version: "1.3.0", may: true},
		"the version of a chart, and a new tag":  {version: "1.3.0", tag: "v1.9.6-fips"},
		"a tag of the builder's own numbering":   {tag: "v7.1.0", may: true},
		"a new version behind an unreadable tag": {version: "v2.9.4", tag: "hardened"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			flux := Installation{Version: c.version, Controllers: []Controller{{Component: SourceController, Version: c.tag}}}
			g.Expect(flux.mayRun(SourceController, "", "2.4")).To(Equal(c.may), "may be")
			g.Expect(flux.runs(SourceController, "", "2.4")).To(Equal(c.is), "is")
		})
	}
}

func TestAllControllersOfAComponentMustMatch(t *testing.T) {
	flux := Installation{Controllers: []Controller{{Component: SourceController, Version: "v1.4.0"}, {Component: SourceController, Version: "v1.9.0"}}}
	NewWithT(t).Expect(flux.runs(SourceController, "", "2.4")).To(BeFalse())
}
