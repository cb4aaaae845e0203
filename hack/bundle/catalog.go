package main

import (
	"fmt"
	"maps"
	"slices"

	"sigs.k8s.io/yaml"
)

// Catalog is the template of a file-based catalog with one package in it.
type Catalog struct {
	Package  CatalogPackage
	Channels []Channel
	Images   []CatalogImage
}

// CatalogPackage names the channel that is taken by who names none.
type CatalogPackage struct {
	Name           string `json:"name"`
	DefaultChannel string `json:"defaultChannel"`
	Description    string `json:"description"`
	Icon           Icon   `json:"icon"`
}

// Channel is a graph of versions, from each of which one comes to the next.
type Channel struct {
	Package string  `json:"package"`
	Name    string  `json:"name"`
	Entries []Entry `json:"entries"`
}

// Entry is a version in a channel. It takes the place of the versions that it replaces, skips, or has in its skip range.
type Entry struct {
	Name      string   `json:"name"`
	Replaces  string   `json:"replaces,omitempty"`
	Skips     []string `json:"skips,omitempty"`
	SkipRange string   `json:"skipRange,omitempty"`
}

// CatalogImage is the image of a version's bundle.
type CatalogImage struct {
	Name  string `json:"name"`
	Image string `json:"image"`
}

// ReadCatalog reads a template in the form of olm.template.basic.
func ReadCatalog(template []byte) (*Catalog, error) {
	var given struct {
		Schema  string           `json:"schema"`
		Entries []map[string]any `json:"entries"`
	}
	if err := yaml.UnmarshalStrict(template, &given); err != nil {
		return nil, err
	}
	if given.Schema != "olm.template.basic" {
		return nil, fmt.Errorf("%s is of schema %q, not olm.template.basic", Template, given.Schema)
	}
	catalog := &Catalog{}
	for _, entry := range given.Entries {
		if err := catalog.take(entry); err != nil {
			return nil, fmt.Errorf("%s: %w", Template, err)
		}
	}
	return catalog, nil
}

func (c *Catalog) take(entry map[string]any) error {
	schema := entry["schema"]
	delete(entry, "schema")
	text, err := yaml.Marshal(entry)
	if err != nil {
		return err
	}
	switch schema {
	case "olm.package":
		return yaml.UnmarshalStrict(text, &c.Package)
	case "olm.channel":
		c.Channels = append(c.Channels, Channel{})
		return yaml.UnmarshalStrict(text, &c.Channels[len(c.Channels)-1])
	case "olm.bundle":
		c.Images = append(c.Images, CatalogImage{})
		return yaml.UnmarshalStrict(text, &c.Images[len(c.Images)-1])
	}
	return fmt.Errorf("an entry of schema %v", schema)
}

// channelsOf are the names of the channels that have a version.
func (c *Catalog) channelsOf(name string) []string {
	var all []string
	for _, channel := range c.Channels {
		if _, found := channel.entry(name); found {
			all = append(all, channel.Name)
		}
	}
	return all
}

// of is a version as the default channel has it, or else the first channel that does.
func (c *Catalog) of(name string) Entry {
	var first Entry
	for _, channel := range c.Channels {
		entry, found := channel.entry(name)
		if found && channel.Name == c.Package.DefaultChannel {
			return entry
		}
		if found && first.Name == "" {
			first = entry
		}
	}
	return first
}

func (c Channel) entry(name string) (Entry, bool) {
	i := slices.IndexFunc(c.Entries, func(e Entry) bool { return e.Name == name })
	if i < 0 {
		return Entry{}, false
	}
	return c.Entries[i], true
}

func sortedKeys[V any](of map[string]V) []string {
	return slices.Sorted(maps.Keys(of))
}
