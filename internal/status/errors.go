package status

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/fluxmonitoring/operator/internal/apply"
)

// Sentence is the message of an error without the parts that differ from one try to the next, because each try would write the status. An
// error that is not an answer of the API server, such as a broken connection, is only logged.
func Sentence(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return withoutVolatile(undeclared(status.Status().Message))
	}
	if apply.IsExplained(err) {
		return err.Error()
	}
	return "the API server gave no answer, and the operator tries again"
}

// volatile are the parts of an API server's answer that differ from one time to the next, in the order in which they are replaced:
// addresses and ports of connections, times, IDs of requests and of objects.
var volatile = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`\b(dial|read|write) (tcp|udp)[46]? \S+: `), "$1 $2: "},
	{regexp.MustCompile(`\b(lookup \S+) on \S+: `), "$1: "},
	{regexp.MustCompile(`\bcurrent time \d{4}-\d\d-\d\dT[^\s"]+`), "the current time"},
	{regexp.MustCompile(`\b(is (?:after|before) \d{4}-\d\d-\d\d)T`), "$1\x00"}, // the end of a certificate stays
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`), "…"},
	{regexp.MustCompile(`\x00`), "T"},
	{regexp.MustCompile(`\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`), "…"},
	{regexp.MustCompile(`(?i)\b((?:request|req|trace|span|correlation|audit|transaction)[-_ ]?id"?[:= ]+"?)[\w.:/+-]+`), "$1…"},
	{regexp.MustCompile(`(?i)\b(resource[-_ ]?version"?[:= ]+"?)\d+`), "$1…"},
	{regexp.MustCompile(`\[[0-9a-fA-F:.%]*:[0-9a-fA-F:.%\w]*\]:\d+`), "…"},
	{regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}:\d+\b`), "…"},
	{regexp.MustCompile(`\b0x[0-9a-fA-F]{6,}\b`), "…"},
	{regexp.MustCompile(`\b(?:\d+h)?(?:\d+m)?\d+\.\d+(?:ns|µs|us|ms|s|m|h)\b`), "…"},
	{regexp.MustCompile(`\b\d+(?:ns|µs|us|ms)\b`), "…"},
	{regexp.MustCompile(`(?i)\b(after|in|within|took|elapsed:?|waited(?: for)?|for) ` +
		`(?:\d+(?:\.\d+)?(?:h|m|s)|\d+(?:\.\d+)? ?(?:milli)?(?:second|minute)s?)+`), "$1 …"},
}

// withoutVolatile is a message of an API server, or of a webhook behind it, without its volatile parts.
func withoutVolatile(message string) string {
	for _, p := range volatile {
		message = p.pattern.ReplaceAllString(message, p.replacement)
	}
	return message
}

// fieldError is one line of server-side apply's answer to fields that the schema does not have.
var fieldError = regexp.MustCompile(`(\.\S.*): field not declared in schema`)

// items are the positions in a path, of which a name may hold anything.
var items = regexp.MustCompile(`\[(?:[a-zA-Z0-9_.-]+=)?(?:"(?:[^"\\]|\\.)*"|[^\]"]*)(?:,[a-zA-Z0-9_.-]+=(?:"(?:[^"\\]|\\.)*"|[^,\]"]*))*\]`)

// undeclared shortens server-side apply's answer to fields that the schema does not have, which has a line for each item of each list, to
// each field once.
func undeclared(message string) string {
	const failed = "failed to create typed patch object"
	if !strings.HasPrefix(message, failed) {
		return message
	}
	var fields []string
	for _, line := range strings.Split(message, "\n") {
		for _, found := range fieldError.FindAllStringSubmatch(line, -1) {
			path := found[1]
			if i := strings.LastIndex(path, ": ."); i >= 0 {
				path = path[i+2:]
			}
			if path = items.ReplaceAllString(path, ""); !slices.Contains(fields, path[1:]) {
				fields = append(fields, path[1:])
			}
		}
	}
	if len(fields) == 0 {
		return message
	}
	slices.Sort(fields)
	return failed + ": the CRD has no field " + strings.Join(fields, ", ")
}
