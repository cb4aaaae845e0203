package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
)

// heads are the versions of a channel that no other takes the place of.
func (c Channel) heads() []string {
	left := map[string]bool{}
	for _, e := range c.Entries {
		left[e.Name] = true
	}
	for _, e := range c.Entries {
		for _, gone := range append([]string{e.Replaces}, e.Skips...) {
			delete(left, gone)
		}
	}
	return slices.Sorted(maps.Keys(left))
}

// complaints about the catalog: everything that would leave an installed version behind, or a version out of reach.
func (c *Catalog) complaints() []string {
	var all []string
	if c.Package.Name != Package {
		all = append(all, fmt.Sprintf("the package is %s, not %s", c.Package.Name, Package))
	}
	if !slices.ContainsFunc(c.Channels, func(ch Channel) bool { return ch.Name == c.Package.DefaultChannel }) {
		all = append(all, fmt.Sprintf("the default channel %s is not there", c.Package.DefaultChannel))
	}
	for _, channel := range c.Channels {
		for _, complaint := range channel.complaints() {
			all = append(all, "channel "+channel.Name+": "+complaint)
		}
	}
	return append(all, c.unmatched()...)
}

// complaints about a channel.
func (c Channel) complaints() []string {
	var all []string
	if c.Package != Package {
		all = append(all, "is of the package "+c.Package)
	}
	if heads := c.heads(); len(heads) != 1 {
		all = append(all, fmt.Sprintf("has %d heads (%s), not one", len(heads), strings.Join(heads, ", ")))
	}
	seen := map[string]bool{}
	for _, e := range c.Entries {
		if seen[e.Name] {
			all = append(all, e.Name+" is there twice")
		}
		seen[e.Name] = true
		all = append(all, c.entryComplaints(e)...)
	}
	return all
}

// entryComplaints are about a version's place: it comes after what it replaces, which is in the channel, or else the first.
func (c Channel) entryComplaints(e Entry) []string {
	own, err := versionOf(e.Name)
	if err != nil {
		return []string{err.Error()}
	}
	if e.Replaces == "" && e.SkipRange != "" {
		return []string{e.Name + " has a skipRange and replaces nothing, so the catalog forgets the versions before"}
	}
	if e.Replaces == "" {
		return nil
	}
	if _, there := c.entry(e.Replaces); !there {
		return []string{e.Name + " replaces " + e.Replaces + ", which is not there"}
	}
	if before, err := versionOf(e.Replaces); err == nil && !before.LessThan(own) {
		return []string{e.Name + " replaces " + e.Replaces + ", which is not older"}
	}
	return nil
}

// unmatched are versions without an image, and images without a version.
func (c *Catalog) unmatched() []string {
	var all []string
	images := map[string]string{}
	for _, i := range c.Images {
		images[i.Name] = i.Image
		if len(c.channelsOf(i.Name)) == 0 {
			all = append(all, i.Name+" is in no channel")
		}
		_, tag, _ := strings.Cut(i.Name, ".")
		if !strings.Contains(i.Image, "@sha256:") && !strings.HasSuffix(i.Image, ":"+tag) {
			all = append(all, i.Image+" is not the image of "+i.Name)
		}
	}
	for _, channel := range c.Channels {
		for _, e := range channel.Entries {
			if images[e.Name] == "" {
				all = append(all, e.Name+" in channel "+channel.Name+" has no bundle")
			}
		}
	}
	return all
}

// versionOf reads the version in a name such as fluxmonitoring-operator.v0.1.0.
func versionOf(name string) (*version.Version, error) {
	text, ours := strings.CutPrefix(name, Package+".v")
	if !ours {
		return nil, fmt.Errorf("%s is not named %s.v and a version", name, Package)
	}
	v, err := version.ParseSemantic(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}
