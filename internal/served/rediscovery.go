package served

import (
	"sync/atomic"
	"time"
)

// MinPoll and maxPoll bound the time until the next question to the discovery API for a CRD whose kind is not served yet.
const (
	MinPoll = 100 * time.Millisecond
	maxPoll = 5 * time.Minute
)

// retrySchedule is how long after an event of a CRD to ask again, whatever the answer was: discovery lags behind the events, and may go on
// listing a kind for a moment that has left.
var retrySchedule = []time.Duration{200 * time.Millisecond, time.Second, 5 * time.Second}

// Rediscovery says when to ask the discovery API again. It counts from the last event of a CRD. The zero value has had no event.
type Rediscovery struct {
	last atomic.Pointer[time.Time] // nil before the first event
}

// CRDChanged notes that a CRD has come, changed or gone.
func (r *Rediscovery) CRDChanged() {
	now := time.Now()
	r.last.Store(&now)
}

// Next is how long from now to ask again after a question that was asked at this time; 0 is not before the next event. After the times of
// retrySchedule it goes on, less and less often, only while something is pending: there is a CRD whose kind is not served.
func (r *Rediscovery) Next(asked time.Time, pending bool) time.Duration {
	elapsed := maxPoll
	if last := r.last.Load(); last != nil {
		elapsed = asked.Sub(*last)
		for _, due := range retrySchedule {
			if elapsed < due {
				return max(time.Until(last.Add(due)), MinPoll)
			}
		}
	}
	if !pending {
		return 0
	}
	return min(elapsed, maxPoll)
}
