package main

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// catalogOf is a catalog with a channel stable of versions, each written as "2 replaces 1 skips 0", and their bundles.
func catalogOf(versions ...string) *Catalog {
	name := func(v string) string { return Package + ".v0." + v + ".0" }
	c := &Catalog{Package: CatalogPackage{Name: Package, DefaultChannel: "stable"}, Channels: []Channel{{Package: Package, Name: "stable"}}}
	for _, v := range versions {
		parts := strings.Fields(v)
		e := Entry{Name: name(parts[0])}
		for i := 1; i+1 < len(parts); i += 2 {
			switch parts[i] {
			case "replaces":
				e.Replaces = name(parts[i+1])
			case "skips":
				e.Skips = append(e.Skips, name(parts[i+1]))
			}
		}
		c.Channels[0].Entries = append(c.Channels[0].Entries, e)
		c.Images = append(c.Images, CatalogImage{Name: e.Name, Image: "example.com/bundle:v0." + parts[0] + ".0"})
	}
	return c
}

func TestACatalogIsChecked(t *testing.T) {
	for sentence, c := range map[string]struct {
		versions   []string
		spoil      func(*Catalog)
		complaints []string
	}{
		"one version": {[]string{"1"}, nil, nil},
		"a line":      {[]string{"1", "2 replaces 1", "3 replaces 2"}, nil, nil},
		"a version that went wrong is skipped": {
			[]string{"1", "2 replaces 1", "3 replaces 1 skips 2"}, nil, nil,
		},
		"a version that nothing replaces is left behind": {
			[]string{"1", "2"}, nil,
			[]string{"channel stable: has 2 heads (fluxmonitoring-operator.v0.1.0, fluxmonitoring-operator.v0.2.0), not one"},
		},
		"a loop has no newest version": {
			[]string{"1 replaces 2", "2 replaces 1"}, nil,
			[]string{
				"channel stable: has 0 heads (), not one",
				"channel stable: fluxmonitoring-operator.v0.1.0 replaces fluxmonitoring-operator.v0.2.0, which is not older",
			},
		},
		"a fork has two ends": {
			[]string{"1", "2 replaces 1", "3 replaces 1"}, nil,
			[]string{"channel stable: has 2 heads (fluxmonitoring-operator.v0.2.0, fluxmonitoring-operator.v0.3.0), not one"},
		},
		"a version that is replaced must be there": {
			[]string{"2 replaces 1"}, nil,
			[]string{"channel stable: fluxmonitoring-operator.v0.2.0 replaces fluxmonitoring-operator.v0.1.0, which is not there"},
		},
		"a version is there once": {
			[]string{"1", "1"}, nil,
			[]string{"channel stable: fluxmonitoring-operator.v0.1.0 is there twice"},
		},
		"another package": {
			[]string{"1"}, func(c *Catalog) { c.Package.Name = "other" }, []string{"the package is other, not fluxmonitoring-operator"},
		},
		"a default channel that is not there": {
			[]string{"1"}, func(c *Catalog) { c.Package.DefaultChannel = "fast" }, []string{"the default channel fast is not there"},
		},
		"a channel of another package": {
			[]string{"1"}, func(c *Catalog) { c.Channels[0].Package = "other" }, []string{"channel stable: is of the package other"},
		},
		"a name that is no version": {
			[]string{"1"}, func(c *Catalog) {
				c.Channels[0].Entries[0].Name = "newest"
				c.Images[0] = CatalogImage{"newest", "a@sha256:0"}
			},
			[]string{"channel stable: newest is not named fluxmonitoring-operator.v and a version"},
		},
		"a range that is skipped, and the versions before forgotten": {
			[]string{"1"}, func(c *Catalog) { c.Channels[0].Entries[0].SkipRange = "<0.1.0" },
			[]string{"channel stable: fluxmonitoring-operator.v0.1.0 has a skipRange and replaces nothing, so the catalog forgets the versions before"},
		},
		"a version without a bundle": {
			[]string{"1"}, func(c *Catalog) { c.Images = nil }, []string{"fluxmonitoring-operator.v0.1.0 in channel stable has no bundle"},
		},
		"a bundle in no channel": {
			[]string{"1"}, func(c *Catalog) {
				c.Images = append(c.Images, CatalogImage{Package + ".v0.9.0", "example.com/bundle:v0.9.0"})
			},
			[]string{"fluxmonitoring-operator.v0.9.0 is in no channel"},
		},
		"the image of another version": {
			[]string{"1"}, func(c *Catalog) { c.Images[0].Image = "example.com/bundle:v0.2.0" },
			[]string{"example.com/bundle:v0.2.0 is not the image of fluxmonitoring-operator.v0.1.0"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			catalog := catalogOf(c.versions...)
			if c.spoil != nil {
				c.spoil(catalog)
			}
			NewWithT(t).Expect(catalog.complaints()).To(Equal(c.complaints))
		})
	}
}

func TestAVersionReplacesWhatTheDefaultChannelSays(t *testing.T) {
	g := NewWithT(t)
	catalog := catalogOf("1", "2 replaces 1", "3 replaces 1 skips 2")
	catalog.Channels = append([]Channel{{Name: "candidate", Entries: []Entry{
		{Name: Package + ".v0.3.0", Replaces: Package + ".v0.2.0"},
		{Name: Package + ".v0.4.0", Replaces: Package + ".v0.3.0", SkipRange: "<0.4.0"},
	}}}, catalog.Channels...)
	entry := catalog.of(Package + ".v0.3.0")
	g.Expect(entry.Replaces).To(Equal(Package + ".v0.1.0"))
	g.Expect(entry.Skips).To(Equal([]string{Package + ".v0.2.0"}))
	g.Expect(catalog.of(Package+".v0.4.0").Replaces).To(Equal(Package+".v0.3.0"), "a candidate is in no other channel")
	g.Expect(catalog.of(Package + ".v0.4.0").SkipRange).To(Equal("<0.4.0"))
	g.Expect(catalog.channelsOf(Package + ".v0.3.0")).To(Equal([]string{"candidate", "stable"}))
}

func TestATemplateOfAnotherFormIsRefused(t *testing.T) {
	for sentence, c := range map[string]struct{ template, says string }{
		"another schema": {"schema: olm.semver", `catalog/template.yaml is of schema "olm.semver", not olm.template.basic`},
		"another entry": {
			"schema: olm.template.basic\nentries: [{schema: olm.deprecations}]", "catalog/template.yaml: an entry of schema olm.deprecations",
		},
		"a field that opm does not know": {
			"schema: olm.template.basic\nentries: [{schema: olm.bundle, picture: a}]",
			`catalog/template.yaml: error unmarshaling JSON: while decoding JSON: json: unknown field "picture"`,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := ReadCatalog([]byte(c.template))
			NewWithT(t).Expect(err).To(MatchError(c.says))
		})
	}
}
