package serving

import (
	"context"
	"net/http"
	"time"
)

const (
	// maxScrapes is how many a port answers at once.
	maxScrapes = 8
	// maxScrapeHold is how long a scrape may take while others wait; afterwards it is cut off for them.
	maxScrapeHold = 5 * time.Second
	// scrapeWait is how long a scrape waits in line. Prometheus gives up after ten seconds, unless it is configured otherwise.
	scrapeWait = 8 * time.Second
	// retryAfter is what the answer says to somebody who has waited in vain, in seconds.
	retryAfter = "5"
)

// LimitScrapes answers a few scrapes at once, so that clients that do not read cost a bounded amount of memory. The others wait in line,
// fairly between source addresses, and are refused after a while with 503 (Service Unavailable).
func LimitScrapes(next http.Handler) http.Handler {
	l := &fairQueue{capacity: maxScrapes, maxHold: maxScrapeHold}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), scrapeWait)
		defer cancel()
		leave, err := l.acquire(ctx, sourceOf(r.RemoteAddr), func() { _ = http.NewResponseController(w).SetWriteDeadline(time.Now()) })
		if err != nil {
			w.Header().Set("Retry-After", retryAfter)
			http.Error(w, "too many scrapes at once", http.StatusServiceUnavailable)
			return
		}
		defer leave()
		next.ServeHTTP(w, r)
	})
}
