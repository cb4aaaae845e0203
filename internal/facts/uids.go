package facts

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// DashboardUIDSuffix is the suffix of a FluxMonitoring's dashboard uids. It is empty for one FluxMonitoring of the
// cluster, the first to need uids. If two were created in one second, both can have the plain uids for a moment, and
// the older keeps them.
func DashboardUIDSuffix(fm *v1alpha1.FluxMonitoring, all []v1alpha1.FluxMonitoring) string {
	first := !HasUIDSuffix(fm) && !slices.ContainsFunc(all, func(other v1alpha1.FluxMonitoring) bool {
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
	digest := sha256.Sum256([]byte(key(fm)))
	return "-" + hex.EncodeToString(digest[:6]) // keeps uids within Grafana's limit of 40 characters
}

// SharingPlainUIDs are the FluxMonitorings whose dashboards have the plain uids, if there are several. Each of them needs another run, because
// the younger ones change to others then, and the last to get the plain uids can be one of those.
func SharingPlainUIDs(all []v1alpha1.FluxMonitoring) (sharing []types.NamespacedName) {
	for i := range all {
		if fm := &all[i]; fm.HasPlainUIDs() {
			sharing = append(sharing, types.NamespacedName{Namespace: fm.Namespace, Name: fm.Name})
		}
	}
	if len(sharing) < 2 {
		return nil
	}
	return sharing
}

// HasUIDSuffix reports whether a FluxMonitoring's dashboards have uids with a suffix.
func HasUIDSuffix(fm *v1alpha1.FluxMonitoring) bool {
	return fm.Status.Dashboards != nil && fm.Status.Dashboards.UIDSuffix != ""
}

// HasDashboards reports whether a FluxMonitoring has dashboards turned on.
func HasDashboards(fm *v1alpha1.FluxMonitoring) bool { return v1alpha1.On(fm.Spec.Dashboards.Enabled) }

// awaitsUIDs reports whether a FluxMonitoring is about to get its uids: it is new, or an older version of the
// operator has applied its objects. One with an invalid spec is not.
func awaitsUIDs(fm *v1alpha1.FluxMonitoring) bool {
	isNew := len(fm.Status.Conditions) == 0
	return fm.Status.Dashboards == nil && HasDashboards(fm) && !fm.Spec.Suspend && fm.DeletionTimestamp.IsZero() &&
		(isNew || fm.Status.Inventory != nil)
}

// isOlder orders FluxMonitorings by age, and within a second by namespace and name.
func isOlder(a, b *v1alpha1.FluxMonitoring) bool {
	if a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return key(a) < key(b)
	}
	return a.CreationTimestamp.Before(&b.CreationTimestamp)
}

func key(fm *v1alpha1.FluxMonitoring) string { return fm.Namespace + "/" + fm.Name }
