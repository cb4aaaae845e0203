package controllers

import (
	"sync/atomic"
	"time"
)

// lastLook is the longest time between two looks for an API whose CRD is there but which is not served.
const lastLook = 5 * time.Minute

// again is how long after the news of a CRD to look at what is served, whatever was seen before: discovery lags behind the news,
// and what it goes on listing for a moment may have left.
var again = []time.Duration{200 * time.Millisecond, time.Second, 5 * time.Second}

// looks says when to look again at what the API server serves. It goes by the time since the news alone, so looks for other
// causes use none of them up. Its zero value has had no news.
type looks struct {
	last atomic.Pointer[time.Time] // nil before any news
}

// news is that a CRD has come, changed or gone.
func (l *looks) news() {
	now := time.Now()
	l.last.Store(&now)
}

// next is how long from now to look again after a look that began at this time; 0 is not before there is news. After the times of
// again it goes on, ever less often, only while something is pending: a CRD is there whose kind is not served.
func (l *looks) next(looked time.Time, pending bool) time.Duration {
	elapsed := lastLook
	if news := l.last.Load(); news != nil {
		elapsed = looked.Sub(*news)
		for _, due := range again {
			if elapsed < due {
				return max(time.Until(news.Add(due)), firstLook)
			}
		}
	}
	if !pending {
		return 0
	}
	return min(elapsed, lastLook)
}
