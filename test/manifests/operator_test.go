package manifests_test

import (
	"crypto/tls"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
	"github.com/fluxmonitoring/operator/test/rig/operator"
)

// monitoringStack is a namespace with a Prometheus and an Alertmanager.
func monitoringStack(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	return rig.Objects(t, rig.Read(t, "testdata/monitoring-stack.yaml"))
}

// operatorConfig authenticates as the operator's ServiceAccount, by a token of its own. It returns once the API server
// knows what the account may do.
func operatorConfig(t *testing.T) *rest.Config {
	t.Helper()
	config := rig.As(t, admin, plane.Config, system, account)
	c, err := client.New(config, client.Options{Scheme: scheme.Scheme})
	must(t, err)
	NewWithT(t).Eventually(func(g Gomega) {
		review := &authorizationv1.SelfSubjectAccessReview{}
		review.Spec.ResourceAttributes = &authorizationv1.ResourceAttributes{Group: "fluxmonitoring.dev", Resource: "fluxmonitorings", Verb: "watch"}
		g.Expect(c.Create(t.Context(), review)).To(Succeed())
		g.Expect(review.Status.Allowed).To(BeTrue())
	}, soon, often).Should(Succeed())
	return config
}

// runOperator runs the operator for the length of the test, over the namespaces that it watches or over all, and returns where it serves the
// state of Flux objects, by HTTPS.
func runOperator(t *testing.T, config *rest.Config, watched ...string) (exporter string) {
	t.Helper()
	addresses, err := cluster.FreeAddresses(1)
	must(t, err)
	operator.Run(t, config, func(o *controllers.Options) {
		o.ExporterAddress, o.MetricsSecure, o.Concurrent = addresses[0], true, 1
		o.TrustedNamespaces, o.WatchNamespaces = []string{"monitoring"}, watched
	})
	return addresses[0]
}

// scrape asks for metrics with a token, and returns the code of the answer.
func scrape(t *testing.T, address, token string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/metrics", nil)
	must(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // as Prometheus does with insecureSkipVerify
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	must(t, err)
	must(t, response.Body.Close())
	return response.StatusCode
}

// theOne is the FluxMonitoring of both samples.
func theOne(t *testing.T) *v1alpha1.FluxMonitoring {
	t.Helper()
	fm := &v1alpha1.FluxMonitoring{}
	must(t, admin.Get(t.Context(), client.ObjectKey{Namespace: "monitoring", Name: "flux"}, fm))
	return fm
}

func settled(t *testing.T, conditions ...string) {
	t.Helper()
	operator.Settled(t, admin, theOne(t), conditions...)
}

func change(t *testing.T, patch string) {
	t.Helper()
	must(t, admin.Patch(t.Context(), theOne(t), client.RawPatch("application/merge-patch+json", []byte(patch))))
}
