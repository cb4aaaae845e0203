package exporter

import (
	"net/url"
	"slices"
	"strings"
)

// schemes that Flux supports. With any other, the text before :// can be anything.
var schemes = []string{"http", "https", "oci", "ssh"}

// withoutCredentials returns an address without what can be secret, or nothing in case of doubt. It removes the user,
// except of an ssh:// URL, whose user is no secret, and the query and fragment, which can hold signatures. An image
// keeps its digest.
func withoutCredentials(address string) string {
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return ""
	}
	address, digest := splitDigest(address)
	scheme, rest, isURL := strings.Cut(address, "://")
	if !isURL {
		scheme, rest = "", address
	} else if !slices.Contains(schemes, scheme) {
		return ""
	}
	user, rest, ok := splitUser(rest)
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, "#")
	if !isURL {
		return rest + digest
	}
	if scheme == "ssh" && user != "" {
		name, _, _ := strings.Cut(user, ":")
		rest = name + "@" + rest
	}
	whole := scheme + "://" + rest + digest
	if _, err := url.Parse(whole); err != nil {
		return ""
	}
	return whole
}

// splitUser splits the user off an address without a scheme. It fails if a path, query or fragment begins before the
// last @, because the text before it can then be anything.
func splitUser(address string) (user, rest string, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", address, true
	}
	if strings.ContainsAny(address[:at], `/?#\`) {
		return "", "", false
	}
	return address[:at], address[at+1:], true
}

// splitDigest splits the digest off an image, such as @sha256:0123...
func splitDigest(address string) (image, digest string) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return address, ""
	}
	algorithm, sum, found := strings.Cut(address[at+1:], ":")
	if !found || algorithm != "sha256" && algorithm != "sha512" || !isSum(sum) || !isImage(address[:at]) {
		return address, ""
	}
	return address[:at], address[at:]
}

func isSum(s string) bool {
	return len(s) >= 32 && strings.Trim(s, "0123456789abcdef") == ""
}

// isImage reports whether the text before a digest can be an image: a name without a user, or the oci:// URL of a
// path.
func isImage(address string) bool {
	scheme, rest, isURL := strings.Cut(address, "://")
	if !isURL {
		return !strings.Contains(address, "@")
	}
	return scheme == "oci" && strings.Contains(rest, "/")
}
