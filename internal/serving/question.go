package serving

import (
	"context"
	"net/http"
	"time"
)

// question is one that the API server is being asked. Whoever waits for the answer may give up; the question does not, so that the
// answer of a slow API server is there for the next request.
type question struct {
	done chan struct{}
	// code and err are the answer, once done is closed.
	code int
	err  error
}

// answer waits for it.
func (q *question) answer(ctx context.Context) (int, error) {
	select {
	case <-q.done:
		return q.code, q.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// first has the API server asked about a token that it has not been asked about lately, in its turn.
func (a *Access) first(ctx context.Context, c claim) (int, error) {
	leave, err := a.firsts.enter(ctx, c.source, nil)
	if err != nil {
		return 0, err
	}
	q, mine := a.question(c, verdict{})
	if !mine {
		leave()
		return q.answer(ctx)
	}
	go func() {
		a.settle(context.Background(), q, c)
		if q.err == nil && q.code == http.StatusOK {
			leave()
			return
		}
		time.AfterFunc(breather, leave)
	}()
	return q.answer(ctx)
}

// renew has the API server asked again about a token that it has let read. These have a line of their own.
func (a *Access) renew(c claim, known verdict) *question {
	q, mine := a.question(c, known)
	if !mine {
		return q
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), reviewTimeout)
		defer cancel()
		leave, err := a.renewals.enter(ctx, c.source, nil)
		if err != nil {
			a.close(q, c, 0, err)
			return
		}
		defer leave()
		a.settle(ctx, q, c)
	}()
	return q
}

// question is the one about a claim, and whether it is new: then the caller has to settle it. It is answered already where somebody else
// has had an answer since the caller has last seen one.
func (a *Access) question(c claim, seen verdict) (q *question, mine bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := c.digest()
	if q, is := a.asked[key]; is {
		return q, false
	}
	q = &question{done: make(chan struct{})}
	if known, is := a.recalled(key); is && known != seen {
		q.code = known.code
		close(q.done)
		return q, false
	}
	a.asked[key] = q
	return q, true
}

// settle asks the API server.
func (a *Access) settle(ctx context.Context, q *question, c claim) {
	ctx, cancel := context.WithTimeout(ctx, reviewTimeout)
	defer cancel()
	code, err := a.ask(ctx, c.token, c.path)
	if err != nil {
		a.complaints.Do(func() { a.log.Error(err, "The API server does not say who may read metrics") })
	}
	a.close(q, c, code, err)
}

// close remembers the answer to a question, and gives it to those who wait.
func (a *Access) close(q *question, c claim, code int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := c.digest()
	switch {
	case err != nil:
	case code == http.StatusOK:
		a.refused.Remove(key)
		a.allowed.Add(key, verdict{code, a.now()})
	default:
		a.allowed.Remove(key)
		a.refused.Add(key, verdict{code, a.now()})
	}
	delete(a.asked, key)
	q.code, q.err = code, err
	close(q.done)
}

// recall is what the API server has said about a claim: that it is good, however long ago, or that it is not, which holds for a while.
func (a *Access) recall(c claim) (verdict, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.recalled(c.digest())
}

func (a *Access) recalled(key digest) (verdict, bool) {
	if known, is := a.allowed.Get(key); is {
		return known.(verdict), true
	}
	known, is := a.refused.Get(key)
	if !is {
		return verdict{}, false
	}
	refusal := known.(verdict)
	return refusal, a.now().Sub(refusal.since) < doubted
}
