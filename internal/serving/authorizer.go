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
	// renewAfter is for how long a good answer about a token is simply believed. Afterwards it is renewed.
	renewAfter = 30 * time.Second
	// allowTTL is for how long a request is served while the answer is being renewed: what is taken away takes effect that much later.
	allowTTL = time.Minute
	// outageTTL is for how long a good answer holds while the API server does not answer.
	outageTTL = 10 * time.Minute
	// denyTTL is how long a refusal holds, so that what is granted takes effect soon.
	denyTTL = 10 * time.Second
	// cacheSize is how many tokens are remembered of those that may read, and of those that may not.
	cacheSize = 256

	// maxNewReviews is about how many tokens that are not known the API server is asked at once, and renewals about how many that are.
	maxNewReviews, maxRenewals = 8, 8
	// denialHold is how long the place of a wrong token stays taken after the answer. So wrong tokens cost the API server 32 questions a second
	// at most, and a request that comes after as many others as both ports have connections still has its turn within accessPatience.
	denialHold = maxNewReviews * time.Second / 32
	// accessTimeout is how long a request waits for the API server's answer, its wait in line included.
	accessTimeout = 5 * time.Second
	// renewalTimeout is how long a request waits that can be served without an answer.
	renewalTimeout = 2 * time.Second
	// outageLogInterval is how often the log says that the API server does not answer.
	outageLogInterval = time.Minute
)

// Authorizer lets those through whom the API server lets get a path: it asks whose the bearer token is (TokenReview), and whether that
// account may get the path (SubjectAccessReview). It keeps no token, but a digest of each. Whoever sends wrong tokens keeps nobody out,
// and neither does an API server that does not answer for a while (docs/decisions/0035).
type Authorizer struct {
	review func(ctx context.Context, token, path string) (code int, err error)
	now    func() time.Time
	log    logr.Logger
	// newReviews is the line of those whose token is not known, renewals that of those who may read and are asked about again.
	newReviews, renewals *fairQueue
	outageLog            rate.Sometimes

	mu sync.Mutex
	// allowed and refused hold a verdict by digest. Refusals are apart, so that they never take the place of those who may read.
	allowed, denied *lru.Cache
	pending         map[digest]*pendingReview
}

// digest tells requests apart by path and token.
type digest [sha256.Size]byte

// decision is the code of HTTP that a request has, and since when.
type decision struct {
	code  int
	since time.Time
}

// accessRequest is what a request has to show.
type accessRequest struct {
	source, token, path string
}

func (c accessRequest) digest() digest { return sha256.Sum256([]byte(c.path + "\x00" + c.token)) }

// NewAuthorizer asks the API server of a configuration.
func NewAuthorizer(cfg *rest.Config, httpClient *http.Client, log logr.Logger) (*Authorizer, error) {
	r, err := newReviewClient(cfg, httpClient)
	if err != nil {
		return nil, err
	}
	return &Authorizer{
		review: r.review, now: time.Now, log: log,
		newReviews: &fairQueue{capacity: maxNewReviews}, renewals: &fairQueue{capacity: maxRenewals}, outageLog: rate.Sometimes{Interval: outageLogInterval},
		allowed: lru.New(cacheSize), denied: lru.New(cacheSize), pending: map[digest]*pendingReview{},
	}, nil
}

// Require serves to those alone who may get the path.
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

// authorize is the code for a request: OK, MethodNotAllowed, Unauthorized, Forbidden, or ServiceUnavailable, which is not remembered.
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

// decide is the code for a claim, or an error where nobody knows it in time.
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
