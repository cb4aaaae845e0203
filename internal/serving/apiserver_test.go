package serving

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// shared is the API server of all tests but those that stop one.
var shared = cluster.Common()

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(shared.Main(m))
}

var must = rig.Must

// place is a namespace of an API server, and an Authorizer that asks that server.
type place struct {
	client.Client
	*Authorizer
	t *testing.T
	// asked are the tokens that the API server was asked about.
	asked *asked
	// clock is how far the clock was moved.
	clock     *atomic.Int64
	namespace string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	plane, err := shared.Plane()
	must(t, err)
	return placeOf(t, plane)
}

func placeOf(t *testing.T, plane *cluster.ControlPlane) *place {
	t.Helper()
	p := &place{t: t, asked: &asked{}, clock: &atomic.Int64{}}
	var err error
	p.Client, err = client.New(plane.Config, client.Options{})
	must(t, err)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "serving-"}}
	must(t, p.Create(t.Context(), namespace))
	p.namespace = namespace.Name
	config := rest.CopyConfig(plane.Config)
	config.Wrap(p.asked.through)
	httpClient, err := rest.HTTPClientFor(config)
	must(t, err)
	p.Authorizer, err = NewAuthorizer(config, httpClient, logr.Discard())
	must(t, err)
	began := time.Now()
	p.now = func() time.Time { return began.Add(time.Duration(p.clock.Load())) }
	return p
}

// later moves the clock.
func (p *place) later(by time.Duration) { p.clock.Add(int64(by)) }

func (p *place) account(name string) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: name}}
}

// stranger creates a ServiceAccount.
func (p *place) stranger(name string) {
	p.t.Helper()
	must(p.t, p.Create(p.t.Context(), p.account(name)))
}

// token is a new one of a ServiceAccount, for the API server or for other audiences.
func (p *place) token(account string, audiences ...string) string {
	p.t.Helper()
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: audiences}}
	must(p.t, p.SubResource("token").Create(p.t.Context(), p.account(account), request))
	return request.Status.Token
}

// reader creates a ServiceAccount that may read metrics.
func (p *place) reader(name string) {
	p.t.Helper()
	p.stranger(name)
	must(p.t, p.Create(p.t.Context(), &rbacv1.ClusterRole{ObjectMeta: p.binding(name).ObjectMeta, Rules: []rbacv1.PolicyRule{
		{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}},
	}}))
	p.bind(name)
}

// servedReader creates the ServiceAccount reader, and returns a request of it that has been served.
func (p *place) servedReader() *http.Request {
	p.t.Helper()
	p.reader("reader")
	r := request(p.token("reader"))
	NewWithT(p.t).Expect(get(p.metrics(), r)).To(Equal(served))
	return r
}

// binding binds a ServiceAccount to the ClusterRole of the same name as the binding.
func (p *place) binding(account string) *rbacv1.ClusterRoleBinding {
	name := p.namespace + "-" + account
	return &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: name},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: p.namespace, Name: account}},
	}
}

func (p *place) bind(account string) {
	p.t.Helper()
	must(p.t, p.Create(p.t.Context(), p.binding(account)))
	p.eventuallyMay(account, true)
}

func (p *place) unbind(account string) {
	p.t.Helper()
	must(p.t, p.Delete(p.t.Context(), p.binding(account)))
	p.eventuallyMay(account, false)
}

// eventuallyMay waits until the API server knows of a binding.
func (p *place) eventuallyMay(account string, may bool) {
	p.t.Helper()
	rig.Eventually(p.t, func(g Gomega) {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User:                  "system:serviceaccount:" + p.namespace + ":" + account,
			NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: "/metrics", Verb: "get"},
		}}
		g.Expect(p.Create(p.t.Context(), review)).To(Succeed())
		g.Expect(review.Status.Allowed).To(Equal(may))
	}).Should(Succeed())
}

// metrics serves a series to accounts that may get /metrics.
func (p *place) metrics() http.Handler {
	return p.Require(LimitScrapes(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "up 1") })))
}

// asked is the way to an API server, which counts and can be held up.
type asked struct {
	tokens atomic.Int64
	hold   atomic.Pointer[chan struct{}]
}

type through func(*http.Request) (*http.Response, error)

func (t through) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func (a *asked) through(inner http.RoundTripper) http.RoundTripper {
	return through(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/tokenreviews") {
			a.tokens.Add(1)
		}
		if until := a.hold.Load(); until != nil {
			select {
			case <-*until:
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
		return inner.RoundTrip(r)
	})
}

// hang has the API server not answer until the returned function is called.
func (a *asked) hang() (release func()) {
	until := make(chan struct{})
	a.hold.Store(&until)
	return sync.OnceFunc(func() {
		a.hold.Store(nil)
		close(until)
	})
}
