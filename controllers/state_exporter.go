package controllers

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/exporter"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
)

// wanted is what the exporter has to watch: nothing, unless a FluxMonitoring has the state of its objects from it, or alerts.
// Where alerts alone want it, it serves nothing.
func (r *StateReconciler) wanted(ctx context.Context, kinds []flux.ServedKind) (exporter.Desired, error) {
	var all v1alpha1.FluxMonitoringList
	if err := r.Client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return exporter.Desired{}, fmt.Errorf("listing FluxMonitorings: %w", err)
	}
	wanted := exporter.Desired{WatchOnly: true, PriorityNamespaces: r.first(all.Items)}
	for i := range all.Items {
		fm := &all.Items[i]
		if r.Namespace != "" && exported(fm) {
			wanted.WatchOnly, wanted.Kinds = false, kinds
			r.makeCompatible(&wanted.LegacyMetrics, fm)
		} else if alerting(fm) {
			wanted.Kinds = kinds
		}
	}
	slices.Sort(wanted.LegacyMetrics.Names)
	wanted.LegacyMetrics.Names = slices.Compact(wanted.LegacyMetrics.Names)
	return wanted, nil
}

// makeCompatible adds the namespaces of which a FluxMonitoring has objects told of in the families of Flux's guide, too: all where the
// administrator trusts its namespace, else its own. So what a tenant chooses costs nobody else's share of the exporter.
func (r *StateReconciler) makeCompatible(namespaces *exporter.NamespaceSet, fm *v1alpha1.FluxMonitoring) {
	switch {
	case !fm.Spec.ResourceMetrics.HasLegacyMetrics():
	case r.Trusted.Has(fm.Namespace):
		namespaces.All = true
	default:
		namespaces.Names = append(namespaces.Names, fm.Namespace)
	}
}

// first are the namespaces of which objects are served before those of others: those that the administrator names, and those of each Flux
// that a FluxMonitoring in one of them is about. What a FluxMonitoring elsewhere says is what a tenant says.
func (r *StateReconciler) first(all []v1alpha1.FluxMonitoring) []string {
	first := r.Trusted.Named()
	for i := range all {
		if fm := &all[i]; r.Trusted.Has(fm.Namespace) && fm.DeletionTimestamp.IsZero() {
			first = append(first, fm.Spec.FluxNamespace())
		}
	}
	slices.Sort(first)
	return slices.Compact(first)
}

// exported reports whether a FluxMonitoring has the state of its objects from the exporter.
func exported(fm *v1alpha1.FluxMonitoring) bool {
	return fm.HasStateFrom(v1alpha1.ResourceMetricsSourceExporter) && fm.DeletionTimestamp.IsZero()
}

// alerting reports whether a FluxMonitoring has alerts.
func alerting(fm *v1alpha1.FluxMonitoring) bool {
	return v1alpha1.On(fm.Spec.Alerts.Enabled) && fm.DeletionTimestamp.IsZero()
}

// sourceChanged lets through what may change what the exporter has to watch.
func sourceChanged() predicate.Predicate {
	type asks struct {
		exported, alerting, compatible bool
		flux                           string
	}
	asked := func(o client.Object) asks {
		fm, ok := o.(*v1alpha1.FluxMonitoring)
		if !ok {
			return asks{}
		}
		return asks{exported(fm), alerting(fm), fm.Spec.ResourceMetrics.HasLegacyMetrics(), fm.Spec.FluxNamespace()}
	}
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return asked(e.ObjectOld) != asked(e.ObjectNew) }}
}

// exporterFacts puts the exporter's health into facts. While nothing is to be served there is nothing to say of it.
func (r *StateReconciler) exporterFacts(w exporter.Desired, h exporter.Health) facts.Exporter {
	facts := facts.Exporter{Namespace: r.Namespace}
	if w.WatchOnly {
		return facts
	}
	facts.Serving, facts.Limited, facts.Omitting, facts.TooDeep = h.Serving, h.Limited, h.Omitting, h.TooDeep
	for _, fault := range h.Failing {
		facts.Faults = append(facts.Faults, fault.Kind+": "+fault.Reason)
	}
	return facts
}

// firstListing is how long it may take at the start to list Flux's objects, before FluxMonitorings are reconciled without
// knowing what follows from them. To begin without it would make every restart write rules twice.
const firstListing = 10 * time.Second

// patience is how long still to wait, at the start, for the first list of every kind. It ends with an event of the exporter.
func (r *StateReconciler) patience(h exporter.Health) time.Duration {
	if r.began.IsZero() {
		r.began = time.Now()
	}
	if h.Listed || r.Known() {
		return 0
	}
	return firstListing - time.Since(r.began)
}

// overdue is how long the exporter may take to begin. After a change of leader nothing is said before.
const overdue = 2 * time.Minute

// late reports whether the exporter should long have begun to serve, and how long from now that may be so.
func (r *StateReconciler) late(w exporter.Desired, h exporter.Health) (late bool, again time.Duration) {
	if w.WatchOnly || h.Serving {
		r.waiting = time.Time{}
		return false, 0
	}
	if r.waiting.IsZero() {
		r.waiting = time.Now()
	}
	remains := overdue - time.Since(r.waiting)
	return remains <= 0, max(remains, 0)
}

// waits are those of objects once all kinds have been listed. Until then they are what they were: each kind that is listed
// would have all rules written anew. Of a kind that cannot be read they are what they were as well, and unknown. Where nothing is
// followed nothing is known.
func (r *StateReconciler) waits(w exporter.Desired, h exporter.Health) map[string]flux.ReconcileTimings {
	before := r.Timings()
	switch {
	case len(w.Kinds) == 0:
		return nil
	case !h.Listed:
		return before
	}
	waits := map[string]flux.ReconcileTimings{} // where it stays empty it is known that there are none
	for _, fault := range h.Failing {
		last := before[fault.Kind]
		last.Unknown = true
		waits[fault.Kind] = last
	}
	maps.Copy(waits, h.Timings)
	if r.Sharded {
		withOthers(waits, w.Kinds)
	}
	return waits
}

// intervalElsewhere is what an interval is taken for, at the least, that another shard's objects may have: a controller may reconcile
// nothing but those.
const intervalElsewhere = time.Hour

// withOthers makes the waits of a shard's objects those of all, of which the others are not known.
func withOthers(waits map[string]flux.ReconcileTimings, kinds []flux.ServedKind) {
	for _, k := range kinds {
		known := waits[k.Name]
		known.Unknown = true
		if known.Interval > 0 {
			known.Interval = max(known.Interval, intervalElsewhere)
		}
		waits[k.Name] = known
	}
}
