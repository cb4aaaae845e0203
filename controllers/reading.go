package controllers

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
)

// failing is how long after a list was refused the replica counts as one that cannot read: longer than a reflector ever waits between
// two tries, which is 30 seconds and some jitter.
const failing = 90 * time.Second

// reading is whether the manager's own caches can be filled. Every replica fills them, before one is elected.
type reading struct {
	filled  atomic.Bool
	refused atomic.Pointer[refusal]
}

// refusal is the last answer of the API server that gave nothing to read.
type refusal struct {
	err error
	at  time.Time
}

// watched are the options of a cache with which it notes what it cannot read.
func (r *reading) watched(options cache.Options) cache.Options {
	options.DefaultWatchErrorHandler = r.watchFailed
	return options
}

// Start is called once the manager has filled its caches.
func (r *reading) Start(ctx context.Context) error {
	r.filled.Store(true)
	<-ctx.Done()
	return nil
}

// NeedLeaderElection says that every replica has these caches.
func (*reading) NeedLeaderElection() bool { return false }

// watchFailed notes what the API server refuses. A connection that fails, or an API server that is overloaded, is no fault of this replica.
func (r *reading) watchFailed(ctx context.Context, reflector *toolscache.Reflector, err error) {
	if apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) || apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
		r.refused.Store(&refusal{fmt.Errorf("%s cannot be read: %w", reflector.TypeDescription(), err), time.Now()})
	}
	toolscache.DefaultWatchErrorHandler(ctx, reflector, err)
}

// check is an error while the caches were never filled, and while the API server refuses to list what is in them.
func (r *reading) check(*http.Request) error {
	if last := r.refused.Load(); last != nil && time.Since(last.at) < failing {
		return last.err
	}
	if !r.filled.Load() {
		return errUnfilled
	}
	return nil
}
