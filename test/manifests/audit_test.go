package manifests_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"testing"
)

// indirect are the permissions that show in no request: who asks for them, and when.
var indirect = map[string]string{
	"patch events.k8s.io/events": "an event that is repeated after minutes",
}

// request is what the audit log has of one.
type request struct {
	Verb             string
	User             struct{ Username string }
	ImpersonatedUser *struct{ Username string }
	ObjectRef        struct{ APIGroup, Resource, Subresource string }
	ResponseStatus   struct{ Code int }
	RequestURI       string
	UserAgent        string
}

// requests are those of the operator, but for what a test tries with its token.
func requests(t *testing.T) []request {
	t.Helper()
	log, err := os.ReadFile(plane.AuditLog)
	must(t, err)
	var own []request
	lines := bufio.NewScanner(bytes.NewReader(log))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r request
		if json.Unmarshal(lines.Bytes(), &r) == nil && r.User.Username == "system:serviceaccount:"+system+":"+account && r.UserAgent != attempting {
			own = append(own, r)
		}
	}
	must(t, lines.Err())
	return own
}

// used are the permissions that the operator's requests took.
func used(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for permission := range indirect {
		all[permission] = true
	}
	for _, r := range requests(t) {
		if r.ImpersonatedUser != nil {
			all["impersonate /serviceaccounts"] = true
			continue
		}
		resource := r.ObjectRef.APIGroup + "/" + r.ObjectRef.Resource
		if r.ObjectRef.Subresource != "" {
			resource += "/" + r.ObjectRef.Subresource
		}
		all[r.Verb+" "+resource] = true
		if r.Verb == "patch" && r.ResponseStatus.Code == http.StatusCreated {
			all["create "+resource] = true
		}
	}
	return all
}

// refused are the operator's requests that it was not allowed, but those for leases, which have a test of their own.
func refused(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, r := range requests(t) {
		if r.ResponseStatus.Code == http.StatusForbidden && r.ObjectRef.Resource != "leases" {
			all = append(all, r.Verb+" "+r.RequestURI)
		}
	}
	return all
}

func without(all []string, known map[string]bool) []string {
	return slices.DeleteFunc(all, func(s string) bool { return known[s] })
}
