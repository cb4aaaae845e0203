package flux

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestTheDistributionIsToldByAControllersTag(t *testing.T) {
	for _, c := range []struct{ component, tag, want string }{
		{SourceController, "v1.9.4", "v2.9"},
		{SourceController, "v1.0.0", "v2.0"},
		{KustomizeController, "1.4.0", "v2.4"},
		{NotificationController, "v1.7.1", "v2.7"},
		{HelmController, "v0.37.4", "v2.2"},
		{HelmController, "v1.6.3", "v2.9"},
		{SourceController, "v1.5.0-distroless", "v2.5"},
		{SourceController, "v1.5.0@sha256:0f3a", "v2.5"},
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
	for text, want := range map[string]release{
		"v2.9.4":        {2, 9},
		"2.10":          {2, 10},
		"v2.7.0-rc.1":   {2, 7},
		"v2.7.0+build5": {2, 7},
	} {
		t.Run(text, func(t *testing.T) {
			g := NewWithT(t)
			got, ok := parseRelease(text)
			g.Expect(ok).To(BeTrue())
			g.Expect(got).To(Equal(want))
		})
	}
	for _, text := range []string{"", "v2", "main", "v2.x", "2.9beta", "99999999999999999999.1"} {
		t.Run("not "+text, func(t *testing.T) {
			_, ok := parseRelease(text)
			NewWithT(t).Expect(ok).To(BeFalse())
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

func TestTheReleaseOfAControllerIsTheBestKnown(t *testing.T) {
	for name, c := range map[string]struct {
		version, tag string
		want         release
	}{
		"the installation's version wins": {version: "v2.4.0", tag: "v1.9.4", want: release{2, 4}},
		"else the controller's tag tells": {tag: "v1.3.0", want: release{2, 3}},
		"else it is the current one":      {tag: "latest", want: release{2, 9}},
		"a version that is none is none":  {version: "main", tag: "v1.3.0", want: release{2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			flux := Installation{Version: c.version}
			NewWithT(t).Expect(flux.releaseOf(Controller{Component: SourceController, Version: c.tag})).To(Equal(c.want))
		})
	}
}
