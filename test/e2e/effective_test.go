//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

func TestAlertsAreEffectiveOnlyWhileAlertmanagerRoutesThem(t *testing.T) {
	fm := shared.monitored(t, closely)
	shared.holds(t, everythingAnd("AlertmanagerConfig/flux", "ConfigMap/flux-dashboard-fleet"), controlledBy(fm.UID))
	shared.settled(t, fm, ready, effective)

	alertmanager := shared.alertmanager(t)
	strategy := string(alertmanager.Spec.AlertmanagerConfigMatcherStrategy.Type)
	t.Cleanup(func() { shared.matches(context.Background(), t, alertmanager, strategy) })
	shared.matches(t.Context(), t, alertmanager, "OnNamespace")
	shared.settled(t, fm, ready, "AlertsEffective=False/NamespaceEnforced")
	message := meta.FindStatusCondition(fm.Status.Conditions, v1alpha1.ConditionAlertsEffective).Message
	g := NewWithT(t)
	g.Expect(message).To(ContainSubstring(" alerts (first FluxManyResourcesNotReady) reach no receiver: "))
	g.Expect(message).To(HaveSuffix("set alertmanagerConfigMatcherStrategy of Alertmanager " + alertmanager.Namespace + "/" + alertmanager.Name +
		" to None, or add label namespace=monitoring by spec.alerts.labels"))

	shared.matches(t.Context(), t, alertmanager, strategy)
	shared.settled(t, fm, ready, effective)
}

// alertmanager is the only one.
func (c *testCluster) alertmanager(t *testing.T) *monitoringv1.Alertmanager {
	t.Helper()
	list := &monitoringv1.AlertmanagerList{}
	must(t, c.List(t.Context(), list, client.InNamespace(stack.MonitoringNamespace)))
	NewWithT(t).Expect(list.Items).To(HaveLen(1))
	return &list.Items[0]
}

// matches sets the matcher strategy of an Alertmanager.
func (c *testCluster) matches(ctx context.Context, t *testing.T, o *monitoringv1.Alertmanager, strategy string) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec": {"alertmanagerConfigMatcherStrategy": {"type": %q}}}`, strategy)
	must(t, c.Patch(ctx, o, client.RawPatch("application/merge-patch+json", patch)))
}
