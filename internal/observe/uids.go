package observe

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
)

// dashboardUIDSuffix is what the uids of a FluxMonitoring's dashboards end with: nothing for one FluxMonitoring of the cluster, whose uids
// are those of Flux's guide. What was given stays, so the others are not read where it is a suffix.
func (o *Observer) dashboardUIDSuffix(ctx context.Context, fm *v1alpha1.FluxMonitoring) (string, error) {
	if !facts.HasDashboards(fm) || facts.HasUIDSuffix(fm) {
		return facts.DashboardUIDSuffix(fm, nil), nil
	}
	var all v1alpha1.FluxMonitoringList
	if err := o.Reader.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return "", fmt.Errorf("listing FluxMonitorings: %w", err)
	}
	return facts.DashboardUIDSuffix(fm, all.Items), nil
}
