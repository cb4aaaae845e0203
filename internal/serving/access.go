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
	// fresh is for how long a good answer about a token is simply believed. Afterwards it is renewed.
	fresh = 30 * time.Second
	// believed is for how long a request is served while the answer is being renewed: what is taken away takes effect that much later.
	believed = time.Minute
	// trusted is for how long a good answer holds while the API server does not answer.
	trusted = 10 * time.Minute
	// doubted is how long a refusal holds, so that what is granted takes effect soon.
	doubted = 10 * time.Second
	// remembered is how many tokens are remembered of those that may read, and of those that may not.
	remembered = 256

	// firsts is about how many tokens that are not known the API server is asked at once, and renewals about how many that are.
	firsts, renewals = 8, 8
	// breather is how long the place of a wrong token stays taken after the answer. So wrong tokens cost the API server 32 questions a second
	// at most, and a request that comes after as many others as both ports have connections still has its turn within accessPatience.
	breather = firsts * time.Second / 32
	// accessPatience is how long a request waits for the API server's answer, its wait in line included.
	accessPatience = 5 * time.Second
	// renewalPatience is how long a request waits that can be served without an answer.
	renewalPatience = 2 * time.Second
	// complaint is how often the log says that the API server does not answer.
	complaint = time.Minute
)

// Access lets those through whom the API server lets get a path: it asks whose the bearer token is (TokenReview), and whether that
// account may get the path (SubjectAccessReview). It keeps no token, but a digest of each. Whoever sends wrong tokens keeps nobody out,
// and neither does an API server that does not answer for a while (docs/decisions/0035).
type Access struct {
	ask func(ctx context.Context, token, path string) (code int, err error)
	now func() time.Time
	log logr.Logger
	// firsts is the line of those whose token is not known, renewals that of those who may read and are asked about again.
	firsts, renewals *line
	complaints       rate.Sometimes

	mu sync.Mutex
	// allowed and refused hold a verdict by digest. Refusals are apart, so that they never take the place of those who may read.
	allowed, refused *lru.Cache
	asked            map[digest]*question
}

// digest tells requests apart by path and token.
type digest [sha256.Size]byte

// verdict is the code of HTTP that a request has, and since when.
type verdict struct {
	code  int
	since time.Time
}

// claim is what a request has to show.
type claim struct {
	source, token, path string
}

func (c claim) digest() digest { return sha256.Sum256([]byte(c.path + "\x00" + c.token)) }

// NewAccess asks the API server of a configuration.
func NewAccess(cfg *rest.Config, httpClient *http.Client, log logr.Logger) (*Access, error) {
	r, err := newReviews(cfg, httpClient)
	if err != nil {
		return nil, err
	}
	return &Access{
		ask: r.ask, now: time.Now, log: log,
		firsts: &line{room: firsts}, renewals: &line{room: renewals}, complaints: rate.Sometimes{Interval: complaint},
		allowed: lru.New(remembered), refused: lru.New(remembered), asked: map[digest]*question{},
	}, nil
}

// Guard serves to those alone who may get the path.
func (a *Access) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch code := a.answer(r); code {
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

// answer is the code for a request: OK, MethodNotAllowed, Unauthorized, Forbidden, or ServiceUnavailable, which is not remembered.
func (a *Access) answer(r *http.Request) int {
	if r.Method != http.MethodGet {
		return http.StatusMethodNotAllowed
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || !credible(token, a.now()) {
		return http.StatusUnauthorized
	}
	ctx, cancel := context.WithTimeout(r.Context(), accessPatience)
	defer cancel()
	code, err := a.decide(ctx, claim{source: source(r.RemoteAddr), token: token, path: r.URL.Path})
	if err != nil {
		return http.StatusServiceUnavailable
	}
	return code
}

// decide is the code for a claim, or an error where nobody knows it in time.
func (a *Access) decide(ctx context.Context, c claim) (int, error) {
	known, is := a.recall(c)
	age := a.now().Sub(known.since)
	switch {
	case !is:
		return a.first(ctx, c)
	case known.code != http.StatusOK || age < fresh:
		return known.code, nil
	case age < believed:
		a.renew(c, known)
		return http.StatusOK, nil
	case age < trusted:
		ctx, cancel := context.WithTimeout(ctx, renewalPatience)
		defer cancel()
		code, err := a.renew(c, known).answer(ctx)
		if err != nil {
			return http.StatusOK, nil //nolint:nilerr // the API server does not answer, and the last that it said still holds
		}
		return code, nil
	default:
		return a.renew(c, known).answer(ctx)
	}
}
