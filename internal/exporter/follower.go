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

// resetAfter is how long a kind must have been read for the next fault to be a first one again.
const resetAfter = 2 * time.Minute

// backoff is the reflector's own between attempts to read a kind.
func backoff() wait.Backoff {
	return wait.Backoff{Duration: 800 * time.Millisecond, Cap: 30 * time.Second, Steps: 38, Factor: 2, Jitter: 1}
}

// follower keeps a store up to date with one kind in one version.
type follower struct {
	form  *form
	store *store
	stop  context.CancelFunc
	// fault is why the kind cannot be read; empty while it can. Guarded by the exporter's lock, like before.
	fault string
	// failures in a row; guarded likewise.
	failures int
	// before is what is served until the store is complete.
	before *follower
}

// start starts to follow a kind. What has been served of it before goes on being served until all is known anew.
func (e *Exporter) start(kind flux.ServedKind, before *follower) *follower {
	ctx, stop := context.WithCancel(e.life)
	form := newForm(kind)
	f := &follower{form: form, stop: stop, before: before}
	var served *store
	if before != nil {
		served = before.store
	}
	f.store = newStore(form, e.budget, served, e.changed)
	source := &collection{
		client: e.client, form: form, selector: e.options.Selector, reached: func(err error) { e.reached(f, err) },
	}
	go f.run(ctx, source)
	go f.readAgain(ctx, source)
	return f
}

// run follows until the context ends. It is what the reflector's own Run is but for the log: a kind that cannot be read is
// said by Health, once.
func (f *follower) run(ctx context.Context, source *collection) {
	name := f.form.kind.Name + "." + f.form.kind.Version + "." + f.form.kind.Group
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

// patience is how many times in a row a request may fail for a cause that may pass, before that is a fault: a restart of the API
// server takes fewer.
const patience = 4

// take takes up how a request ended.
func (f *follower) take(err error) {
	if err == nil {
		f.failures, f.fault = 0, ""
		return
	}
	f.failures++
	if reason := reasonOf(err); slices.Contains(lasting, reason) || f.failures >= patience {
		f.fault = reason
	}
}

// follows reports whether this is the follower of the kind as it is wanted.
func (f *follower) follows(kind flux.ServedKind) bool {
	return f.form.kind.Version == kind.Version && f.form.kind.Plural == kind.Plural
}

// serves returns the store that tells of the kind now; nil while none does.
func (f *follower) serves() *store {
	switch {
	case f.store.synced.Load():
		if f.before != nil {
			f.before.end()
			f.before = nil
		}
		return f.store
	case f.before != nil:
		return f.before.serves()
	}
	return nil
}

// end stops following.
func (f *follower) end() {
	f.stop()
	f.store.close()
	if f.before != nil {
		f.before.end()
	}
}

// isGone reports whether an error says that the kind is not served.
func isGone(err error) bool { return apierrors.IsNotFound(err) }
