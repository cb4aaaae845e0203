package serving

import (
	"context"
	"net/http"
	"time"
)

// pendingReview is a review in progress. A waiting request can give up; the review continues, so that a late decision
// serves the next request.
type pendingReview struct {
	done chan struct{}
	// code and err are set once done is closed.
	code int
	err  error
}

// wait waits for the decision.
func (q *pendingReview) wait(ctx context.Context) (int, error) {
	select {
	case <-q.done:
		return q.code, q.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// reviewNew reviews an unknown token in its turn.
func (a *Authorizer) reviewNew(ctx context.Context, c accessRequest) (int, error) {
	leave, err := a.newReviews.acquire(ctx, c.source, nil)
	if err != nil {
		return 0, err
	}
	q, isNew := a.startReview(c, decision{})
	if !isNew {
		leave()
		return q.wait(ctx)
	}
	go func() {
		a.runReview(context.Background(), q, c)
		if q.err == nil && q.code == http.StatusOK {
			leave()
			return
		}
		time.AfterFunc(denialHold, leave)
	}()
	return q.wait(ctx)
}

// renew starts a new review of an allowed token. Renewals have their own queue.
func (a *Authorizer) renew(c accessRequest, known decision) *pendingReview {
	q, isNew := a.startReview(c, known)
	if !isNew {
		return q
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), reviewTimeout)
		defer cancel()
		leave, err := a.renewals.acquire(ctx, c.source, nil)
		if err != nil {
			a.finishReview(q, c, 0, err)
			return
		}
		defer leave()
		a.runReview(ctx, q, c)
	}()
	return q
}

// startReview returns the pending review of a request and whether it is new: then the caller must run it. If another
// request has got a decision since the caller looked, the review is already done.
func (a *Authorizer) startReview(c accessRequest, seen decision) (q *pendingReview, isNew bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := c.digest()
	if q, is := a.pending[key]; is {
		return q, false
	}
	q = &pendingReview{done: make(chan struct{})}
	if known, is := a.lookupLocked(key); is && known != seen {
		q.code = known.code
		close(q.done)
		return q, false
	}
	a.pending[key] = q
	return q, true
}

// runReview asks the API server for a decision.
func (a *Authorizer) runReview(ctx context.Context, q *pendingReview, c accessRequest) {
	ctx, cancel := context.WithTimeout(ctx, reviewTimeout)
	defer cancel()
	code, err := a.review(ctx, c.token, c.path)
	if err != nil {
		a.outageLog.Do(func() { a.log.Error(err, "The API server does not say who may read metrics") })
	}
	a.finishReview(q, c, code, err)
}

// finishReview caches the decision and passes it to all who wait.
func (a *Authorizer) finishReview(q *pendingReview, c accessRequest, code int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := c.digest()
	switch {
	case err != nil:
	case code == http.StatusOK:
		a.denied.Remove(key)
		a.allowed.Add(key, decision{code, a.now()})
	default:
		a.allowed.Remove(key)
		a.denied.Add(key, decision{code, a.now()})
	}
	delete(a.pending, key)
	q.code, q.err = code, err
	close(q.done)
}

// lookup returns the cached decision: an allow decision of any age, or a denial that is younger than denyTTL.
func (a *Authorizer) lookup(c accessRequest) (decision, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lookupLocked(c.digest())
}

func (a *Authorizer) lookupLocked(key digest) (decision, bool) {
	if known, is := a.allowed.Get(key); is {
		return known.(decision), true
	}
	known, is := a.denied.Get(key)
	if !is {
		return decision{}, false
	}
	refusal := known.(decision)
	return refusal, a.now().Sub(refusal.since) < denyTTL
}
