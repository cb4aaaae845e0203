package exporter

import (
	"context"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// resetAfter is how long a kind must be readable before the backoff starts from its minimum again.
const resetAfter = 2 * time.Minute

// backoff is the backoff of client-go's reflector.
func backoff() wait.Backoff {
	return wait.Backoff{Duration: 800 * time.Millisecond, Cap: 30 * time.Second, Steps: 38, Factor: 2, Jitter: 1}
}

// follower keeps a store up to date with one kind in one version.
type follower struct {
	schema *kindSchema
	store  *store
	stop   context.CancelFunc
	// fault is the reason why the kind cannot be read, or empty. The exporter's lock guards it, previous and
	// failures.
	fault string
	// failures counts failed requests in a row.
	failures int
	// previous serves the kind until this follower's store is complete.
	previous *follower
}

// start starts to follow a kind. The previous follower's store is exported until the new one is complete.
func (e *Exporter) start(kind flux.ServedKind, previous *follower) *follower {
	ctx, stop := context.WithCancel(e.ctx)
	form := newSchema(kind)
	f := &follower{schema: form, stop: stop, previous: previous}
	var served *store
	if previous != nil {
		served = previous.store
	}
	f.store = newStore(form, e.limiter, served, e.onStoreChange)
	source := &collection{
		client: e.client, schema: form, selector: e.options.Selector, onResult: func(err error) { e.onRequest(f, err) },
	}
	go f.run(ctx, source)
	go f.rereadLoop(ctx, source)
	return f
}

// run follows the kind until the context ends. It replaces the reflector's own Run, which would log every failure;
// Health reports a kind that cannot be read once.
func (f *follower) run(ctx context.Context, source *collection) {
	name := f.schema.kind.Name + "." + f.schema.kind.Version + "." + f.schema.kind.Group
	reflector := cache.NewReflectorWithOptions(source, nil, f.store, cache.ReflectorOptions{
		Name: "exporter", TypeDescription: name,
	})
	b := backoff()
	_ = b.DelayWithReset(clock.RealClock{}, resetAfter).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		if err := reflector.ListAndWatchWithContext(ctx); err != nil {
			klog.FromContext(ctx).V(1).Info("Reading Flux objects failed", "kind", name, "error", err)
		}
		return false, nil
	})
}

// maxTransientFailures is how many requests in a row can fail for a transient reason before Health reports it. A
// restart of the API server causes fewer.
const maxTransientFailures = 4

// recordResult records how a request ended.
func (f *follower) recordResult(err error) {
	if err == nil {
		f.failures, f.fault = 0, ""
		return
	}
	f.failures++
	if reason := reasonOf(err); slices.Contains(persistentReasons, reason) || f.failures >= maxTransientFailures {
		f.fault = reason
	}
}

// matches reports whether this follower reads the kind in this version.
func (f *follower) matches(kind flux.ServedKind) bool {
	return f.schema.kind.Version == kind.Version && f.schema.kind.Plural == kind.Plural
}

// servingStore returns the store from which the kind is exported now; nil if there is none.
func (f *follower) servingStore() *store {
	switch {
	case f.store.synced.Load():
		if f.previous != nil {
			f.previous.shutdown()
			f.previous = nil
		}
		return f.store
	case f.previous != nil:
		return f.previous.servingStore()
	}
	return nil
}

// shutdown stops this follower and the previous one.
func (f *follower) shutdown() {
	f.stop()
	f.store.close()
	if f.previous != nil {
		f.previous.shutdown()
	}
}

// isGone reports whether an error says that the kind is not served.
func isGone(err error) bool { return apierrors.IsNotFound(err) }
