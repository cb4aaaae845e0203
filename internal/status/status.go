package status

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// Set writes a run into the status, with the conditions in the order in which people read them. At rest it changes nothing.
func Set(fm *v1alpha1.FluxMonitoring, o *Run) {
	setFields(fm, o)
	set(fm, v1alpha1.ConditionProven, proven(fm))
	slices.SortStableFunc(fm.Status.Conditions, func(a, b metav1.Condition) int {
		return cmp.Compare(rank(a.Type), rank(b.Type))
	})
}

func setFields(fm *v1alpha1.FluxMonitoring, o *Run) {
	s := &fm.Status
	s.ObservedGeneration = fm.Generation
	if at, ok := fluxmeta.ReconcileAnnotationValue(fm.GetAnnotations()); ok {
		s.SetLastHandledReconcileRequest(at)
	}
	if o.Terminating {
		setReady(fm, notReady(v1alpha1.ReasonNamespaceTerminating, namespaceTerminating(fm)))
		setUnknown(fm, v1alpha1.ReasonNamespaceTerminating, namespaceTerminating(fm))
		return
	}
	s.DeletionPolicy = deletionPolicy(fm, o)
	setReady(fm, readyOf(fm, o))
	if fm.Spec.Suspend {
		setUnknown(fm, v1alpha1.ReasonSuspended, "the operator does not check this until spec.suspend is false")
	}
	if fm.Spec.Suspend || o.Err != nil {
		return
	}
	s.Flux = fluxStatus(o)
	s.Inventory = inventory(fm, o)
	if o.Facts.Claim.Lost() || o.Replaced {
		s.Prometheuses = nil
		s.ResourceMetrics = nil
		s.Dashboards = nil
		for _, condition := range evidence {
			meta.RemoveStatusCondition(&s.Conditions, condition)
		}
		return
	}
	if o.Blocked() {
		return // what was applied before stays, and so does what is message of it
	}
	set(fm, v1alpha1.ConditionStackReady, stackReady(fm, o))
	s.Stack = stackStatus(fm, o)
	s.Prometheuses = pipeline.Prometheuses(fm, o.Facts, Applied(o))
	set(fm, v1alpha1.ConditionScraped, unlessUnreadable(o.Facts, scraped(fm, o), scrapedFrom...))
	set(fm, v1alpha1.ConditionResourceMetrics, unlessUnreadable(o.Facts, resourceMetrics(fm, o), reportedFrom(fm, o.Facts)...))
	s.ResourceMetrics = sourceStatus(fm, o)
	s.Dashboards = dashboardsStatus(fm, o)
	set(fm, v1alpha1.ConditionRulesHealthy, unlessUnreadable(o.Facts, rulesHealthy(fm, o), scrapedFrom...))
	set(fm, v1alpha1.ConditionNotificationsDelivered, notificationsDelivered(fm, o))
	set(fm, v1alpha1.ConditionAlertsEffective, unlessUnreadable(o.Facts, alertsEffective(fm, o), notifiedFrom(o.Desired)...))
	set(fm, v1alpha1.ConditionDashboardsLoaded, dashboardsLoaded(fm, o))
}

// evidence are the conditions beside those of kstatus, in their order.
var evidence = v1alpha1.Evidence()

// setUnknown sets the conditions of evidence that are present to Unknown, because the operator does not check them any more.
func setUnknown(fm *v1alpha1.FluxMonitoring, reason, message string) {
	for _, condition := range evidence {
		if meta.FindStatusCondition(fm.Status.Conditions, condition) != nil {
			set(fm, condition, conditionValue{metav1.ConditionUnknown, reason, message})
		}
	}
}

// deletionPolicy is Orphan when no object has an ownerReference any more, and stays Orphan until all have one again.
func deletionPolicy(fm *v1alpha1.FluxMonitoring, o *Run) v1alpha1.DeletionPolicy {
	switch {
	case o.PolicyPending && fm.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan:
		return ""
	case o.PolicyPending:
		return fm.Status.DeletionPolicy
	case fm.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan:
		return v1alpha1.DeletionPolicyOrphan
	}
	return ""
}

// setReady writes the conditions that kstatus reads. Reconciling and Stalled are present only while they are True.
func setReady(fm *v1alpha1.FluxMonitoring, v readyCondition) {
	set(fm, fluxmeta.ReadyCondition, v.conditionValue)
	for condition, holds := range map[string]bool{
		fluxmeta.ReconcilingCondition: v.retrying, fluxmeta.StalledCondition: v.stalled,
	} {
		if holds {
			set(fm, condition, conditionValue{status: metav1.ConditionTrue, reason: v.reason, message: v.message})
		} else {
			meta.RemoveStatusCondition(&fm.Status.Conditions, condition)
		}
	}
}

