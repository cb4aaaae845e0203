// Package facts is what is known of a cluster, as plain data: which Flux runs, which Prometheus instances there are and what they select,
// which APIs are served, which FluxMonitoring of a Flux goes before which. It has the file in which the command line keeps such facts. It
// does not know how facts are read, and it has no client.
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
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Facts about the cluster as it is, for one FluxMonitoring.
type Facts struct {
	// Flux found in the namespace the resource names.
	Flux flux.Installation
	// FluxNamespaceExists tells a missing namespace from an empty one.
	FluxNamespaceExists bool
	// NamespaceLabels of the FluxMonitoring's own namespace.
	NamespaceLabels map[string]string
	// Prometheuses are the Prometheus and PrometheusAgent objects that spec.prometheus selects, sorted by kind, namespace
	// and name.
	Prometheuses []selection.Instance
	// Alertmanagers are all Alertmanager objects, sorted by namespace and name.
	Alertmanagers []selection.Alertmanager
	// Served are the kinds, of those that may be absent, that the cluster serves now.
	Served map[schema.GroupVersionKind]bool
	// Faults are the kinds, of those that may be absent, that are served and cannot be read, each with the cause. They are not in Served:
	// what there is of them is not known. Nil where there is none.
	Faults map[schema.GroupVersionKind]error
	// FluxKinds are the kinds of Flux and of flux-operator that the cluster serves, each in the version that is read, in the
	// order of flux.Kinds.
	FluxKinds []flux.ServedKind
	// FluxOperatorNamespace is where flux-operator runs and reports on the Flux of its namespace; empty where none reports
	// on the Flux observed.
	FluxOperatorNamespace string
	// Exporter is the operator's own exporter of the state of Flux objects.
	Exporter Exporter
	// MetricsNamespace is the namespace of the operator's pods, which serve the operator's own metrics; empty where that is
	// turned off.
	MetricsNamespace string
	// MetricsSecure: these and what the exporter serves are served by HTTPS, and to nobody without a token.
	MetricsSecure bool
	// Timings by kind: how long its objects may take, in coarse steps. Empty where nothing is known, such as before all kinds
	// have been listed, and a kind is missing while no object of it that is not suspended says anything. Shared: do not
	// change it.
	Timings map[string]flux.ReconcileTimings
	// Claim is whether this FluxMonitoring may have what it wants, or another of the same Flux has it.
	Claim claims.Decision
	// DashboardUIDSuffix ends the uids of the dashboards, where another FluxMonitoring of the cluster has the plain ones.
	DashboardUIDSuffix string
}

// FluxFound reports whether there is a Flux: a controller in the namespace, or one of Flux's own kinds in the cluster. A namespace that
// does not exist is a mistake, whatever the cluster serves.
func (f Facts) FluxFound() bool {
	return len(f.Flux.Controllers) > 0 || f.FluxNamespaceExists && len(f.ServedByFlux()) > 0
}

// ServedByFlux are the names of Flux's own kinds that the cluster serves.
func (f Facts) ServedByFlux() []string {
	var names []string
	for _, k := range f.FluxKinds {
		if k.IsFluxs() {
			names = append(names, k.Name)
		}
	}
	return names
}

// PrometheusesServed reports whether the cluster serves Prometheus or PrometheusAgent objects at all.
func (f Facts) PrometheusesServed() bool {
	return f.Served[kinds.Prometheus] || f.Served[kinds.PrometheusAgent]
}

// PrometheusFault is why it is not known which Prometheus instances there are; nil where it is.
func (f Facts) PrometheusFault() error {
	return cmp.Or(f.Faults[kinds.Prometheus], f.Faults[kinds.PrometheusAgent])
}

// AddFault records why a kind that is served cannot be read.
func (f *Facts) AddFault(kind schema.GroupVersionKind, fault error) {
	if f.Faults == nil {
		f.Faults = map[schema.GroupVersionKind]error{}
	}
	f.Faults[kind] = fault
}

// ConflictUnknown is the error of a FluxMonitoring that is behind another, where it is not known for which Prometheus that would be.
func (f *Facts) ConflictUnknown(fm *v1alpha1.FluxMonitoring) error {
	ready := meta.FindStatusCondition(fm.Status.Conditions, fluxmeta.ReadyCondition)
	if ready == nil || ready.Reason != v1alpha1.ReasonConflict {
		return nil
	}
	return f.PrometheusFault()
}

// Exporter is what is known of the operator's own exporter.
type Exporter struct {
	// Namespace of the operator's pods, which serve it; empty where it is turned off.
	Namespace string
	// Serving: it has read the objects of every kind once.
	Serving bool
	// Overdue: it is not Serving, and should long have been.
	Overdue bool
	// Limited: it leaves out objects for the sake of --max-series.
	Limited bool
	// Omitting are the namespaces of which it leaves out most: the first few.
	Omitting []string
	// TooDeep are objects that other clients cannot read within a list, such as "HelmRelease shop/a": the first few, sorted.
	TooDeep []string
	// Faults are the kinds it cannot read, with the reason, such as "HelmRelease: forbidden". Sorted.
	Faults []string
}

// Selected are the instances that spec.prometheus selects.
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
