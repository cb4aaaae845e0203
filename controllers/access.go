package controllers

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	authenticationclient "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"
)

const (
	// believed is how long an answer of the API server about a token holds: what is taken away takes effect that much later.
	believed = time.Minute
	// doubted is how long a refusal holds, so that what is granted takes effect soon.
	doubted = 10 * time.Second
	// remembered is how many answers are kept.
	remembered = 256
	// asking is how many tokens the API server is asked about at once, so that somebody who tries many does not take from what the
	// operator itself may ask.
	asking = 8
	// reviewTimeout bounds how long the API server may take for an answer.
	reviewTimeout = 10 * time.Second
)

// access lets those through whom the API server lets read a path: it asks whose the bearer token is (TokenReview), and whether that
// one may get the path (SubjectAccessReview). It keeps no token, but a digest of each for a while. It does what controller-runtime's
// metrics filter does without the half of an API server that comes with that (docs/decisions/0015).
type access struct {
	tokens  authenticationclient.TokenReviewInterface
	reviews authorizationclient.SubjectAccessReviewInterface
	log     logr.Logger
	// slots has room for those that are being asked about.
	slots chan struct{}

	mu    sync.Mutex
	known map[[sha256.Size]byte]answer
}

// answer is the code of HTTP that a token has for a path, and until when.
type answer struct {
	code  int
	until time.Time
}

func newAccess(cfg *rest.Config, httpClient *http.Client, log logr.Logger) (*access, error) {
	tokens, err := authenticationclient.NewForConfigAndClient(cfg, httpClient)
	if err != nil {
		return nil, err
	}
	reviews, err := authorizationclient.NewForConfigAndClient(cfg, httpClient)
	if err != nil {
		return nil, err
	}
	return &access{
		tokens: tokens.TokenReviews(), reviews: reviews.SubjectAccessReviews(), log: log,
		slots: make(chan struct{}, asking), known: map[[sha256.Size]byte]answer{},
	}, nil
}

// guard serves to those alone who may.
func (a *access) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch code := a.answer(r); code {
		case http.StatusOK:
			next.ServeHTTP(w, r)
		case http.StatusUnauthorized:
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "send the bearer token of a ServiceAccount", code)
		case http.StatusForbidden:
			http.Error(w, "this account may not get "+r.URL.Path+": bind it to the ClusterRole fluxmonitoring-metrics-reader", code)
		default:
			http.Error(w, "the API server does not say who may read this now", code)
		}
	})
}

// answer is the code for a request: OK, Unauthorized, Forbidden, or ServiceUnavailable, which is not remembered.
func (a *access) answer(r *http.Request) int {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return http.StatusUnauthorized
	}
	verb := strings.ToLower(r.Method)
	key := sha256.Sum256([]byte(verb + " " + r.URL.Path + "\x00" + token))
	if code, is := a.recall(key); is {
		return code
	}
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	default:
		return http.StatusServiceUnavailable
	}
	ctx, cancel := context.WithTimeout(r.Context(), reviewTimeout)
	defer cancel()
	code, err := a.ask(ctx, token, verb, r.URL.Path)
	if err != nil {
		a.log.Error(err, "asking the API server who may read metrics")
		return http.StatusServiceUnavailable
	}
	a.remember(key, code)
	return code
}

func (a *access) ask(ctx context.Context, token, verb, path string) (int, error) {
	who, err := a.tokens.Create(ctx, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}, metav1.CreateOptions{})
	if err != nil {
		return 0, fmt.Errorf("asking whose a token is: %w", err)
	}
	if !who.Status.Authenticated {
		return http.StatusUnauthorized, nil
	}
	user, extra := who.Status.User, map[string]authorizationv1.ExtraValue{}
	for key, value := range user.Extra {
		extra[key] = authorizationv1.ExtraValue(value)
	}
	may, err := a.reviews.Create(ctx, &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra,
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: path, Verb: verb},
	}}, metav1.CreateOptions{})
	if err != nil {
		return 0, fmt.Errorf("asking what %s may: %w", user.Username, err)
	}
	if !may.Status.Allowed {
		return http.StatusForbidden, nil
	}
	return http.StatusOK, nil
}

func (a *access) recall(key [sha256.Size]byte) (int, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, is := a.known[key]
	return known.code, is && time.Now().Before(known.until)
}

// remember keeps an answer. Where there are too many, as of somebody who tries tokens, refusals are forgotten first.
func (a *access) remember(key [sha256.Size]byte, code int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= remembered {
		maps.DeleteFunc(a.known, func(_ [sha256.Size]byte, known answer) bool { return known.code != http.StatusOK })
	}
	if len(a.known) >= remembered {
		clear(a.known)
	}
	lasts := doubted
	if code == http.StatusOK {
		lasts = believed
	}
	a.known[key] = answer{code, time.Now().Add(lasts)}
}

// selfSigned has a certificate of its own making. A token shows who asks, and Prometheus knows who answers by the pod that it has found.
func selfSigned() (*tls.Config, error) {
	certificate, key, err := cert.GenerateSelfSignedCertKey("fluxmonitoring-operator", nil, nil)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}
