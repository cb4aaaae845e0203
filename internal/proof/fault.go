package proof

import (
	"regexp"
	"strings"
)

// Class is why something cannot be asked or scraped. It is ours: a server's text never gets into a status.
type Class string

// The classes.
const (
	ClassTimeOut      Class = "time-out"
	ClassRefused      Class = "connection refused"
	ClassUnknownHost  Class = "unknown host"
	ClassCertificate  Class = "certificate not trusted"
	ClassUnauthorized Class = "unauthorized"
	ClassForbidden    Class = "forbidden"
	ClassNotFound     Class = "not found"
	ClassServerError  Class = "server error"
	ClassRedirected   Class = "redirected"
	ClassTooLarge     Class = "answer too large"
	ClassNotAnAPI     Class = "not an API of Prometheus"
	ClassLimit        Class = "limit exceeded"
	ClassNoPods       Class = "no pod is ready"
	ClassNoService    Class = "no EndpointSlice"
	ClassLocal        Class = "it listens on its loopback address only"
	ClassNotAllowed   Class = "address not allowed"
	ClassCredentials  Class = "credentials not available"
	ClassWithheld     Class = "credentials withheld"
	ClassReserved     Class = "credentials reserved for the address"
	ClassPlain        Class = "credentials would be sent without TLS"
	ClassNoPermission Class = "no permission to list EndpointSlices"
	ClassOther        Class = "another error"
)

// Fault is why a backend could not be asked; the zero value is none.
type Fault struct {
	Class Class
	// Subject is what the fault is about: a pod, a NetworkPolicy, a Secret, a ServiceAccount. It is a name of the cluster.
	Subject string
}

// patterns are found in an error of a scrape, in small letters, with their class. The first that matches counts. Statuses are
// first, because VictoriaMetrics quotes the server's own text after them.
var patterns = []struct {
	text  *regexp.Regexp
	class Class
}{
	{status("401"), ClassUnauthorized}, {status("403"), ClassForbidden}, {status("404"), ClassNotFound}, {status("5[0-9][0-9]"), ClassServerError},
	{regexp.MustCompile(`limit exceeded|_limit|max_scrape_size`), ClassLimit},
	{regexp.MustCompile(`connection refused`), ClassRefused},
	{regexp.MustCompile(`deadline exceeded|timeout|timed out|no route to host`), ClassTimeOut},
	{regexp.MustCompile(`no such host`), ClassUnknownHost},
	{regexp.MustCompile(`x509|certificate|tls:`), ClassCertificate},
}

// status matches an HTTP status, as Prometheus and VictoriaMetrics write it.
func status(code string) *regexp.Regexp {
	return regexp.MustCompile(`^server returned http status ` + code + `|^unexpected status code returned when scraping "[^"]*": ` + code)
}

// ClassOf is the class of the error that Prometheus reports of a scrape; empty if there is none.
func ClassOf(text string) Class {
	if text == "" {
		return ""
	}
	text = strings.ToLower(text)
	for _, p := range patterns {
		if p.text.MatchString(text) {
			return p.class
		}
	}
	return ClassOther
}
