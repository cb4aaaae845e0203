// Package status says what is true of a FluxMonitoring after a run: its conditions, their messages, the printed columns, the inventory and
// the events. It is pure: it works on the spec, the facts and what the run has applied, and it asks nobody.
package status

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
)

// Run is what one run over a FluxMonitoring found and did.
type Run struct {
	// Facts that the run went by.
	Facts facts.Facts
	// Desired objects, in their order.
	Desired []*unstructured.Unstructured
	// MissingAPIs are the desired objects whose kinds the cluster does not serve.
	MissingAPIs []*unstructured.Unstructured
	// Unread are the desired objects whose kinds are served and cannot be read.
	Unread []*unstructured.Unstructured
	// Live objects of the FluxMonitoring, as they were before the run.
	Live []*metav1.PartialObjectMetadata
	// Changes that were made.
	Changes []apply.Change
	// Failures to make a change.
	Failures []*apply.Failure
	// Invalid is what is wrong with the spec; nil where nothing is known to be.
	Invalid *desired.ConfigurationError
	// Leaving: the namespace of the FluxMonitoring is being deleted.
	Leaving bool
	// Refusal is why the operator may write nothing for the FluxMonitoring; empty where it may.
	Refusal string
	// Replaced: the FluxMonitoring cannot be carried out, and another has its place, so that its objects are withdrawn.
	Replaced bool
	// Err is why the cluster could not be read.
	Err error
	// LeftOut are the fields that the CRDs of the cluster lack.
	LeftOut []desired.LeftOut
	// Unsettled: deletionPolicy does not hold for every object yet.
	Unsettled bool
}

// Barred reports whether nothing can be written for the resource until a human acts: its spec cannot be carried out, or may not be.
func (o *Run) Barred() bool { return o.Invalid != nil || o.Refusal != "" }

// Absent reports whether there is no Flux, or its controllers have gone.
func (o *Run) Absent(fm *v1alpha1.FluxMonitoring) bool { return !o.Facts.FluxFound() || o.Gone(fm) }

// lacking is the reason why nothing is wanted.
func (o *Run) lacking(fm *v1alpha1.FluxMonitoring) string {
	if o.Gone(fm) {
		return v1alpha1.ReasonControllersGone
	}
	return v1alpha1.ReasonFluxNotFound
}

// Gone reports whether none is left of the controllers whose PodMonitor is there: to remove it, and the alerts on them, would
// silence FluxControllerDown at the very moment it must fire.
func (o *Run) Gone(fm *v1alpha1.FluxMonitoring) bool {
	return len(o.Facts.Flux.Controllers) == 0 && v1alpha1.On(fm.Spec.Scrape.Enabled) &&
		slices.ContainsFunc(o.Live, func(k *metav1.PartialObjectMetadata) bool {
			return k.GroupVersionKind() == kinds.PodMonitor && k.Name == fm.Name
		})
}
