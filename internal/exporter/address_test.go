package exporter

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestAddressesShowNoCredentials(t *testing.T) {
	for address, want := range map[string]string{
		"https://github.com/org/repo":                      "https://github.com/org/repo",
		"https://user:password@host/repo.git":              "https://host/repo.git",
		"https://ghp_token@host:8443/repo.git":             "https://host:8443/repo.git",
		"https://us%40er:pass%2Fword@host/repo":            "https://host/repo",
		"https://host/repo?sig=abc#fragment":               "https://host/repo",
		"http://a@b@host/repo":                             "http://host/repo",
		"ssh://git@github.com/org/repo":                    "ssh://git@github.com/org/repo",
		"ssh://git:password@github.com:22/org/repo":        "ssh://git@github.com:22/org/repo",
		"ssh://github.com/org/repo":                        "ssh://github.com/org/repo",
		"oci://ghcr.io/org/app":                            "oci://ghcr.io/org/app",
		"oci://user:password@ghcr.io/org/app":              "oci://ghcr.io/org/app",
		"oci://ghcr.io/org/app@sha256:" + digest:           "oci://ghcr.io/org/app@sha256:" + digest,
		"oci://user:password@ghcr.io/app@sha256:" + digest: "oci://ghcr.io/app@sha256:" + digest,
		"minio:9000":                                "minio:9000",
		"key:secret@minio:9000":                     "minio:9000",
		"minio:9000/bucket?secret":                  "minio:9000/bucket",
		"git@github.com:org/repo":                   "github.com:org/repo",
		"ghcr.io/org/app:1.0":                       "ghcr.io/org/app:1.0",
		"ghcr.io/org/app:1.0@sha256:" + digest:      "ghcr.io/org/app:1.0@sha256:" + digest,
		"podinfo@sha256:" + digest:                  "podinfo@sha256:" + digest,
		"https://user:pass/word@host/repo":          "", // not as an URL may be written: where the secret ends is a guess
		"https://user:123/word@host/repo":           "",
		"https://user:123?word@host/repo":           "",
		"https://user:123#word@host/repo":           "",
		"key:sec/ret@minio:9000":                    "",
		`https://user\:password@host`:               "",
		"https://user:pass word@host":               "",
		"https://host:port/repo":                    "",
		"https://[::1/repo":                         "",
		"user:password://host@x":                    "",
		"https:user:password@host/x":                "host/x",
		"https://user:password@sha256:" + digest:    "",
		"https://host/x@sha256:" + digest + "@evil": "",
		"https://user:123/x@sha256:" + digest:       "",
		"":                                          "",
		"key:@secret@sha256:" + digest:              "sha256:" + digest,
		"\x00":                                      "",
	} {
		t.Run(address, func(t *testing.T) {
			NewWithT(t).Expect(withoutCredentials(address)).To(Equal(want))
		})
	}
}

const digest = "6b1f3c4a9d0e5f7a8b2c1d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a"

// FuzzAddress writes addresses with credentials every way people do, right and wrong, and looks for the credentials in
// what is left.
func FuzzAddress(f *testing.F) {
	f.Add("https://", "user", "secret", "host/path")
	f.Add("", "AKIA", "sec/ret", "minio:9000")
	f.Add("ssh://", "git", "p@ss?word#", "host/@scope/x")
	f.Add("oci://", "token", "12345", "ghcr.io/app@sha256:"+digest)
	f.Add("http://", "", "8080/x", "sha256:"+digest)
	f.Fuzz(func(t *testing.T, scheme, user, secret, rest string) {
		if strings.Contains(scheme+rest, mark) || strings.Contains(user, mark) {
			return
		}
		if _, noHost := splitDigest("image@" + rest); noHost != "" {
			return // what stands before a digest is an image
		}
		for _, password := range []string{mark, secret + mark, mark + secret} {
			checkAddress(t, scheme, user+":"+password+"@"+rest)
		}
		if !strings.HasPrefix(scheme, "ssh://") { // whose user is no secret
			checkAddress(t, scheme, mark+"@"+rest)
			checkAddress(t, scheme, mark+secret+"@"+rest)
		}
		checkAddress(t, scheme, "host/x?"+secret+"="+mark)
	})
}

// mark is a secret that is easy to find.
const mark = "S3CR3T"

func checkAddress(t *testing.T, scheme, rest string) {
	t.Helper()
	for _, s := range []string{scheme, "http://", "https://", "oci://", ""} {
		if shown := withoutCredentials(s + rest); strings.Contains(shown, mark) {
			t.Errorf("%q shows the secret: %q", s+rest, shown)
		}
	}
}
