package facts

import (
	"slices"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// maxSidecars is how many sidecars one FluxMonitoring considers.
const maxSidecars = 20

// GrafanaDashboard is what grafana-operator reports about a GrafanaDashboard.
type GrafanaDashboard struct {
	Name string
	// Synchronized: every Grafana that it selects has the dashboard in its newest version.
	Synchronized bool
	// Problem is the condition that says what is wrong; empty if none does.
	Problem string
}

// NeedsSidecar reports whether the dashboards of a FluxMonitoring are in ConfigMaps, which only a sidecar loads.
func NeedsSidecar(fm *v1alpha1.FluxMonitoring) bool {
	return HasDashboards(fm) && fm.Spec.Dashboards.FormatInEffect() == v1alpha1.DashboardFormatConfigMap
}

// SidecarsFor returns the sidecars that decide about the dashboards of a FluxMonitoring, in a fixed order: the trusted ones, or if there are
// none, the others that load its ConfigMaps. A tenant can create a Deployment that looks like a Grafana. So the operator trusts only those in
// the FluxMonitoring's own namespace, in that of a Prometheus that the spec selects, and in those that an administrator trusts.
func SidecarsFor(
	fm *v1alpha1.FluxMonitoring, all []selection.Sidecar, prometheuses []selection.Instance, trusted func(namespace string) bool,
) []selection.Sidecar {
	if !NeedsSidecar(fm) {
		return nil
	}
	found := slices.Clone(all)
	for i := range found {
		namespace := found[i].Namespace
		found[i].Trusted = namespace == fm.Namespace || trusted(namespace) ||
			slices.ContainsFunc(prometheuses, func(p selection.Instance) bool { return p.Namespace == namespace })
	}
	found = slices.DeleteFunc(found, func(s selection.Sidecar) bool { return !s.Trusted && !s.Watches(fm.Namespace) })
	slices.SortFunc(found, selection.CompareSidecars)
	if first := slices.IndexFunc(found, func(s selection.Sidecar) bool { return !s.Trusted }); first > 0 {
		found = found[:first]
	}
	return found[:min(len(found), maxSidecars)]
}
