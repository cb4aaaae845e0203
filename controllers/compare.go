package controllers

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/status"
)

// unborn is the identity of a FluxMonitoring that the cluster does not have yet: an owner must have one.
const unborn types.UID = "00000000-0000-0000-0000-000000000000"

// Difference is one write that the operator would make.
type Difference struct {
	// Change to make.
	apply.Change
	// Before is the object as it is; nil where there is none.
	Before *unstructured.Unstructured
	// After is the object as the API server would store it; nil where it would be deleted.
	After *unstructured.Unstructured
}

// Comparison is what the operator would do about a FluxMonitoring.
type Comparison struct {
	// Differences, in the order of the objects; deletions come last.
	Differences []Difference
	// Failures are the writes that would fail.
	Failures []*apply.Failure
	// Status that the FluxMonitoring would have.
	Status v1alpha1.FluxMonitoringStatus
}

// Compare returns what the operator would write for a FluxMonitoring as it is given, whatever the cluster has of it. The API
// server is asked to try each write and to keep none, so its defaults, its validation and its webhooks have their say, and so do
// the permissions of who asks.
func (l *Look) Compare(ctx context.Context, fm *v1alpha1.FluxMonitoring) (Comparison, error) {
	fm, err := l.identified(ctx, fm)
	if err != nil {
		return Comparison{}, err
	}
	var o outcome
	if !fm.Spec.Suspend {
		schemas := &Schemas{Live: l.live}
		if o, err = l.tried(ctx, fm, schemas); err == nil && schemas.Learn(ctx, o.Failures) {
			o, err = l.tried(ctx, fm, schemas)
		}
		if err != nil {
			return Comparison{}, err
		}
	}
	var c Comparison
	for i := range o.Changes {
		d, err := l.difference(ctx, &o.Changes[i])
		if err != nil {
			return c, err
		}
		c.Differences = append(c.Differences, d)
	}
	c.Failures = o.Failures
	status.Set(fm, &o.Run)
	c.Status = fm.Status
	return c, nil
}

// tried is a run over a FluxMonitoring that keeps nothing of what it writes.
func (l *Look) tried(ctx context.Context, fm *v1alpha1.FluxMonitoring, schemas *Schemas) (o outcome, err error) {
	if o.Facts, err = l.Observe(ctx, fm); err != nil {
		return o, err
	}
	if o.schemas, err = schemas.Known(ctx, o.Facts.Served); err != nil {
		return o, err
	}
	owner, recent := ownerOf(fm), &apply.WriteTracker{}
	if o.Live, err = owned(ctx, owner, o.Facts, recent, func(schema.GroupVersionKind) client.Reader { return l.live }); err != nil {
		return o, err
	}
	served := o.desire(fm, nil)
	if o.undecided(fm) {
		return o, o.Err
	}
	changes := apply.Plan(owner, served, o.Live)
	applier := &apply.Applier{Live: l.live, Writes: recent}
	o.Changes, o.Failures = applier.Execute(ctx, client.NewDryRunClient(l.live), owner, changes)
	return o, nil
}

// identified is a copy that is the FluxMonitoring of that name which the cluster has: its identity, age and status, but not its
// spec. Where there is none it is one without status.
func (l *Look) identified(ctx context.Context, given *v1alpha1.FluxMonitoring) (*v1alpha1.FluxMonitoring, error) {
	fm, known := given.DeepCopy(), &v1alpha1.FluxMonitoring{}
	err := l.live.Get(ctx, client.ObjectKeyFromObject(fm), known)
	switch {
	case apierrors.IsNotFound(err), meta.IsNoMatchError(err):
		fm.UID, fm.CreationTimestamp, fm.Status = unborn, metav1.Now(), v1alpha1.FluxMonitoringStatus{}
		return fm, nil
	case err != nil:
		return nil, fmt.Errorf("reading FluxMonitoring %s: %w", client.ObjectKeyFromObject(fm), err)
	}
	fm.UID, fm.CreationTimestamp, fm.Generation, fm.Status = known.UID, known.CreationTimestamp, known.Generation, known.Status
	return fm, nil
}

// difference reads both sides of a change.
func (l *Look) difference(ctx context.Context, c *apply.Change) (Difference, error) {
	d := Difference{Change: *c}
	named := c.Desired
	if named == nil {
		named = &unstructured.Unstructured{}
		named.SetNamespace(c.Live.Namespace)
		named.SetName(c.Name)
	}
	before := &unstructured.Unstructured{}
	before.SetGroupVersionKind(c.Kind)
	err := l.live.Get(ctx, client.ObjectKeyFromObject(named), before)
	switch {
	case err == nil:
		d.Before = before
	case !apierrors.IsNotFound(err):
		return d, fmt.Errorf("reading %s %s: %w", c.Kind.Kind, c.Name, err)
	}
	if c.Desired == nil {
		return d, nil
	}
	d.After = c.Desired.DeepCopy()
	err = l.live.Apply(ctx, client.ApplyConfigurationFromUnstructured(d.After),
		client.FieldOwner(mark.FieldManager), client.ForceOwnership, client.DryRunAll)
	if err != nil {
		return d, fmt.Errorf("trying %s %s: %w", c.Kind.Kind, c.Name, err)
	}
	return d, nil
}
