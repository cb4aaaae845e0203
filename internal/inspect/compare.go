package inspect

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
	"github.com/fluxmonitoring/operator/internal/render"
	"github.com/fluxmonitoring/operator/internal/served"
	"github.com/fluxmonitoring/operator/internal/status"
)

// placeholderUID is the UID of a FluxMonitoring that is not in the cluster: an owner must have one.
const placeholderUID types.UID = "00000000-0000-0000-0000-000000000000"

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
func (i *Inspector) Compare(ctx context.Context, fm *v1alpha1.FluxMonitoring) (Comparison, error) {
	fm, err := i.withLiveMetadata(ctx, fm)
	if err != nil {
		return Comparison{}, err
	}
	var run status.Run
	if !fm.Spec.Suspend {
		schemas := &served.Schemas{Live: i.live}
		if run, err = i.dryRun(ctx, fm, schemas); err == nil && schemas.Learn(ctx, run.Failures) {
			run, err = i.dryRun(ctx, fm, schemas)
		}
		if err != nil {
			return Comparison{}, err
		}
	}
	var c Comparison
	for n := range run.Changes {
		d, err := i.difference(ctx, &run.Changes[n])
		if err != nil {
			return c, err
		}
		c.Differences = append(c.Differences, d)
	}
	c.Failures = run.Failures
	status.Set(fm, &run)
	c.Status = fm.Status
	return c, nil
}

// dryRun is a run over a FluxMonitoring that keeps nothing of what it writes.
func (i *Inspector) dryRun(ctx context.Context, fm *v1alpha1.FluxMonitoring, schemas *served.Schemas) (run status.Run, err error) {
	if run.Facts, err = i.Observe(ctx, fm); err != nil {
		return run, err
	}
	known, err := schemas.Known(ctx, run.Facts.Served)
	if err != nil {
		return run, err
	}
	owner, recent := render.OwnerOf(fm), &apply.WriteTracker{}
	run.Live, err = recent.Live(ctx, owner, run.Facts.Served, func(schema.GroupVersionKind) client.Reader { return i.live })
	if err != nil {
		return run, err
	}
	appliable := render.Desire(fm, &run, known, nil)
	if render.ShouldSkipApply(fm, &run) {
		return run, run.Err
	}
	applier := &apply.Applier{Live: i.live, Writes: recent}
	run.Changes, run.Failures = applier.Execute(ctx, client.NewDryRunClient(i.live), owner, apply.Plan(owner, appliable, run.Live))
	return run, nil
}

// withLiveMetadata is a copy with the identity, age and status of the FluxMonitoring of that name in the cluster; without status if there is
// none.
func (i *Inspector) withLiveMetadata(ctx context.Context, given *v1alpha1.FluxMonitoring) (*v1alpha1.FluxMonitoring, error) {
	fm, known := given.DeepCopy(), &v1alpha1.FluxMonitoring{}
	err := i.live.Get(ctx, client.ObjectKeyFromObject(fm), known)
	switch {
	case apierrors.IsNotFound(err), meta.IsNoMatchError(err):
		fm.UID, fm.CreationTimestamp, fm.Status = placeholderUID, metav1.Now(), v1alpha1.FluxMonitoringStatus{}
		return fm, nil
	case err != nil:
		return nil, fmt.Errorf("reading FluxMonitoring %s: %w", client.ObjectKeyFromObject(fm), err)
	}
	fm.UID, fm.CreationTimestamp, fm.Generation, fm.Status = known.UID, known.CreationTimestamp, known.Generation, known.Status
	return fm, nil
}

// difference reads both sides of a change.
func (i *Inspector) difference(ctx context.Context, c *apply.Change) (Difference, error) {
	d := Difference{Change: *c}
	named := c.Desired
	if named == nil {
		named = &unstructured.Unstructured{}
		named.SetNamespace(c.Live.Namespace)
		named.SetName(c.Name)
	}
	before := &unstructured.Unstructured{}
	before.SetGroupVersionKind(c.Kind)
	err := i.live.Get(ctx, client.ObjectKeyFromObject(named), before)
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
	err = i.live.Apply(ctx, client.ApplyConfigurationFromUnstructured(d.After),
		client.FieldOwner(mark.FieldManager), client.ForceOwnership, client.DryRunAll)
	if err != nil {
		return d, fmt.Errorf("trying %s %s: %w", c.Kind.Kind, c.Name, err)
	}
	return d, nil
}
