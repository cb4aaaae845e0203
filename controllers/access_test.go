package controllers_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/cert"

	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestSecureMetricsAreForThoseAloneWhomTheAPIServerLetsReadThem(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	addresses, err := cluster.FreeAddresses(2)
	g.Expect(err).NotTo(HaveOccurred())
	c.operator(t, func(o *controllers.Options) {
		o.MetricsSecure, o.MetricsAddress, o.ExporterAddress = true, addresses[0], addresses[1]
	})
	p := c.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready, "ResourceMetrics=False/NoToken", "AlertsEffective=False/NotScraped")
	p.change(fm, patched("PodMonitor", `[{"op":"add","path":"/spec/podMetricsEndpoints/0/authorization",
		"value":{"credentials":{"name":"token","key":"token"}}}]`))
	p.settled(fm, ready, "ResourceMetrics=True/Served")
	for _, name := range []string{"flux-exporter", "flux-fluxmonitoring"} {
		g.Expect(endpoint(p, name)).To(And(HaveKeyWithValue("scheme", "https"),
			HaveKeyWithValue("tlsConfig", map[string]any{"insecureSkipVerify": true})), name)
	}
	g.Expect(endpoint(p, "flux")).NotTo(HaveKey("scheme"), "Flux's controllers serve as they do")

	reader, stranger := p.tokenOf("reader"), p.tokenOf("stranger")
	p.lets("reader", rbacv1.PolicyRule{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}})
	for _, address := range addresses {
		g.Eventually(func() string { return asked(t, address, reader) }, soon, often).Should(HavePrefix("200 # HELP"))
		g.Expect(asked(t, address, stranger)).To(Equal("403 this account may not get /metrics: bind it to the ClusterRole fluxmonitoring-metrics-reader\n"))
		g.Expect(asked(t, address, "not.a.token")).To(Equal("401 send the bearer token of a ServiceAccount\n"))
		g.Expect(asked(t, address, "")).To(Equal("401 send the bearer token of a ServiceAccount\n"))
	}
}

func TestSecureMetricsHaveTheCertificateThatIsSupplied(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	addresses, err := cluster.FreeAddresses(2)
	g.Expect(err).NotTo(HaveOccurred())
	const name = "fluxmonitoring-operator-metrics.fluxmonitoring-system.svc"
	certificate, key, err := cert.GenerateSelfSignedCertKey(name, nil, nil)
	g.Expect(err).NotTo(HaveOccurred())
	folder := t.TempDir()
	g.Expect(os.WriteFile(filepath.Join(folder, "tls.crt"), certificate, 0o600)).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join(folder, "tls.key"), key, 0o600)).To(Succeed())
	c.operator(t, func(o *controllers.Options) {
		o.MetricsSecure, o.MetricsCertDir, o.MetricsAddress, o.ExporterAddress = true, folder, addresses[0], addresses[1]
	})
	trusted := x509.NewCertPool()
	g.Expect(trusted.AppendCertsFromPEM(certificate)).To(BeTrue())
	for _, address := range addresses {
		g.Eventually(func() error {
			connection, err := tls.Dial("tcp", address, &tls.Config{RootCAs: trusted, ServerName: name})
			if err == nil {
				err = connection.Close()
			}
			return err
		}, soon, often).Should(Succeed(), address)
	}
}

func TestACertificateThatCannotBeUsedIsSaidAtTheStart(t *testing.T) {
	c := vacantCluster(t)
	folder := t.TempDir()
	for sentence, e := range map[string]struct {
		secure bool
		err    string
	}{
		"without HTTPS": {false, "--metrics-cert-dir names a certificate for HTTPS, and metrics are served without: set --metrics-secure too"},
		"without files": {true, "--metrics-cert-dir: reading a certificate: open " + folder + "/tls.crt: no such file or directory: " + folder +
			" must hold tls.crt and tls.key, a certificate and its key in PEM: mount a Secret of type kubernetes.io/tls there"},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := c.startOperator(t.Context(), func(o *controllers.Options) { o.MetricsSecure, o.MetricsCertDir = e.secure, folder })
			NewWithT(t).Expect(err).To(MatchError(e.err))
		})
	}
}

// endpoint is the only one of a PodMonitor.
func endpoint(p *place, name string) map[string]any {
	p.t.Helper()
	all := p.get("PodMonitor", name).Object["spec"].(map[string]any)["podMetricsEndpoints"].([]any) //nolint:forcetypeassert // it is its schema
	return all[0].(map[string]any)                                                                  //nolint:forcetypeassert // as above
}

// tokenOf is the token of a new ServiceAccount.
func (p *place) tokenOf(name string) string {
	p.t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: name}}
	p.must(p.Create(p.t.Context(), account))
	all, err := kubernetes.NewForConfig(p.plane.Config)
	p.must(err)
	request, err := all.CoreV1().ServiceAccounts(p.namespace).CreateToken(p.t.Context(), name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	p.must(err)
	return request.Status.Token
}

// lets allows a ServiceAccount of the place's namespace something everywhere.
func (p *place) lets(name string, rule rbacv1.PolicyRule) {
	p.t.Helper()
	all, err := kubernetes.NewForConfig(p.plane.Config)
	p.must(err)
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: p.namespace + "-" + name}, Rules: []rbacv1.PolicyRule{rule}}
	_, err = all.RbacV1().ClusterRoles().Create(p.t.Context(), role, metav1.CreateOptions{})
	p.must(err)
	_, err = all.RbacV1().ClusterRoleBindings().Create(p.t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: role.ObjectMeta, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: role.Name},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: p.namespace, Name: name}},
	}, metav1.CreateOptions{})
	p.must(err)
}

// asked is what an address answers whoever has this token: the code, and how it begins.
func asked(t *testing.T, address, token string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // as Prometheus is told to
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	body, _ := io.ReadAll(io.LimitReader(response.Body, 200))
	return fmt.Sprint(response.StatusCode, " ", string(body))
}
