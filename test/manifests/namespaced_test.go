package manifests_test

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestANamespacedInstallationWritesInItsNamespacesOnly(t *testing.T) {
	g := NewWithT(t)
	thief(t)
	must(t, cluster.InstallFlux(t.Context(), admin, "flux-system"))
	c := confined(t)

	elsewhere := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "tenant", Name: "unseen"}}
	must(t, admin.Create(t.Context(), elsewhere))
	runOperator(t, operatorConfig(t), "monitoring")
	must(t, cluster.Apply(t.Context(), admin, sample(t, "fluxmonitoring_minimal.yaml")...))
	settled(t, "Ready=True/Applied", "Scraped=Unknown/Selected")
	change(t, `{"spec":{"notifications":{"receivers":[{"name":"oncall"}]},"dashboards":{"eventAnnotations":{"address":"https://grafana.example.com/api/annotations"}}}}`)
	settled(t, "Ready=True/Applied")
	change(t, `{"spec":{"dashboards":{"format":"GrafanaDashboard"}}}`)
	settled(t, "Ready=True/Applied")
	change(t, `{"spec":{"scrape":{"enabled":false},"dashboards":{"enabled":false,"eventAnnotations":null},"alerts":{"enabled":false},"notifications":null}}`)
	settled(t, "Ready=True/Applied")
	g.Expect(theOne(t).Status.Inventory).To(BeNil())
	must(t, admin.Delete(t.Context(), theOne(t)))

	must(t, admin.Get(t.Context(), client.ObjectKeyFromObject(elsewhere), elsewhere))
	g.Expect(elsewhere.Status.ObservedGeneration).To(Equal(int64(-1)), "it reads nothing elsewhere")
	g.Expect(refused(t)).To(BeEmpty(), "and nothing is tried there")

	for sentence, try := range map[string]func(context.Context, client.Client) error{
		"an object": creating(`{apiVersion: v1, kind: ConfigMap, metadata: {name: flux-dashboard-fleet, namespace: tenant,
			labels: {fluxmonitoring.dev/name: flux}}}`),
		"an object that an operator has made": deleting(`{apiVersion: v1, kind: ConfigMap, metadata: {name: flux-dashboard-cluster, namespace: tenant}}`),
		"an event": creating(`{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: x, namespace: tenant}, eventTime: "2026-01-01T00:00:00.000000Z",
			type: Normal, reason: Applied, action: Apply, reportingController: x, reportingInstance: x,
			regarding: {apiVersion: fluxmonitoring.dev/v1alpha1, kind: FluxMonitoring, name: shop, namespace: tenant}}`),
		"the status of a FluxMonitoring": func(ctx context.Context, c client.Client) error {
			return c.Status().Patch(ctx, elsewhere, client.RawPatch("application/merge-patch+json", []byte(`{"status":{"observedGeneration":1}}`)))
		},
	} {
		err := try(t.Context(), c)
		g.Expect(apierrors.IsForbidden(err)).To(BeTrue(), sentence)
		g.Expect(err).To(MatchError(ContainSubstring(`in the namespace "tenant"`)), sentence)
	}
}

// confined installs config/namespaced over config/default, waits until the API server knows what the operator may no longer do, and returns a
// client with its token.
func confined(t *testing.T) client.Client {
	t.Helper()
	must(t, cluster.Apply(t.Context(), admin, built(t, config+"/namespaced")...))
	everywhere := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "fluxmonitoring-operator-writer"}}
	must(t, admin.Delete(t.Context(), everywhere))
	c := attempter(t)
	within := creating(`{apiVersion: v1, kind: ConfigMap, metadata: {name: x-dashboard-cluster, namespace: monitoring, labels: {fluxmonitoring.dev/name: x}}}`)
	without := creating(`{apiVersion: v1, kind: ConfigMap, metadata: {name: x-dashboard-cluster, namespace: tenant, labels: {fluxmonitoring.dev/name: x}}}`)
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(within(t.Context(), c)).To(Succeed())
		g.Expect(apierrors.IsForbidden(without(t.Context(), c))).To(BeTrue())
	}, soon, often).Should(Succeed())
	return c
}
