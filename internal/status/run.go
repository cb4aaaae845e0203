// Package status is what is true of a FluxMonitoring after a run: its conditions with their messages, the inventory and the events. It is
// pure: it works on the spec, the facts and the changes of the run. It does not know how the status is written.
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

// Run is what one run over a FluxMonitoring observed and did.
type Run struct {
	// Facts that the run is based on.
	Facts facts.Facts
	// Desired objects, in their order.
	Desired []*unstructured.Unstructured
	// MissingAPIs are the desired objects whose kinds the cluster does not serve.
	MissingAPIs []*unstructured.Unstructured
	// Unreadable are the desired objects whose kinds the cluster serves and the operator cannot read.
	Unreadable []*unstructured.Unstructured
	// Live objects of the FluxMonitoring, as they were before the run.
	Live []*metav1.PartialObjectMetadata
	// Changes that were made.
	Changes []apply.Change
	// Failures to make a change.
	Failures []*apply.Failure
	// Invalid is what is wrong with the spec; nil if nothing is known to be.
	Invalid *desired.ConfigurationError
	// Terminating: the namespace of the FluxMonitoring is being deleted.
	Terminating bool
	// Refusal is why the operator writes nothing for the FluxMonitoring; empty if it may write.
	Refusal string
	// StackRefusal is why the operator does not install the stack of spec.stack; empty if it does, or if there is none.
	StackRefusal string
	// Installer is the name of the HelmRelease that brings the kinds of MissingAPIs; empty if none does.
	Installer string
	// Replaced: the spec cannot be carried out and another FluxMonitoring has the claim, so the operator deletes this one's objects.
	Replaced bool
	// Err is why the cluster could not be read.
	Err error
	// Omitted are the fields that the CRDs of the cluster lack.
	Omitted []desired.OmittedFields
	// PolicyPending: deletionPolicy does not hold for every object yet.
	PolicyPending bool
}

// Blocked reports whether the operator writes nothing for the resource until a person acts: its spec is invalid, or the operator refuses
// it.
func (o *Run) Blocked() bool { return o.Invalid != nil || o.Refusal != "" }

// FluxAbsent reports whether there is no Flux, or its controllers are gone.
func (o *Run) FluxAbsent(fm *v1alpha1.FluxMonitoring) bool {
	return !o.Facts.FluxFound() || o.ControllersGone(fm)
}

// absenceReason is the reason why nothing is desired.
func (o *Run) absenceReason(fm *v1alpha1.FluxMonitoring) string {
	if o.ControllersGone(fm) {
		return v1alpha1.ReasonControllersGone
	}
	return v1alpha1.ReasonFluxNotFound
}

// ControllersGone reports whether the controllers whose PodMonitor is in the cluster are gone. The operator keeps the PodMonitor and the
// alerts then, because FluxControllerDown must fire.
func (o *Run) ControllersGone(fm *v1alpha1.FluxMonitoring) bool {
	return len(o.Facts.Flux.Controllers) == 0 && v1alpha1.On(fm.Spec.Scrape.Enabled) &&
		slices.ContainsFunc(o.Live, func(k *metav1.PartialObjectMetadata) bool {
			return k.GroupVersionKind() == kinds.PodMonitor && k.Name == fm.Name
		})
}
