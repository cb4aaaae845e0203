package serving

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/time/rate"
	"k8s.io/client-go/rest"
	"k8s.io/utils/lru"
)

const (
	// renewAfter is the age at which an allow decision is renewed.
	renewAfter = 30 * time.Second
	// allowTTL is the age up to which an allow decision is used during its renewal. A revoked permission takes effect
	// that much later.
	allowTTL = time.Minute
	// outageTTL is the age up to which an allow decision is used while the API server does not answer.
	outageTTL = 10 * time.Minute
	// denyTTL is the age up to which a denial is used, so that a granted permission takes effect soon.
	denyTTL = 10 * time.Second
	// cacheSize is how many allow decisions, and how many denials, are cached.
	cacheSize = 256

	// maxNewReviews bounds the concurrent reviews of unknown tokens, and maxRenewals those of known ones.
	maxNewReviews, maxRenewals = 8, 8
	// denialHold is how long a denied token keeps its place in the queue. It limits wrong tokens to 32 reviews a
	// second, and a request behind full ports of them is still reviewed within accessTimeout.
	denialHold = maxNewReviews * time.Second / 32
	// accessTimeout is how long a request waits for its review, including in the queue.
	accessTimeout = 5 * time.Second
	// renewalTimeout is how long a request waits that can be served without a renewed decision.
	renewalTimeout = 2 * time.Second
	// outageLogInterval is how often the log reports that the API server does not answer.
	outageLogInterval = time.Minute
)

// Authorizer serves requests to those whom the API server allows to get the path. It reviews the bearer token
// (TokenReview) and the path (SubjectAccessReview), and caches decisions by a digest of the token. Neither wrong
// tokens nor an outage of the API server block clients with a cached decision (docs/decisions/0035).
type Authorizer struct {
	review func(ctx context.Context, token, path string) (code int, err error)
	now    func() time.Time
	log    logr.Logger
	// newReviews queues the reviews of unknown tokens, renewals those of known ones.
	newReviews, renewals *fairQueue
	outageLog            rate.Sometimes

	mu sync.Mutex
	// allowed and denied hold decisions by digest. They are separate, so that denials never evict allow decisions.
	allowed, denied *lru.Cache
	pending         map[digest]*pendingReview
}

// digest identifies a request by path and token.
type digest [sha256.Size]byte

// decision is the HTTP status code for a request, and when it was made.
type decision struct {
	code  int
	since time.Time
}

// accessRequest is what a decision depends on, and the source address for fairness.
type accessRequest struct {
	source, token, path string
}

func (c accessRequest) digest() digest { return sha256.Sum256([]byte(c.path + "\x00" + c.token)) }

// NewAuthorizer reviews at the API server of a configuration.
func NewAuthorizer(cfg *rest.Config, httpClient *http.Client, log logr.Logger) (*Authorizer, error) {
	r, err := newReviewClient(cfg, httpClient)
	if err != nil {
		return nil, err
	}
	return &Authorizer{
		review: r.review, now: time.Now, log: log,
		newReviews: &fairQueue{capacity: maxNewReviews}, renewals: &fairQueue{capacity: maxRenewals},
		outageLog: rate.Sometimes{Interval: outageLogInterval},
		allowed:   lru.New(cacheSize), denied: lru.New(cacheSize), pending: map[digest]*pendingReview{},
	}, nil
}

// Require serves requests that are allowed, and answers the others with an error.
func (a *Authorizer) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch code := a.authorize(r); code {
		case http.StatusOK:
			next.ServeHTTP(w, r)
		case http.StatusMethodNotAllowed:
			w.Header().Set("Allow", http.MethodGet)
			http.Error(w, "only GET is served", code)
		case http.StatusUnauthorized:
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "send the bearer token of a ServiceAccount", code)
		case http.StatusForbidden:
			http.Error(w, "this account may not get "+r.URL.Path+": bind it to the ClusterRole fluxmonitoring-metrics-reader", code)
		default:
			w.Header().Set("Retry-After", retryAfter)
			http.Error(w, "the API server does not say who may read this now", code)
		}
	})
}

// authorize returns OK, MethodNotAllowed, Unauthorized, Forbidden, or ServiceUnavailable if there is no decision in
// time.
func (a *Authorizer) authorize(r *http.Request) int {
	if r.Method != http.MethodGet {
		return http.StatusMethodNotAllowed
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || !isPlausibleToken(token, a.now()) {
		return http.StatusUnauthorized
	}
	ctx, cancel := context.WithTimeout(r.Context(), accessTimeout)
	defer cancel()
	code, err := a.decide(ctx, accessRequest{source: sourceOf(r.RemoteAddr), token: token, path: r.URL.Path})
	if err != nil {
		return http.StatusServiceUnavailable
	}
	return code
}

// decide returns the status code, or an error if no decision is made in time.
func (a *Authorizer) decide(ctx context.Context, c accessRequest) (int, error) {
	known, is := a.lookup(c)
	age := a.now().Sub(known.since)
	switch {
	case !is:
		return a.reviewNew(ctx, c)
	case known.code != http.StatusOK || age < renewAfter:
		return known.code, nil
	case age < allowTTL:
		a.renew(c, known)
		return http.StatusOK, nil
	case age < outageTTL:
		ctx, cancel := context.WithTimeout(ctx, renewalTimeout)
		defer cancel()
		code, err := a.renew(c, known).wait(ctx)
		if err != nil {
			return http.StatusOK, nil //nolint:nilerr // the API server does not answer, and the last that it said still holds
		}
		return code, nil
	default:
		return a.renew(c, known).wait(ctx)
	}
}
