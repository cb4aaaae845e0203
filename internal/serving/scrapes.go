package serving

import (
	"context"
	"net/http"
	"time"
)

const (
	// maxScrapes is how many scrapes a port serves at once.
	maxScrapes = 8
	// maxScrapeHold is how long a scrape can take while others wait.
	maxScrapeHold = 5 * time.Second
	// scrapeWait is how long a scrape waits in the queue. Prometheus gives up after ten seconds by default.
	scrapeWait = 8 * time.Second
	// retryAfter is the header Retry-After of a rejected scrape, in seconds.
	retryAfter = "5"
)

// LimitScrapes serves a few scrapes at once, so that slow clients cost bounded memory. The others wait, fairly
// between source addresses, and get 503 (Service Unavailable) after a while.
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
