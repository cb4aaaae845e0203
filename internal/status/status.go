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

// Set makes the status report a run, with the conditions in the order in which people read them. Nothing in it changes while nothing
// happens.
func Set(fm *v1alpha1.FluxMonitoring, o *Run) {
	setFields(fm, o)
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
	if o.Leaving {
		setVerdict(fm, notReady(v1alpha1.ReasonNamespaceTerminating, leaving(fm)))
		unseen(fm, v1alpha1.ReasonNamespaceTerminating, leaving(fm))
		return
	}
	s.DeletionPolicy = deletionPolicy(fm, o)
	setVerdict(fm, verdictOf(fm, o))
	if fm.Spec.Suspend {
		unseen(fm, v1alpha1.ReasonSuspended, "the operator does not check this until spec.suspend is false")
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
	if o.Barred() {
		return // what was applied before stays, and so does what is said of it
	}
	s.Prometheuses = pipeline.Prometheuses(fm, o.Facts, applied(o))
	set(fm, v1alpha1.ConditionScraped, unlessHidden(o.Facts, scraped(fm, o), scrapedFrom...))
	set(fm, v1alpha1.ConditionResourceMetrics, unlessHidden(o.Facts, resourceMetrics(fm, o), reportedFrom(fm, o.Facts)...))
	s.ResourceMetrics = sourceStatus(fm, o)
	s.Dashboards = dashboardsStatus(fm, o)
	set(fm, v1alpha1.ConditionAlertsEffective, unlessHidden(o.Facts, alertsEffective(fm, o), alerted(o.Desired)...))
}

// evidence are the conditions beside those of kstatus, in their order.
var evidence = []string{v1alpha1.ConditionScraped, v1alpha1.ConditionResourceMetrics, v1alpha1.ConditionAlertsEffective}

// unseen takes back what was said in evidence: nobody looks at it any more.
func unseen(fm *v1alpha1.FluxMonitoring, reason, message string) {
	for _, condition := range evidence {
		if meta.FindStatusCondition(fm.Status.Conditions, condition) != nil {
			set(fm, condition, finding{metav1.ConditionUnknown, reason, message})
		}
	}
}

// deletionPolicy is Orphan once no object has an ownerReference any more, and stays so until all have one again.
func deletionPolicy(fm *v1alpha1.FluxMonitoring, o *Run) v1alpha1.DeletionPolicy {
	switch {
	case o.Unsettled && fm.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan:
		return ""
	case o.Unsettled:
		return fm.Status.DeletionPolicy
	case fm.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan:
		return v1alpha1.DeletionPolicyOrphan
	}
	return ""
}

// setVerdict writes the conditions that kstatus reads. Reconciling and Stalled are there only while they are true.
func setVerdict(fm *v1alpha1.FluxMonitoring, v verdict) {
	set(fm, fluxmeta.ReadyCondition, v.finding)
	for condition, holds := range map[string]bool{
		fluxmeta.ReconcilingCondition: v.retrying, fluxmeta.StalledCondition: v.stalled,
	} {
		if holds {
			set(fm, condition, finding{status: metav1.ConditionTrue, reason: v.reason, message: v.message})
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

// finding is what a condition says. One without a status is of a condition that is absent.
type finding struct {
	status          metav1.ConditionStatus
	reason, message string
}

// maxMessage is what the API allows in a condition's message.
const maxMessage = 32768

func set(fm *v1alpha1.FluxMonitoring, condition string, f finding) {
	if f.status == "" {
		meta.RemoveStatusCondition(&fm.Status.Conditions, condition)
		return
	}
	meta.SetStatusCondition(&fm.Status.Conditions, metav1.Condition{
		Type: condition, Status: f.status, Reason: f.reason, Message: cut(f.message, maxMessage), ObservedGeneration: fm.Generation,
	})
}

func fluxStatus(o *Run) *v1alpha1.FluxStatus {
	if len(o.Facts.Flux.Controllers) == 0 {
		return nil
	}
	s := &v1alpha1.FluxStatus{Version: o.Facts.Flux.Version}
	for _, c := range o.Facts.Flux.Controllers {
		s.Controllers = append(s.Controllers, v1alpha1.ControllerStatus{Name: c.Place(), Version: c.Version})
	}
	return s
}

// sourceStatus is where the state of objects comes from. Without a Flux it stays as it was, like all that was applied.
func sourceStatus(fm *v1alpha1.FluxMonitoring, o *Run) *v1alpha1.ResourceMetricsStatus {
	if o.Absent(fm) {
		return fm.Status.ResourceMetrics
	}
	s := pipeline.ResourceMetrics(fm, o.Facts)
	return &v1alpha1.ResourceMetricsStatus{Source: v1alpha1.ResourceMetricsSource(s.Source), Message: s.Reason}
}

// dashboardsStatus is by which uids Grafana knows the dashboards. Without a Flux they stay as they were.
func dashboardsStatus(fm *v1alpha1.FluxMonitoring, o *Run) *v1alpha1.DashboardsStatus {
	switch {
	case !v1alpha1.On(fm.Spec.Dashboards.Enabled):
		return nil
	case len(o.Facts.Flux.Controllers) == 0:
		return fm.Status.Dashboards
	}
	return &v1alpha1.DashboardsStatus{UIDSuffix: o.Facts.DashboardUIDSuffix}
}

// inventory lists what is in the cluster of this resource once the changes are made.
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

// unreadEntries are those of the former inventory whose kinds cannot be read now.
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
