package exporter

import (
	"net/url"
	"slices"
	"strings"
)

// schemes are those Flux takes. What stands before the :// of others may be anything.
var schemes = []string{"http", "https", "oci", "ssh"}

// withoutCredentials returns an address without what may be secret in it, or nothing where that is in doubt. What stands
// before the last @ of an address never stays, but for the user of an ssh:// URL, who is no secret, and for the image
// before a digest. Queries and fragments hold signatures and go as well.
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

// splitUser takes what stands before the last @ off an address without its scheme. It is no user, and may be anything,
// where a path, a query or a fragment has begun before.
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

// splitDigest takes the digest off an image, such as @sha256:0123...
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

// isImage reports whether what stands before a digest may be an image: it is a name without a user, or the URL of a path in
// a registry.
func isImage(address string) bool {
	scheme, rest, isURL := strings.Cut(address, "://")
	if !isURL {
		return !strings.Contains(address, "@")
	}
	return scheme == "oci" && strings.Contains(rest, "/")
}