// rank puts the conditions in the order people read them in.
func rank(condition string) int {
	return slices.Index(append([]string{
		fluxmeta.ReadyCondition, fluxmeta.ReconcilingCondition, fluxmeta.StalledCondition,
	}, evidence...), condition)
}

// conditionValue is the value of a condition. Without a status the condition is absent.
type conditionValue struct {
	status          metav1.ConditionStatus
	reason, message string
}

// maxMessage is what the API allows in a condition's message.
const maxMessage = 32768

func set(fm *v1alpha1.FluxMonitoring, condition string, f conditionValue) {
	if f.status == "" {
		meta.RemoveStatusCondition(&fm.Status.Conditions, condition)
		return
	}
	meta.SetStatusCondition(&fm.Status.Conditions, metav1.Condition{
		Type: condition, Status: f.status, Reason: f.reason, Message: truncate(f.message, maxMessage), ObservedGeneration: fm.Generation,
	})
}

func fluxStatus(o *Run) *v1alpha1.FluxStatus {
	if len(o.Facts.Flux.Controllers) == 0 {
		return nil
	}
	s := &v1alpha1.FluxStatus{Version: o.Facts.Flux.Version}
	for _, c := range o.Facts.Flux.Controllers {
		s.Controllers = append(s.Controllers, v1alpha1.ControllerStatus{Name: c.FullName(), Version: c.Version})
	}
	return s
}

// sourceStatus is the metrics source in effect. Without a Flux it stays as it was, like the applied objects.
func sourceStatus(fm *v1alpha1.FluxMonitoring, o *Run) *v1alpha1.ResourceMetricsStatus {
	if o.FluxAbsent(fm) {
		return fm.Status.ResourceMetrics
	}
	s := pipeline.ResourceMetrics(fm, o.Facts)
	return &v1alpha1.ResourceMetricsStatus{Source: v1alpha1.ResourceMetricsSource(s.Source), Message: s.Reason}
}

// dashboardsStatus is how Grafana identifies the dashboards. Without a Flux it stays as it was.
func dashboardsStatus(fm *v1alpha1.FluxMonitoring, o *Run) *v1alpha1.DashboardsStatus {
	switch {
	case !v1alpha1.On(fm.Spec.Dashboards.Enabled):
		return nil
	case len(o.Facts.Flux.Controllers) == 0:
		return fm.Status.Dashboards
	}
	return &v1alpha1.DashboardsStatus{UIDSuffix: o.Facts.DashboardUIDSuffix}
}

// inventory lists the objects of the resource that are in the cluster after the changes.
func inventory(fm *v1alpha1.FluxMonitoring, o *Run) *v1alpha1.Inventory {
	namespace, present := fm.Namespace, unreadEntries(fm, o.Facts)
	for _, k := range o.Live {
		present[InventoryEntry(namespace, k.Name, k.GroupVersionKind())] = true
	}
	for _, c := range o.Changes {
		if c.Action == apply.Deleted || c.Action == apply.Gone {
			delete(present, InventoryEntry(namespace, c.Name, c.Kind))
		} else {
			present[InventoryEntry(namespace, c.Name, c.Kind)] = true
		}
	}
	if len(present) == 0 {
		return nil
	}
	entries := make([]v1alpha1.InventoryEntry, 0, len(present))
	for e := range present {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b v1alpha1.InventoryEntry) int { return cmp.Compare(a.ID, b.ID) })
	return &v1alpha1.Inventory{Entries: entries}
}

// unreadEntries are the entries of the former inventory whose kinds the operator cannot read now.
func unreadEntries(fm *v1alpha1.FluxMonitoring, facts facts.Facts) map[v1alpha1.InventoryEntry]bool {
	entries := map[v1alpha1.InventoryEntry]bool{}
	if fm.Status.Inventory == nil {
		return entries
	}
	for _, e := range fm.Status.Inventory.Entries {
		for kind := range facts.Faults {
			if e.Version == kind.Version && strings.HasSuffix(e.ID, "_"+kind.Group+"_"+kind.Kind) {
				entries[e] = true
			}
		}
	}
	return entries
}

// InventoryEntry names an object. It has the format of Flux's inventories.
func InventoryEntry(namespace, name string, kind schema.GroupVersionKind) v1alpha1.InventoryEntry {
	return v1alpha1.InventoryEntry{
		ID: fmt.Sprintf("%s_%s_%s_%s", namespace, name, kind.Group, kind.Kind), Version: kind.Version,
	}
}
