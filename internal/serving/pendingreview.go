package serving

import (
	"context"
	"net/http"
	"time"
)

// pendingReview is one that the API server is being asked. Whoever waits for the answer may give up; the question does not, so that the
// answer of a slow API server is there for the next request.
type pendingReview struct {
	done chan struct{}
	// code and err are the answer, once done is closed.
	code int
	err  error
}

// wait waits for it.
func (q *pendingReview) wait(ctx context.Context) (int, error) {
	select {
	case <-q.done:
		return q.code, q.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// reviewNew has the API server asked about a token that it has not been asked about lately, in its turn.
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

// renew has the API server asked again about a token that it has let read. These have a line of their own.
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

// startReview is the one about a claim, and whether it is new: then the caller has to settle it. It is answered already where somebody else
// has had an answer since the caller has last seen one.
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

// runReview asks the API server.
func (a *Authorizer) runReview(ctx context.Context, q *pendingReview, c accessRequest) {
	ctx, cancel := context.WithTimeout(ctx, reviewTimeout)
	defer cancel()
	code, err := a.review(ctx, c.token, c.path)
	if err != nil {
		a.outageLog.Do(func() { a.log.Error(err, "The API server does not say who may read metrics") })
	}
	a.finishReview(q, c, code, err)
}

// finishReview remembers the answer to a question, and gives it to those who wait.
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

// lookup is what the API server has said about a claim: that it is good, however long ago, or that it is not, which holds for a while.
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
