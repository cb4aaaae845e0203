// Package render says what a run over a FluxMonitoring comes to: its desired objects, which of them can be applied, and whether anything may be
// applied at all. It goes by facts alone: it asks nobody and writes nothing.
package render

import (
	"errors"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/stack"
	"github.com/fluxmonitoring/operator/internal/status"
)

// Result is what a run over a FluxMonitoring comes to if every write succeeds.
type Result struct {
	// Objects to apply, in their order.
	Objects []*unstructured.Unstructured
	// Status that the FluxMonitoring then has. Its conditions report what is wrong, with the spec too.
	Status v1alpha1.FluxMonitoringStatus
}

// Render returns what a run over a FluxMonitoring comes to with these facts, by the reconciler's own code.
func Render(fm *v1alpha1.FluxMonitoring, facts facts.Facts) (Result, error) {
	run := status.Run{Facts: facts}
	var objects []*unstructured.Unstructured
	if !fm.Spec.Suspend {
		objects = Desire(fm, &run, nil, nil)
	}
	if run.Err != nil {
		return Result{}, run.Err
	}
	run.Changes = apply.Plan(OwnerOf(fm), objects, nil)
	rendered := fm.DeepCopy()
	status.Set(rendered, &run)
	return Result{Objects: objects, Status: rendered.Status}, nil
}

// OwnerOf is a FluxMonitoring as the owner of its objects.
func OwnerOf(fm *v1alpha1.FluxMonitoring) apply.Owner {
	return apply.Owner{
		Namespace: fm.Namespace, Name: fm.Name, UID: fm.UID,
		Adopt: fm.Spec.AdoptionPolicy == v1alpha1.AdoptionPolicyAdopt,
	}
}

// Desire sets what is desired, or what is wrong with the spec, and returns those of the objects that can be applied, without the fields that
// the schemas lack. Nothing is desired if another FluxMonitoring of the same Flux has the claim, and nothing is decided while Flux's
// controllers are gone. Known is what is known to be wrong with the spec; nil if it has to be found out.
func Desire(
	fm *v1alpha1.FluxMonitoring, run *status.Run, schemas map[schema.GroupVersionKind]*desired.Schema, known *desired.ConfigurationError,
) []*unstructured.Unstructured {
	if run.Facts.Claim.Lost() || run.FluxAbsent(fm) || run.Refusal != "" {
		return nil
	}
	run.StackRefusal = stack.Refused(fm, run.Facts.Stack.Allowed)
	if run.Invalid = known; known != nil {
		return nil
	}
	var err error
	if run.Desired, err = desired.Objects(fm, run.Facts); err != nil {
		if !errors.As(err, &run.Invalid) {
			run.Err = err
		}
		return nil
	}
	if run.Desired, run.Omitted, run.Err = desired.WithoutUndeclared(fm, run.Facts, schemas, run.Desired); run.Err != nil {
		return nil
	}
	objects := appliable(run)
	run.Installer = installer(fm, run, objects)
	return objects
}

// installer is the name of the HelmRelease of spec.stack, if its chart brings all kinds that the cluster does not serve.
func installer(fm *v1alpha1.FluxMonitoring, run *status.Run, applied []*unstructured.Unstructured) string {
	others := func(o *unstructured.Unstructured) bool { return o.GroupVersionKind().Group != kinds.PodMonitor.Group }
	if len(run.MissingAPIs) == 0 || slices.ContainsFunc(run.MissingAPIs, others) || !stack.BringsCRDs(fm) {
		return ""
	}
	for _, o := range applied {
		if o.GroupVersionKind() == kinds.HelmRelease {
			return o.GetName()
		}
	}
	return ""
}

// appliable are the desired objects whose kinds are served and can be read. It notes the others.
func appliable(run *status.Run) (objects []*unstructured.Unstructured) {
	for _, o := range run.Desired {
		switch kind := o.GroupVersionKind(); {
		case run.Facts.Served[kind]:
			objects = append(objects, o)
		case run.Facts.Faults[kind] != nil:
			run.Unreadable = append(run.Unreadable, o)
		default:
			run.MissingAPIs = append(run.MissingAPIs, o)
		}
	}
	return objects
}

// ShouldSkipApply reports whether existing objects are kept as they are: reading failed, the spec cannot be carried out, there is no Flux, or
// the FluxMonitoring that has the claim has no objects yet. If no controller is left, the alerts on that must stay.
func ShouldSkipApply(fm *v1alpha1.FluxMonitoring, run *status.Run) bool {
	switch {
	case run.Err != nil, run.Facts.Claim.Step == claims.Wait:
		return true
	case run.Blocked():
		return run.Facts.Claim.Step != claims.Retry
	}
	return !run.Facts.Claim.Lost() && run.FluxAbsent(fm)
}
