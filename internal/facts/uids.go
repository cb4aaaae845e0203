package facts

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// DashboardUIDSuffix ends the uids of a FluxMonitoring's dashboards. It is empty for one FluxMonitoring of the cluster, which has the plain
// uids. They go to a FluxMonitoring without any if no other has them, nor will have them sooner: an older one whose turn has not come. Two
// may have them for a moment, if they were created in one second: the older keeps them.
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
	return "-" + hex.EncodeToString(digest[:6]) // with which no uid is longer than the forty characters that Grafana takes
}

// HasUIDSuffix reports whether a FluxMonitoring's dashboards have uids of its own.
func HasUIDSuffix(fm *v1alpha1.FluxMonitoring) bool {
	return fm.Status.Dashboards != nil && fm.Status.Dashboards.UIDSuffix != ""
}

// HasDashboards reports whether a FluxMonitoring asks for any.
func HasDashboards(fm *v1alpha1.FluxMonitoring) bool { return v1alpha1.On(fm.Spec.Dashboards.Enabled) }

// awaitsUIDs reports whether a FluxMonitoring has not been given any uids yet, and is about to be: it is new, or an older version of the
// operator has applied its objects. One that comes to nothing, as its spec is invalid, keeps nobody waiting.
func awaitsUIDs(fm *v1alpha1.FluxMonitoring) bool {
	isNew := len(fm.Status.Conditions) == 0
	return fm.Status.Dashboards == nil && HasDashboards(fm) && !fm.Spec.Suspend && fm.DeletionTimestamp.IsZero() &&
		(isNew || fm.Status.Inventory != nil)
}

// isOlder orders FluxMonitorings by age, and by namespace and name where they are of one second.
func isOlder(a, b *v1alpha1.FluxMonitoring) bool {
	if a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return key(a) < key(b)
	}
	return a.CreationTimestamp.Before(&b.CreationTimestamp)
}

func key(fm *v1alpha1.FluxMonitoring) string { return fm.Namespace + "/" + fm.Name }
