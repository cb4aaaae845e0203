//go:build e2e

package e2e_test

import (
	"bytes"
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"
)

func TestNoSeriesHasTheCredentialsOfASource(t *testing.T) {
	t.Parallel()
	shared.watchedClosely(t)
	g := NewWithT(t)
	private := identity{"GitRepository", "private"}
	samples, err := shared.prometheus.query(t.Context(), infoOf(private))
	must(t, err)
	g.Expect(keys(by(samples, "url"))).To(Equal([]string{"https://origin.origin.svc.cluster.local:5000/private.git"}))

	var every json.RawMessage
	must(t, shared.prometheus.get(t.Context(), "series", map[string]string{"match[]": `{__name__!=""}`}, &every))
	g.Expect(string(every)).To(ContainSubstring("private.git"))
	for _, secret := range []string{"not-to-be-told", "robot"} {
		if bytes.Contains(every, []byte(secret)) {
			t.Errorf("the credential %q is in a series", secret)
		}
	}
}
