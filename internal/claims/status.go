package claims

import (
	"slices"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// New returns the claim of a FluxMonitoring that desires these uses, without Privileged.
func New(fm *v1alpha1.FluxMonitoring, wants []Use) Claim {
	c := Claim{
		UID: fm.UID, Name: types.NamespacedName{Namespace: fm.Namespace, Name: fm.Name}, CreatedAt: fm.CreationTimestamp.Time, Desired: wants,
		Held: heldUses(fm), Current: isCurrent(fm),
	}
	c.Inactive = !fm.DeletionTimestamp.IsZero() || fm.Spec.Suspend || c.isRefused(fm)
	return c
}

// isRefused reports whether somebody must act before a FluxMonitoring's current spec can be applied. If it is refused
// only in part, and has all uses that it desires, it is not.
func (c *Claim) isRefused(fm *v1alpha1.FluxMonitoring) bool {
	return stalled(fm, v1alpha1.ReasonInvalidSpec, v1alpha1.ReasonForbidden, v1alpha1.ReasonServiceAccountRequired) ||
		PartlyRefused(fm) && slices.ContainsFunc(c.Desired, func(u Use) bool { return !c.Held[u] })
}

// PartlyRefused reports whether some objects of a FluxMonitoring's current spec cannot be applied until somebody
// acts.
func PartlyRefused(fm *v1alpha1.FluxMonitoring) bool {
	return stalled(fm, v1alpha1.ReasonForeignObject, v1alpha1.ReasonRejected)
}

func stalled(fm *v1alpha1.FluxMonitoring, reasons ...string) bool {
	is := meta.FindStatusCondition(fm.Status.Conditions, fluxmeta.StalledCondition)
	return is != nil && fm.Status.ObservedGeneration == fm.Generation && slices.Contains(reasons, is.Reason)
}

// heldUses are the uses that the status reports.
func heldUses(fm *v1alpha1.FluxMonitoring) map[Use]bool {
	if s := meta.FindStatusCondition(fm.Status.Conditions, v1alpha1.ConditionScraped); s != nil && s.Reason == v1alpha1.ReasonApplyFailed {
		return nil // one of several PodMonitors can be missing
	}
	found := map[Use]bool{}
	for _, p := range fm.Status.Prometheuses {
		for verb, selected := range map[Verb]*bool{Scrape: p.PodMonitorsSelected, Evaluate: p.RulesSelected} {
			if selected != nil && *selected {
				found[Use{verb, p.Kind, p.Namespace, p.Name}] = true
			}
		}
	}
	return found
}

// isCurrent reports whether the status reports the uses of the current spec. After some faults it repeats older ones.
func isCurrent(fm *v1alpha1.FluxMonitoring) bool {
	ready := meta.FindStatusCondition(fm.Status.Conditions, fluxmeta.ReadyCondition)
	if ready == nil || fm.Status.ObservedGeneration != fm.Generation {
		return false
	}
	return ready.Status == metav1.ConditionTrue || slices.Contains([]string{
		v1alpha1.ReasonAPIMissing, v1alpha1.ReasonFluxNotFound, v1alpha1.ReasonControllersGone, v1alpha1.ReasonForeignObject,
		v1alpha1.ReasonRejected, v1alpha1.ReasonContested, v1alpha1.ReasonStackInstalling, v1alpha1.ReasonStackNotAllowed,
	}, ready.Reason)
}
