package exporter

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

var (
	must       = rig.Must
	eventually = rig.Eventually
)

// things are a kind of the tests' own, which is served as v1 and v1beta1.
var things = flux.ServedKind{Version: "v1", Kind: flux.Kind{
	Name: "Thing", Group: "test.fluxcd.io", Plural: "things", State: []flux.StateLabel{{Name: "revision", Paths: [][]string{{"spec", "revision"}}}},
}}

// crds are the kinds of the clusters of these tests. Other packages have none of them, for what is exported is of all namespaces.
var crds = cluster.WithCRDs(cluster.FluxCRDs, "testdata/crds")

// shared is the cluster of all tests but those that have their own.
var shared = cluster.Share(crds)

func TestMain(m *testing.M) {
	os.Exit(shared.Main(m))
}

// testCluster is a cluster, and a namespace in it of a test's own.
type testCluster struct {
	client.Client
	t         *testing.T
	plane     *cluster.ControlPlane
	namespace string
	// user is the one that exporters impersonate, if any. requests and changes are what they send and report.
	user     string
	requests requests
	changes  atomic.Int32
}

// newCluster gives a test a namespace of its own in the cluster of all tests.
func newCluster(t *testing.T) *testCluster {
	t.Helper()
	plane, err := shared.Plane()
	must(t, err)
	return on(t, plane)
}

// ownCluster gives a test a cluster that no other has.
func ownCluster(t *testing.T) *testCluster {
	t.Helper()
	plane, err := cluster.Start(t.Context(), crds)
	must(t, err)
	t.Cleanup(func() { _ = plane.Stop() })
	return on(t, plane)
}

func on(t *testing.T, plane *cluster.ControlPlane) *testCluster {
	t.Helper()
	c, err := client.New(plane.Config, client.Options{})
	must(t, err)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "exporter-"}}
	must(t, c.Create(t.Context(), namespace))
	return &testCluster{Client: c, t: t, plane: plane, namespace: namespace.Name}
}

// create creates an object of a kind, removed when the test ends, and writes its status.
func (c *testCluster) create(kind flux.ServedKind, name, content string) *unstructured.Unstructured {
	c.t.Helper()
	o := &unstructured.Unstructured{Object: map[string]any{}}
	must(c.t, yaml.Unmarshal([]byte(content), &o.Object))
	o.SetAPIVersion(kind.Group + "/" + kind.Version)
	o.SetKind(kind.Name)
	o.SetNamespace(c.namespace)
	o.SetName(name)
	status := o.Object["status"]
	must(c.t, c.Create(c.t.Context(), o))
	c.t.Cleanup(func() { _ = c.Delete(context.Background(), o) })
	if status != nil {
		c.status(o, status)
	}
	return o
}

// status writes the status of an object.
func (c *testCluster) status(o *unstructured.Unstructured, status any) {
	c.t.Helper()
	o.Object["status"] = status
	must(c.t, c.Status().Update(c.t.Context(), o))
}

// isReady is the status of an object with this Ready condition.
func isReady(status string) any {
	return map[string]any{"conditions": []any{map[string]any{
		"type": "Ready", "status": status, "reason": "Tested", "message": "-", "lastTransitionTime": "2026-08-01T10:00:00Z",
	}}}
}

const kustomization = `spec: {interval: 10m, prune: true, path: ./, sourceRef: {kind: GitRepository, name: apps}}`

// exporter is an exporter of this cluster that follows these kinds, if any, until the test ends.
func (c *testCluster) exporter(o Options, kinds ...flux.ServedKind) *Exporter {
	c.t.Helper()
	config := rest.CopyConfig(c.plane.Config)
	config.Impersonate.UserName = c.user
	config.Wrap(c.requests.wrap)
	o.Changed = func() { c.changes.Add(1) }
	e, err := New(config, nil, o)
	must(c.t, err)
	if len(kinds) > 0 {
		follow(c.t, e, kinds...)
	}
	return e
}

// exported has a label of each series of a family in the namespace of the test, by the name of the object.
func (c *testCluster) exported(e *Exporter, family, label string) func() map[string]string {
	return func() map[string]string {
		values := map[string]string{}
		for _, l := range parse(c.t, []byte(e.text(false)), acceptText) {
			if l.Get("__name__") == family && (l.Get("exported_namespace") == c.namespace || l.Get("namespace") == c.namespace) {
				values[l.Get("name")] = l.Get(label)
			}
		}
		return values
	}
}

func (c *testCluster) ready(e *Exporter) func() map[string]string {
	return c.exported(e, flux.StateInfo, "ready")
}

// follow follows these kinds until the test ends.
func follow(t *testing.T, e *Exporter, kinds ...flux.ServedKind) {
	t.Helper()
	e.Follow(t.Context(), Desired{Kinds: kinds})
}

// requests are the requests of exporters, as they were sent. The answer to some can be held or replaced.
type requests struct {
	mu     sync.Mutex
	sent   []string
	answer func(*http.Request) *http.Response
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip sends a request.
func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

func (r *requests) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		r.mu.Lock()
		r.sent = append(r.sent, request.URL.Path+"?"+request.URL.RawQuery)
		r.mu.Unlock()
		if r.answer != nil {
			if answer := r.answer(request); answer != nil {
				return answer, nil
			}
		}
		return next.RoundTrip(request)
	})
}

// of counts the requests with these parameters.
func (r *requests) of(parameters ...string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, request := range r.sent {
		lacks := func(parameter string) bool { return !strings.Contains(request, parameter) }
		if !slices.ContainsFunc(parameters, lacks) {
			n++
		}
	}
	return n
}

// refusal is an answer of an API server that refuses.
func refusal(request *http.Request, code int, reason metav1.StatusReason) *http.Response {
	body := fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":%q,"code":%d}`, reason, code)
	return &http.Response{
		StatusCode: code, Request: request, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)),
	}
}
