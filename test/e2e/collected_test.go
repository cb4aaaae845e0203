//go:build e2e

package e2e_test

import (
	"bytes"
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

func TestEveryControllerIsOneTargetThatIsUp(t *testing.T) {
	t.Parallel()
	shared.monitored(t, closely)
	shared.scrapes(t, shared.controllers(t))
}

func TestEveryObjectHasReconciliationSeries(t *testing.T) {
	t.Parallel()
	shared.monitored(t, closely)
	for _, kind := range keys(reconciled) {
		t.Run(kind, func(t *testing.T) {
			NewWithT(t).Eventually(func(g Gomega) {
				objects := shared.fluxObjects(t, kind) // Other tests create some meanwhile, and delete some.
				samples, err := shared.prometheus.query(t.Context(),
					`gotk_reconcile_duration_seconds_count{job="`+job+`", kind="`+kind+`", namespace="`+stack.FluxNamespace+`"}`)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(keys(by(samples, "exported_namespace", "name"))).To(ContainElements(objects))
			}, patient, nowAndThen).Should(Succeed(), "each %s should have a series with its own namespace and name", kind)
		})
	}
}

// controllers are the Flux controllers that are there, by the label app of their pods.
func (c *testCluster) controllers(t *testing.T) []string {
	t.Helper()
	deployments := &appsv1.DeploymentList{}
	must(t, c.List(t.Context(), deployments, client.InNamespace(stack.FluxNamespace)))
	apps := map[string]bool{}
	for i := range deployments.Items {
		for _, found := range observe.ControllersOf(&deployments.Items[i]) {
			apps[found.App] = true
		}
	}
	NewWithT(t).Expect(keys(apps)).To(ContainElements("helm-controller", "kustomize-controller", "source-controller"))
	return keys(apps)
}

// scrapes waits until each of these controllers is exactly one target, and answers.
func (c *testCluster) scrapes(t *testing.T, apps []string) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) { c.scrapesNow(t, g, apps) }, patient, nowAndThen).
		Should(Succeed(), "each controller should be one target that is up")
}

// fresh is the state of targets, without the series that an earlier test's targets left behind.
const fresh = `up{job="` + job + `"} and time() - timestamp(up{job="` + job + `"}) < 40`

func (c *testCluster) scrapesNow(t *testing.T, g Gomega, apps []string) {
	var healthy, up []string
	for _, app := range apps {
		healthy = append(healthy, app+" up")
		up = append(up, stack.FluxNamespace+" "+app+" 1")
	}
	targets, err := c.prometheus.targets(t.Context(), job)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(targets).To(ConsistOf(healthy))
	samples, err := c.prometheus.query(t.Context(), fresh)
	g.Expect(err).NotTo(HaveOccurred())
	var series []string
	for _, s := range samples {
		series = append(series, s.labels["namespace"]+" "+s.labels["app"]+" "+s.value)
	}
	g.Expect(series).To(ConsistOf(up))
}

// fluxObjects are the objects of one of Flux's kinds, as namespace and name; there is at least one.
func (c *testCluster) fluxObjects(t *testing.T, kind string) []string {
	t.Helper()
	list := fluxList(kind)
	must(t, c.List(t.Context(), list))
	found := []string{}
	for _, o := range list.Items {
		if o.GetDeletionTimestamp() == nil {
			found = append(found, o.GetNamespace()+" "+o.GetName())
		}
	}
	NewWithT(t).Expect(found).NotTo(BeEmpty(), "the cluster should have objects of kind %s", kind)
	return found
}

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
