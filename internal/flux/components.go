package flux

import (
	"regexp"
	"slices"
	"strings"
)

// componentPattern finds the name of a component at a word's beginning, and what follows it.
var componentPattern = regexp.MustCompile(`(?:^|[-_./])(` + strings.Join(Components(), "|") + `)(?:$|[-_.](.*))`)

// ComponentIn returns the component that a name has in it as whole words, such as source-controller of flux-source-controller
// or of its shard source-controller-eu. It is empty where the name has none.
func ComponentIn(name string) string {
	if match := componentPattern.FindStringSubmatch(name); match != nil {
		return match[1]
	}
	return ""
}

// flavours are what builders of images put behind the name of what they build.
var flavours = regexp.MustCompile(`^(?:fips|hardened|distroless|rootless|nonroot|static|slim|minimal|patched|mirror|` +
	`alpine|debian|ubi|wolfi|chainguard|amd64|arm64|arm|dev|debug)[0-9.]*$`)

// ComponentOfImage returns the component whose image this is: the last element of its path without tag and digest is the
// component's name, with anything before it, such as acme-hardened-, and behind it nothing but the flavour of a build, such as
// -fips. What is for a controller, such as source-controller-proxy, is none.
func ComponentOfImage(base string) string {
	match := componentPattern.FindStringSubmatch(base)
	if match == nil {
		return ""
	}
	for word := range strings.FieldsFuncSeq(match[2], func(r rune) bool { return r == '-' || r == '_' }) {
		if !flavours.MatchString(word) {
			return ""
		}
	}
	return match[1]
}

// Initials returns the component's first letters, such as kc for kustomize-controller: ports of pods that run several are
// named by them.
func Initials(component string) string {
	initials := ""
	for word := range strings.SplitSeq(component, "-") {
		initials += word[:1]
	}
	return initials
}

// componentByInitials returns the component of these initials; empty where there is none.
func componentByInitials(initials string) string {
	at := slices.IndexFunc(Components(), func(c string) bool { return Initials(c) == initials })
	if at < 0 {
		return ""
	}
	return Components()[at]
}

// ComponentOfPort returns the component that a port is named by, such as kustomize-controller by http-prom-kc.
func ComponentOfPort(port string) string {
	suffix := strings.TrimPrefix(strings.TrimPrefix(port, MetricsPort), "-")
	if component := ComponentIn(suffix); component != "" {
		return component
	}
	return componentByInitials(suffix)
}
