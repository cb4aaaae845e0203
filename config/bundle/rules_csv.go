package bundle

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/version"
)

// features that a version claims or does not, under this prefix.
const featuresPrefix = "features.operators.openshift.io/"

// texts: what people read is there, and not too long or too short to be shown.
func (b *Bundle) texts() []string {
	spec, annotations := b.CSV.Spec, b.CSV.Metadata.Annotations
	var all []string
	for name, ok := range map[string]bool{
		"displayName must have 3 to 50 characters":                       len(spec.DisplayName) >= 3 && len(spec.DisplayName) <= 50,
		"description must have 20 characters or more":                    len(spec.Description) >= 20,
		"description must name the prerequisites":                        strings.Contains(spec.Description, "## Prerequisites"),
		"annotation description must have 10 characters":                 len(annotations["description"]) >= 10,
		"annotation support is missing":                                  annotations["support"] != "",
		"annotation operatorframework.io/suggested-namespace is missing": annotations["operatorframework.io/suggested-namespace"] != "",
		"keywords are missing":                                           len(spec.Keywords) > 0,
		"links are missing":                                              len(spec.Links) > 0,
		"maintainers are missing":                                        len(spec.Maintainers) > 0,
		"provider has no name":                                           spec.Provider.Name != "",
	} {
		if !ok {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// words: values of which there is a fixed list.
func (b *Bundle) words() []string {
	annotations := b.CSV.Metadata.Annotations
	var all []string
	for _, w := range []struct {
		what, given string
		known       []string
	}{
		{"capabilities", annotations["capabilities"],
			[]string{"Basic Install", "Seamless Upgrades", "Full Lifecycle", "Deep Insights", "Auto Pilot"}},
		{"categories", annotations["categories"], []string{"Monitoring"}},
		{"certified", annotations["certified"], []string{"false"}},
		{"maturity", b.CSV.Spec.Maturity, []string{"alpha", "beta", "stable"}},
		{"strategy", b.CSV.Spec.Install.Strategy, []string{"deployment"}},
	} {
		if !slices.Contains(w.known, w.given) {
			all = append(all, fmt.Sprintf("%s is %q, and none of %s", w.what, w.given, strings.Join(w.known, ", ")))
		}
	}
	return all
}

// versions: one version, said in one way everywhere, and a skip range only beside what is replaced, for else the catalog forgets the
// versions before.
func (b *Bundle) versions() []string {
	spec, name := b.CSV.Spec, b.CSV.Metadata.Name
	var all []string
	if _, err := version.ParseSemantic(spec.Version); err != nil {
		all = append(all, "version: "+err.Error())
	}
	if name != Package+".v"+spec.Version || len(name) > 63 {
		all = append(all, "is named "+name+", not "+Package+".v"+spec.Version)
	}
	if v, err := version.ParseSemantic(spec.MinKubeVersion); err != nil || v.String() != spec.MinKubeVersion {
		all = append(all, fmt.Sprintf("minKubeVersion %q is not of the form 1.2.3", spec.MinKubeVersion))
	}
	if _, err := time.Parse(time.RFC3339, b.CSV.Metadata.Annotations["createdAt"]); err != nil {
		all = append(all, "createdAt: "+err.Error())
	}
	if b.CSV.Metadata.Annotations["olm.skipRange"] != "" && spec.Replaces == "" {
		all = append(all, "olm.skipRange is there without replaces")
	}
	return all
}

// addresses: of pages and of people.
func (b *Bundle) addresses() []string {
	pages := append([]Link{b.CSV.Spec.Provider, {Name: "repository", URL: b.CSV.Metadata.Annotations["repository"]}}, b.CSV.Spec.Links...)
	var all []string
	for _, page := range pages {
		if u, err := url.Parse(page.URL); err != nil || u.Scheme != "https" || u.Host == "" {
			all = append(all, fmt.Sprintf("%s: %q is no https address", page.Name, page.URL))
		}
	}
	for _, person := range b.CSV.Spec.Maintainers {
		if _, err := mail.ParseAddress(person.Email); err != nil || person.Name == "" {
			all = append(all, fmt.Sprintf("maintainer %q has no name or no valid address: %q", person.Name, person.Email))
		}
	}
	return all
}

// claims: each feature is claimed or not, and none that the bundle itself disproves. A mirror finds images by digest alone.
func (b *Bundle) claims() []string {
	var all []string
	for _, feature := range []string{
		"disconnected", "fips-compliant", "proxy-aware", "tls-profiles", "token-auth-aws", "token-auth-azure", "token-auth-gcp",
	} {
		if given := b.CSV.Metadata.Annotations[featuresPrefix+feature]; given != "true" && given != "false" {
			all = append(all, fmt.Sprintf("feature %s is %q, neither true nor false", feature, given))
		}
	}
	byTag := func(i RelatedImage) bool { return !strings.Contains(i.Image, "@sha256:") }
	if b.CSV.Metadata.Annotations[featuresPrefix+"disconnected"] == "true" && slices.ContainsFunc(b.CSV.Spec.RelatedImages, byTag) {
		all = append(all, "feature disconnected is claimed, and images are named by tags")
	}
	return all
}

// icons: one, which is a square picture.
func (b *Bundle) icons() []string {
	if len(b.CSV.Spec.Icon) != 1 {
		return []string{fmt.Sprintf("has %d icons, not one", len(b.CSV.Spec.Icon))}
	}
	icon := b.CSV.Spec.Icon[0]
	content, err := base64.StdEncoding.DecodeString(icon.Data)
	if err != nil || icon.MediaType != "image/svg+xml" {
		return []string{"the icon is no SVG in base64"}
	}
	var picture struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
		Width   int      `xml:"width,attr"`
		Height  int      `xml:"height,attr"`
	}
	if err := xml.Unmarshal(content, &picture); err != nil || picture.Width == 0 || picture.Width != picture.Height {
		return []string{fmt.Sprintf("the icon is no square SVG: %d by %d, %v", picture.Width, picture.Height, err)}
	}
	return nil
}

// modes: all namespaces and nothing else, which is also all that OLM v1 installs by itself.
func (b *Bundle) modes() []string {
	given := map[string]bool{}
	for _, mode := range b.CSV.Spec.InstallModes {
		given[mode.Type] = mode.Supported
	}
	if !maps.Equal(given, map[string]bool{"OwnNamespace": false, "SingleNamespace": false, "MultiNamespace": false, "AllNamespaces": true}) {
		return []string{fmt.Sprintf("install modes must be AllNamespaces alone, with the others denied: %v", given)}
	}
	return nil
}
