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
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// shared is the API server of all tests but those that stop one.
var shared = cluster.Common()

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(shared.Main(m))
}

// place is a namespace of an API server, and an Access that asks that one.
type place struct {
	*kubernetes.Clientset
	*Authorizer
	t *testing.T
	// plane is the API server's.
	plane *cluster.ControlPlane
	// asked are the tokens that the API server was asked about.
	asked *asked
	// clock is how much later it has become.
	clock     *atomic.Int64
	namespace string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	plane, err := shared.Plane()
	if err != nil {
		t.Fatal(err)
	}
	return placeOf(t, plane)
}

func placeOf(t *testing.T, plane *cluster.ControlPlane) *place {
	t.Helper()
	p := &place{t: t, plane: plane, asked: &asked{}, clock: &atomic.Int64{}}
	var err error
	p.Clientset, err = kubernetes.NewForConfig(plane.Config)
	p.must(err)
	namespace, err := p.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "serving-"},
	}, metav1.CreateOptions{})
	p.must(err)
	p.namespace = namespace.Name
	config := rest.CopyConfig(plane.Config)
	config.Wrap(p.asked.through)
	httpClient, err := rest.HTTPClientFor(config)
	p.must(err)
	p.Authorizer, err = NewAuthorizer(config, httpClient, logr.Discard())
	p.must(err)
	began := time.Now()
	p.now = func() time.Time { return began.Add(time.Duration(p.clock.Load())) }
	return p
}

// later has it become later.
func (p *place) later(by time.Duration) { p.clock.Add(int64(by)) }

// account makes a ServiceAccount.
func (p *place) account(name string) {
	p.t.Helper()
	_, err := p.CoreV1().ServiceAccounts(p.namespace).Create(p.t.Context(), &corev1.ServiceAccount{
		ObjectMeta: metav1.ObjectMeta{Name: name},
	}, metav1.CreateOptions{})
	p.must(err)
}

// token is a new one of a ServiceAccount, for the API server or for other audiences.
func (p *place) token(account string, audiences ...string) string {
	p.t.Helper()
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: audiences}}
	request, err := p.CoreV1().ServiceAccounts(p.namespace).CreateToken(p.t.Context(), account, request, metav1.CreateOptions{})
	p.must(err)
	return request.Status.Token
}

// reader makes a ServiceAccount that may read metrics.
func (p *place) reader(name string) {
	p.t.Helper()
	p.account(name)
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: p.namespace + "-" + name}, Rules: []rbacv1.PolicyRule{
		{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}},
	}}
	_, err := p.RbacV1().ClusterRoles().Create(p.t.Context(), role, metav1.CreateOptions{})
	p.must(err)
	p.bind(name)
}

func (p *place) bind(account string) {
	p.t.Helper()
	name := p.namespace + "-" + account
	_, err := p.RbacV1().ClusterRoleBindings().Create(p.t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: name},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: p.namespace, Name: account}},
	}, metav1.CreateOptions{})
	p.must(err)
	p.eventuallyMay(account, true)
}

func (p *place) unbind(account string) {
	p.t.Helper()
	p.must(p.RbacV1().ClusterRoleBindings().Delete(p.t.Context(), p.namespace+"-"+account, metav1.DeleteOptions{}))
	p.eventuallyMay(account, false)
}

// eventuallyMay waits until the API server knows of a binding.
func (p *place) eventuallyMay(account string, may bool) {
	p.t.Helper()
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User:                  "system:serviceaccount:" + p.namespace + ":" + account,
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: "/metrics", Verb: "get"},
	}}
	NewWithT(p.t).Eventually(func(g Gomega) {
		answer, err := p.AuthorizationV1().SubjectAccessReviews().Create(p.t.Context(), review, metav1.CreateOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(answer.Status.Allowed).To(Equal(may))
	}, soon, often).Should(Succeed())
}

func (p *place) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// metrics serves a word to those who may get /metrics.
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
