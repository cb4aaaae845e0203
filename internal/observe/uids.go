package observe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// dashboardUIDSuffix is what the uids of a FluxMonitoring's dashboards end with: nothing for one FluxMonitoring of the cluster, whose uids
// are those of Flux's guide. What was given stays, so the others are not read where it is a suffix.
func (o *Observer) dashboardUIDSuffix(ctx context.Context, fm *v1alpha1.FluxMonitoring) (string, error) {
	if !hasDashboards(fm) || suffixed(fm) {
		return uidSuffix(fm, nil), nil
	}
	var all v1alpha1.FluxMonitoringList
	if err := o.Reader.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return "", fmt.Errorf("listing FluxMonitorings: %w", err)
	}
	return uidSuffix(fm, all.Items), nil
}

// uidSuffix is nothing for who has the plain uids. It goes to who has none yet if no other has them, nor will have them sooner: an older
// one whose turn has not come. Two may have them for a moment, if they were created in one second: the older keeps them.
func uidSuffix(fm *v1alpha1.FluxMonitoring, all []v1alpha1.FluxMonitoring) string {
	first := !suffixed(fm) && !slices.ContainsFunc(all, func(other v1alpha1.FluxMonitoring) bool {
		switch older := isOlder(&other, fm); {
		case other.UID == fm.UID:
			return false
		case fm.HasPlainUIDs():
			return older && other.HasPlainUIDs()
		default:
			return other.HasPlainUIDs() || older && awaitsUIDs(&other)
		}
	})
	if first {
		return ""
	}
	digest := sha256.Sum256([]byte(client.ObjectKeyFromObject(fm).String()))
	return "-" + hex.EncodeToString(digest[:6]) // with which no uid is longer than the forty characters that Grafana takes
}

// suffixed reports whether a FluxMonitoring's dashboards have uids of its own.
func suffixed(fm *v1alpha1.FluxMonitoring) bool {
	return fm.Status.Dashboards != nil && fm.Status.Dashboards.UIDSuffix != ""
}

// hasDashboards reports whether a FluxMonitoring asks for any.
func hasDashboards(fm *v1alpha1.FluxMonitoring) bool { return v1alpha1.On(fm.Spec.Dashboards.Enabled) }

// awaitsUIDs reports whether a FluxMonitoring has not been given any uids yet, and is about to be: it is new, or an older version of the
// operator has applied its objects. One that comes to nothing, as its spec is invalid, keeps nobody waiting.
func awaitsUIDs(fm *v1alpha1.FluxMonitoring) bool {
	isNew := len(fm.Status.Conditions) == 0
	return fm.Status.Dashboards == nil && hasDashboards(fm) && !fm.Spec.Suspend && fm.DeletionTimestamp.IsZero() &&
		(isNew || fm.Status.Inventory != nil)
}

// isOlder orders FluxMonitorings by age, and by namespace and name where they are of one second.
func isOlder(a, b *v1alpha1.FluxMonitoring) bool {
	if a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return client.ObjectKeyFromObject(a).String() < client.ObjectKeyFromObject(b).String()
	}
	return a.CreationTimestamp.Before(&b.CreationTimestamp)
}
