//go:build e2e

package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

// written are the requests by which the operator has written to a namespace, from the audit log of the node. Tokens that it renews do not
// count. A cluster that the tests were given has no such log, and then there are none.
func (c *testCluster) written(t *testing.T, namespace string) (all []string) {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(filepath.Dir(c.kubeconfig), "..", "log", "audit.log"))
	if os.IsNotExist(err) && os.Getenv("KUBECONFIG") != "" {
		return nil
	}
	must(t, err)
	lines := bufio.NewScanner(bytes.NewReader(log))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var request struct {
			Verb                     string
			RequestReceivedTimestamp string
			ObjectRef                struct{ Namespace, Resource, Subresource, Name string }
		}
		if json.Unmarshal(lines.Bytes(), &request) != nil || request.ObjectRef.Namespace != namespace || request.ObjectRef.Subresource == "token" {
			continue
		}
		of := request.ObjectRef
		all = append(all, request.RequestReceivedTimestamp+" "+request.Verb+" "+filepath.Join(of.Resource, of.Name, of.Subresource))
	}
	must(t, lines.Err())
	NewWithT(t).Expect(log).NotTo(BeEmpty(), "the operator writes when it starts")
	return all
}
