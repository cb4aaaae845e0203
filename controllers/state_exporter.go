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
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// desired is what the exporter has to watch: nothing, unless a FluxMonitoring has the state of its objects from it, or has alerts, which is
// followed. If only alerts want the objects, the exporter serves nothing.
func (r *StateReconciler) desired(ctx context.Context, kinds []flux.ServedKind) (desired exporter.Desired, followed bool, err error) {
	var all v1alpha1.FluxMonitoringList
	if err := r.Client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return desired, false, fmt.Errorf("listing FluxMonitorings: %w", err)
	}
	desired = exporter.Desired{WatchOnly: true, PriorityNamespaces: r.first(all.Items)}
	for i := range all.Items {
		fm := &all.Items[i]
		exported, err := r.exported(ctx, fm, kinds)
		if err != nil {
			return desired, false, err
		}
		if exported {
			desired.WatchOnly, desired.Kinds, followed = false, kinds, true
			r.makeCompatible(&desired.LegacyMetrics, fm)
		} else if alerting(fm) {
			desired.Kinds, followed = kinds, true
		}
	}
	slices.Sort(desired.LegacyMetrics.Names)
	desired.LegacyMetrics.Names = slices.Compact(desired.LegacyMetrics.Names)
	return desired, followed, nil
}

// exported reports whether a FluxMonitoring has the state of its objects from the exporter.
func (r *StateReconciler) exported(ctx context.Context, fm *v1alpha1.FluxMonitoring, kinds []flux.ServedKind) (bool, error) {
	if r.Namespace == "" || !fm.DeletionTimestamp.IsZero() {
		return false, nil
	}
	found, err := r.Observer.Source(ctx, fm)
	if err != nil {
		return false, err
	}
	found.FluxKinds, found.Exporter.Namespace = kinds, r.Namespace
	return pipeline.ResourceMetrics(fm, found).Source == flux.Exporter, nil
}

// makeCompatible adds the namespaces whose objects a FluxMonitoring has exported in the legacy metrics, too: all if the administrator trusts its
// namespace, else its own. So a tenant's choice uses up only the tenant's share of the exporter.
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
// that a FluxMonitoring in one of them monitors. A FluxMonitoring elsewhere is a tenant's.
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

// alerting reports whether a FluxMonitoring has alerts.
func alerting(fm *v1alpha1.FluxMonitoring) bool {
	return v1alpha1.On(fm.Spec.Alerts.Enabled) && fm.DeletionTimestamp.IsZero()
}

// sourceChanged lets through what may change what the exporter has to watch.
func sourceChanged() predicate.Predicate {
	type asks struct {
		source               v1alpha1.ResourceMetricsSource
		alerting, compatible bool
		deleted              bool
		flux                 string
	}
	asksOf := func(o client.Object) asks {
		fm, ok := o.(*v1alpha1.FluxMonitoring)
		if !ok {
			return asks{}
		}
		spec := &fm.Spec.ResourceMetrics
		return asks{spec.SourceInEffect(), alerting(fm), spec.HasLegacyMetrics(), !fm.DeletionTimestamp.IsZero(), fm.Spec.FluxNamespace()}
	}
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return asksOf(e.ObjectOld) != asksOf(e.ObjectNew) }}
}

// exporterFacts are the exporter's health as facts. While nothing is to be served, it is not of interest.
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

// firstListing is how long it may take to list Flux's objects for the first time, before FluxMonitorings are reconciled without knowing what
// follows from them. Without it every restart, and every first FluxMonitoring, would write rules twice.
const firstListing = 10 * time.Second

// reported reports whether FluxMonitorings know what follows from Flux's objects, if any are followed.
func (r *StateReconciler) reported(followed bool) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.known && (r.facts.followed || !followed)
}

// patience is how long to wait for the first list of every kind, since objects are first followed. It ends with an event of the exporter.
func (r *StateReconciler) patience(reported bool, h exporter.Health) time.Duration {
	if h.Listed || reported {
		r.began = time.Time{}
		return 0
	}
	if r.began.IsZero() {
		r.began = time.Now()
	}
	return firstListing - time.Since(r.began)
}

// overdue is how long the exporter may take to begin. After a change of leader it is not reported before.
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

// waits are how long objects may take, once all kinds have been listed. Until then they stay as they were: else each kind that is listed would
// have all rules written again. For a kind that cannot be read they stay as they were, too, and are marked as unknown. If nothing is followed,
// nothing is known.
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
