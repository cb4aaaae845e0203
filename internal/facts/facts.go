// Package facts defines what the operator knows about a cluster, as plain data: which Flux runs, which Prometheus
// instances exist and what they select, which APIs are served, which FluxMonitoring of a Flux has priority. It
// includes the file of facts of the command line. It does not know how facts are read, and has no client.
package facts

import (
	"cmp"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/proof"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Facts about the cluster, for one FluxMonitoring.
type Facts struct {
	// Flux in the namespace that the FluxMonitoring names.
	Flux flux.Installation
	// FluxNamespaceExists distinguishes a missing namespace from an empty one.
	FluxNamespaceExists bool
	// NamespaceLabels of the FluxMonitoring's own namespace.
	NamespaceLabels map[string]string
	// Prometheuses are the Prometheus and PrometheusAgent objects that spec.prometheus selects, sorted by kind, namespace
	// and name.
	Prometheuses []selection.Instance
	// Alertmanagers are all Alertmanager objects, sorted by namespace and name.
	Alertmanagers []selection.Alertmanager
	// Sidecars are those of Grafana that decide about the dashboards: the trusted ones, or if there are none, others. Only with dashboards
	// in ConfigMaps.
	Sidecars []selection.Sidecar
	// GrafanaDashboards is what grafana-operator reports about the GrafanaDashboards of the FluxMonitoring, sorted by name.
	GrafanaDashboards []GrafanaDashboard
	// Served are the optional kinds that the cluster serves, and the kinds of other collectors whose CRDs it has.
	Served map[schema.GroupVersionKind]bool
	// Faults are the optional kinds that are served but cannot be read, with the reason. They are not in Served.
	Faults map[schema.GroupVersionKind]error
	// FluxKinds are the served kinds of Flux and flux-operator, each in the version that is read, in the order of
	// flux.Kinds.
	FluxKinds []flux.ServedKind
	// FluxOperatorNamespace is where flux-operator runs and reports on this Flux; empty if none does.
	FluxOperatorNamespace string
	// Exporter of the state of Flux objects.
	Exporter Exporter
	// MetricsNamespace is the namespace of the operator's pods, which serve its own metrics; empty if those are
	// turned off.
	MetricsNamespace string
	// MetricsSecure: the operator serves metrics over HTTPS, and only to authorized tokens.
	MetricsSecure bool
	// Timings by kind, rounded up. Empty if nothing is known, for example before all kinds have been listed. A kind
	// without unsuspended objects is missing. Shared: do not change it.
	Timings map[string]flux.ReconcileTimings
	// Claim is whether another FluxMonitoring of the same Flux has priority.
	Claim claims.Decision
	// DashboardUIDSuffix is the suffix of the dashboards' uids, if another FluxMonitoring of the cluster has the
	// plain ones.
	DashboardUIDSuffix string
	// Stack is what is known about the stack of spec.stack, and about stacks of others.
	Stack Stack
	// Proof is what was seen in Prometheus and Alertmanager; nil if they have not been asked.
	Proof *proof.Findings
}

// FluxFound reports whether there is a Flux: a controller in the namespace, or a served kind of Flux. If the
// namespace does not exist, there is none.
func (f Facts) FluxFound() bool {
	return len(f.Flux.Controllers) > 0 || f.FluxNamespaceExists && len(f.ServedByFlux()) > 0
}

// ServedByFlux are the names of the served kinds of Flux itself.
func (f Facts) ServedByFlux() []string {
	var names []string
	for _, k := range f.FluxKinds {
		if k.IsFluxs() {
			names = append(names, k.Name)
		}
	}
	return names
}

// PrometheusesServed reports whether the cluster serves Prometheus or PrometheusAgent objects.
func (f Facts) PrometheusesServed() bool {
	return f.Served[kinds.Prometheus] || f.Served[kinds.PrometheusAgent]
}

// PrometheusFault is why the Prometheus instances cannot be read; nil if they can.
func (f Facts) PrometheusFault() error {
	return cmp.Or(f.Faults[kinds.Prometheus], f.Faults[kinds.PrometheusAgent])
}

// AddFault records why a served kind cannot be read.
func (f *Facts) AddFault(kind schema.GroupVersionKind, fault error) {
	if f.Faults == nil {
		f.Faults = map[schema.GroupVersionKind]error{}
	}
	f.Faults[kind] = fault
}

// ConflictUnknown is the fault because of which it is unknown whether a FluxMonitoring that reports a conflict still
// has one; nil if it is known.
func (f *Facts) ConflictUnknown(fm *v1alpha1.FluxMonitoring) error {
	ready := meta.FindStatusCondition(fm.Status.Conditions, fluxmeta.ReadyCondition)
	if ready == nil || ready.Reason != v1alpha1.ReasonConflict {
		return nil
	}
	return f.PrometheusFault()
}

// Exporter is the state of the operator's exporter.
type Exporter struct {
	// Namespace of the operator's pods; empty if the exporter is turned off.
	Namespace string
	// Serving: it has listed the objects of every kind.
	Serving bool
	// Overdue: it is not Serving, and should have been for long.
	Overdue bool
	// Limited: it omits objects because of --max-series.
	Limited bool
	// Omitting are the namespaces with most omitted objects, at most three.
	Omitting []string
	// TooDeep are objects that other clients cannot decode in a list, such as "HelmRelease shop/a", at most three,
	// sorted.
	TooDeep []string
	// Faults are the kinds that it cannot read, with the reason, such as "HelmRelease: forbidden", sorted.
	Faults []string
}

// Selected returns the instances that spec.prometheus selects.
func Selected(fm *v1alpha1.FluxMonitoring, all []selection.Instance) []selection.Instance {
	var kept []selection.Instance
	for _, i := range all {
		if selection.Matches(fm.Spec.Prometheus.Selector, i.Labels) &&
			selection.Matches(fm.Spec.Prometheus.NamespaceSelector, i.NamespaceLabels) {
			kept = append(kept, i)
		}
	}
	return kept
}
