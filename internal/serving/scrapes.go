package serving

import (
	"context"
	"net/http"
	"time"
)

const (
	// scrapes is how many a port answers at once.
	scrapes = 8
	// scrapeShare is how long a scrape may take while others wait; afterwards it is cut off for them.
	scrapeShare = 5 * time.Second
	// patience is how long a scrape waits in line. Prometheus gives up after ten seconds, unless it is configured otherwise.
	patience = 8 * time.Second
	// retryAfter is what the answer says to somebody who has waited in vain, in seconds.
	retryAfter = "5"
)

// Few answers a few scrapes at once, so that clients that do not read cost a bounded amount of memory. The others wait in line,
// fairly between source addresses, and are refused after a while with 503 (Service Unavailable).
func Few(next http.Handler) http.Handler {
	l := &line{room: scrapes, share: scrapeShare}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		leave, err := l.enter(ctx, source(r.RemoteAddr), func() { _ = http.NewResponseController(w).SetWriteDeadline(time.Now()) })
		if err != nil {
			w.Header().Set("Retry-After", retryAfter)
			http.Error(w, "too many scrapes at once", http.StatusServiceUnavailable)
			return
		}
		defer leave()
		next.ServeHTTP(w, r)
	})
}
