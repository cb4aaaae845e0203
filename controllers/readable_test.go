package controllers_test

import (
	"io"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// readyz is what a replica answers under /readyz: the code and its words.
func readyz(address string) (int, string) {
	response, err := http.Get("http://" + address + "/readyz?verbose") //nolint:noctx // the server is in this process
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close() //nolint:errcheck // it is read
	words, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(words)
}

// everythingBut are the permissions of the limited operator of a place, without those on one API group.
func (p *place) everythingBut(group string) {
	p.t.Helper()
	var rules []rbacv1.PolicyRule
	for _, g := range []string{
		"", "apps", "apiextensions.k8s.io", "monitoring.coreos.com", "fluxmonitoring.dev", "events.k8s.io", "coordination.k8s.io",
		"fluxcd.controlplane.io", "source.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io",
		"notification.toolkit.fluxcd.io", "image.toolkit.fluxcd.io", "source.extensions.fluxcd.io",
	} {
		if g != group {
			rules = append(rules, rbacv1.PolicyRule{APIGroups: []string{g}, Resources: []string{"*"}, Verbs: []string{"*"}})
		}
	}
	p.grant("limited", rules...)
}

func TestAnOperatorThatMayNotListFluxMonitoringsIsNotReadyUntilItMay(t *testing.T) {
	for name, elected := range map[string]bool{"the only one": false, "one of several, before it leads": true} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c := vacantCluster(t)
			p := c.in(t)
			p.everythingBut("fluxmonitoring.dev")
			addresses, err := cluster.FreeAddresses(1)
			p.must(err)
			p.limited().operator(t, func(o *controllers.Options) {
				o.ProbeAddress, o.LeaderElection, o.LeaderElectionNamespace = addresses[0], elected, p.namespace
			})
			g.Eventually(func() string { _, words := readyz(addresses[0]); return words }, soon, often).Should(
				ContainSubstring("[-]cluster failed"))
			g.Consistently(func() int { code, _ := readyz(addresses[0]); return code }, "3s", often).Should(Equal(http.StatusInternalServerError))

			p.grant("given", rbacv1.PolicyRule{APIGroups: []string{"fluxmonitoring.dev"}, Resources: []string{"*"}, Verbs: []string{"*"}})
			g.Eventually(func() int { code, _ := readyz(addresses[0]); return code }, 3*soon, often).Should(Equal(http.StatusOK))
		})
	}
}
