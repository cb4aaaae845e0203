package verify

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/proof"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

var (
	shared = cluster.Common(cluster.MonitoringCRDs)
	plane  *cluster.ControlPlane
	admin  client.Client
	must   = rig.Must
)

func TestMain(m *testing.M) {
	os.Exit(shared.Main(m, func(_ context.Context, p *cluster.ControlPlane) (err error) {
		plane = p
		admin, err = client.New(p.Config, client.Options{Scheme: scheme.Scheme})
		return err
	}))
}

// place is a namespace with an operator of its own, which may do what the operator may that is not its own.
type place struct {
	t         *testing.T
	namespace string
	*Verifier
	mu sync.Mutex
	// requests that reached the API server, as verb and path.
	requests []string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, Verifier: New(), namespace: namespace(t)}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "operator"}}
	must(t, admin.Create(t.Context(), account))
	must(t, admin.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "flux"}}))
	list := func(group, resource string, verbs ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{resource}, Verbs: verbs}
	}
	p.grantEverywhere(list("discovery.k8s.io", "endpointslices", "list"), list("networking.k8s.io", "networkpolicies", "list"),
		list("monitoring.coreos.com", "podmonitors", "get"), list("monitoring.coreos.com", "alertmanagerconfigs", "get"), list("", "serviceaccounts", "impersonate"))
	config := rig.As(t, admin, plane.Config, p.namespace, account.Name)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return counted{p, next} })
	own, err := client.New(config, client.Options{Scheme: scheme.Scheme})
	must(t, err)
	p.Live, p.APIServer = own, plane.Config.Host
	p.Trusts = func(namespace string) bool { return namespace == p.namespace }
	p.ClientFor = func(namespace, account string) (client.Client, error) {
		if account == "" {
			return own, nil
		}
		as := rest.CopyConfig(config)
		as.Impersonate = rest.ImpersonationConfig{UserName: "system:serviceaccount:" + namespace + ":" + account}
		return client.New(as, client.Options{Scheme: scheme.Scheme, Mapper: own.RESTMapper()})
	}
	return p
}

func namespace(t *testing.T) string {
	t.Helper()
	n := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "verify-"}}
	must(t, admin.Create(t.Context(), n))
	return n.Name
}

// counted notes requests.
type counted struct {
	place *place
	next  http.RoundTripper
}

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.place.mu.Lock()
	c.place.requests = append(c.place.requests, r.Method+" "+r.URL.Path)
	c.place.mu.Unlock()
	return c.next.RoundTrip(r)
}

// count is how many requests had all of these texts.
func (p *place) count(texts ...string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.requests {
		all := true
		for _, text := range texts {
			all = all && strings.Contains(r, text)
		}
		if all {
			n++
		}
	}
	return n
}

func (p *place) grantEverywhere(rules ...rbacv1.PolicyRule) {
	p.t.Helper()
	name := metav1.ObjectMeta{Name: p.namespace}
	must(p.t, admin.Create(p.t.Context(), &rbacv1.ClusterRole{ObjectMeta: name, Rules: rules}))
	must(p.t, admin.Create(p.t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: name, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: p.namespace},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: p.namespace, Name: "operator"}},
	}))
}

// grant gives a ServiceAccount the Role of docs/how-to/verify.md: one verb on one named object. It waits until the API server knows.
func (p *place) grant(account, resource, verb, name string) {
	p.t.Helper()
	meta := metav1.ObjectMeta{Namespace: p.namespace, GenerateName: "verify-"}
	role := &rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{resource}, Verbs: []string{verb}, ResourceNames: []string{name}}}}
	must(p.t, admin.Create(p.t.Context(), role))
	must(p.t, admin.Create(p.t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: p.namespace, Name: account}},
	}))
}

// server is a Prometheus or Alertmanager that notes what it is sent.
type server struct {
	*httptest.Server
	mu            sync.Mutex
	authorization []string
}

const nothing = `{"status":"success","data":{"activeTargets":[],"groups":[],"result":[],"activeAlertmanagers":[]}}`

// serve starts a server on the machine's own address; without a handler it has nothing.
func serve(t *testing.T, handle http.HandlerFunc) *server {
	t.Helper()
	if handle == nil {
		handle = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(nothing)) }
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(rig.OwnAddress(t), "0"))
	must(t, err)
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.authorization = append(s.authorization, r.Header.Get("Authorization"))
		s.mu.Unlock()
		handle(w, r)
	}))
	s.Listener = listener
	s.Start()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// sent are the different Authorization headers that it got.
func (s *server) sent() map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]bool{}
	for _, a := range s.authorization {
		all[a] = true
	}
	return all
}

func (s *server) port(t *testing.T) int32 {
	_, text, err := net.SplitHostPort(s.Listener.Addr().String())
	must(t, err)
	port, err := strconv.ParseInt(text, 10, 32)
	must(t, err)
	return int32(port)
}

// slice is the EndpointSlice of a pod behind prometheus-operated.
func slice(namespace, pod string, port int32, addresses ...string) *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: namespace, GenerateName: "prometheus-operated-", Labels: map[string]string{discoveryv1.LabelServiceName: "prometheus-operated"}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: new("web"), Port: &port}},
		Endpoints: []discoveryv1.Endpoint{{
			Addresses: addresses, TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: pod}, Conditions: discoveryv1.EndpointConditions{Ready: new(true)},
		}},
	}
}

// backend is Prometheus k8s of a namespace.
func backend(namespace string) proof.Backend {
	return proof.Backend{Kind: "Prometheus", Namespace: namespace, Name: "k8s", Service: "prometheus-operated", Port: "web"}
}

// question is about one PodMonitor of the place, and Prometheus k8s of a namespace.
func (p *place) question(in string) *proof.Question {
	q := &proof.Question{Namespace: p.namespace, Targets: []proof.Target{{Job: p.namespace + "/flux"}}, Prometheuses: []proof.Backend{backend(in)}}
	q.Verify.Timeout = "5s"
	return q
}

// behind serves Prometheus k8s of a namespace.
func (p *place) behind(in string, handle http.HandlerFunc) *server {
	p.t.Helper()
	s := serve(p.t, handle)
	must(p.t, admin.Create(p.t.Context(), slice(in, "prometheus-k8s-0", s.port(p.t), rig.OwnAddress(p.t))))
	return s
}

// fault is what keeps the first Prometheus of a question from answering.
func (p *place) fault(q *proof.Question) proof.Fault {
	p.t.Helper()
	prometheuses, _ := p.round(p.t.Context(), q)
	if f := prometheuses[0].Fault; f != (proof.Fault{}) {
		return f
	}
	return prometheuses[0].Answers[0].Fault
}
