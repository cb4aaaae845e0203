package controllers

import (
	"errors"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/status"
)

// Foreseen is what a run over a FluxMonitoring comes to if every write succeeds.
type Foreseen struct {
	// Objects to apply, in their order.
	Objects []*unstructured.Unstructured
	// Status that the FluxMonitoring then has. Its conditions say what is wrong, the spec too.
	Status v1alpha1.FluxMonitoringStatus
}

// Foresee returns what a run over a FluxMonitoring comes to with these facts. It asks nobody and writes nothing; it is the
// reconciler's own code.
func Foresee(fm *v1alpha1.FluxMonitoring, facts facts.Facts) (Foreseen, error) {
	o := outcome{Run: status.Run{Facts: facts}}
	var served []*unstructured.Unstructured
	if !fm.Spec.Suspend {
		served = o.desire(fm, nil)
	}
	if o.Err != nil {
		return Foreseen{}, o.Err
	}
	o.Changes = apply.Plan(ownerOf(fm), served, nil)
	seen := fm.DeepCopy()
	status.Set(seen, &o.Run)
	return Foreseen{Objects: served, Status: seen.Status}, nil
}

// desire sets what is wanted, or that the spec cannot be carried out, and returns those of the objects that can be applied. Nothing
// is wanted where another FluxMonitoring of the same Flux goes before, and nothing is decided while Flux's controllers are gone. What is known
// to be wrong with the spec, or nil, is not looked for again.
func (o *outcome) desire(fm *v1alpha1.FluxMonitoring, known *desired.ConfigurationError) (served []*unstructured.Unstructured) {
	if o.Facts.Claim.Lost() || o.FluxAbsent(fm) || o.Refusal != "" {
		return nil
	}
	if o.Invalid = known; known != nil {
		return nil
	}
	var err error
	if o.Desired, err = desired.Objects(fm, o.Facts); err != nil {
		if !errors.As(err, &o.Invalid) {
			o.Err = err
		}
		return nil
	}
	if o.Desired, o.Omitted, o.Err = desired.WithoutUndeclared(fm, o.Facts, o.schemas, o.Desired); o.Err != nil {
		return nil
	}
	served, o.MissingAPIs, o.Unreadable = partition(o.Desired, o.Facts)
	return served
}

// undecided reports whether what was applied stays as it is: reading failed, the spec cannot be carried out, there is no Flux, or the objects
// of the FluxMonitoring that goes before are not there yet. That nothing is left of Flux is what its alerts must tell.
func (o *outcome) undecided(fm *v1alpha1.FluxMonitoring) bool {
	switch {
	case o.Err != nil, o.Facts.Claim.Step == claims.Wait:
		return true
	case o.Blocked():
		return o.Facts.Claim.Step != claims.Retry
	}
	return !o.Facts.Claim.Lost() && o.FluxAbsent(fm)
}

// partition splits the wanted objects into those whose kinds are served, those whose are not, and those whose kinds cannot be read.
func partition(wanted []*unstructured.Unstructured, facts facts.Facts) (served, unserved, unread []*unstructured.Unstructured) {
	for _, w := range wanted {
		switch kind := w.GroupVersionKind(); {
		case facts.Served[kind]:
			served = append(served, w)
		case facts.Faults[kind] != nil:
			unread = append(unread, w)
		default:
			unserved = append(unserved, w)
		}
	}
	return served, unserved, unread
}

// cautious leaves out the changes of objects that follow from what a Prometheus or an Alertmanager asks for, while that cannot be read: the
// labels that they have are better than none. What is not there yet is created.
func cautious(changes []apply.Change, facts facts.Facts) []apply.Change {
	return slices.DeleteFunc(changes, func(c apply.Change) bool {
		var fault error
		switch c.Kind {
		case kinds.PodMonitor, kinds.PrometheusRule:
			fault = facts.PrometheusFault()
		case kinds.AlertmanagerConfig, kinds.AlertmanagerConfigBeta:
			fault = facts.Faults[kinds.Alertmanager]
		}
		return fault != nil && c.Desired != nil && c.Live != nil
	})
}
