package controllers_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/util/cert"

	"github.com/fluxmonitoring/operator/controllers"
)

func TestSecureMetricsRequireAnAuthorizedToken(t *testing.T) {
	addresses := []string{free(t), free(t)}
	p := inOwnCluster(t, func(o *controllers.Options) {
		o.MetricsSecure, o.MetricsAddress, o.ExporterAddress = true, addresses[0], addresses[1]
	}).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready, "ResourceMetrics=False/NoToken", "AlertsEffective=False/NotScraped")
	p.change(fm, patched("PodMonitor", `[{"op":"add","path":"/spec/podMetricsEndpoints/0/authorization",
		"value":{"credentials":{"name":"token","key":"token"}}}]`))
	p.settled(fm, ready, "ResourceMetrics=True/Served")
	for _, name := range []string{"flux-exporter", "flux-fluxmonitoring"} {
		p.Expect(*p.endpoint(name).Scheme).To(BeEquivalentTo("https"), name)
		p.Expect(p.endpoint(name).TLSConfig).To(Equal(&monitoringv1.SafeTLSConfig{InsecureSkipVerify: new(true)}), name)
	}
	p.Expect(p.endpoint("flux").Scheme).To(BeNil(), "Flux's controllers export over HTTP")

	reader, stranger := p.tokenOf("reader"), p.tokenOf("stranger")
	p.grant("reader", p.account("reader"), rbacv1.PolicyRule{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}})
	for _, address := range addresses {
		url := "https://" + address + "/metrics"
		p.Eventually(func() string { return answer(t, url, reader) }).Should(HavePrefix("200 # HELP"))
		p.Expect(answer(t, url, stranger)).To(Equal("403 this account may not get /metrics: bind it to the ClusterRole fluxmonitoring-metrics-reader\n"))
		p.Expect(answer(t, url, "not.a.token")).To(Equal("401 send the bearer token of a ServiceAccount\n"))
		p.Expect(answer(t, url)).To(Equal("401 send the bearer token of a ServiceAccount\n"))
	}
}

func TestSecureMetricsUseTheSuppliedCertificate(t *testing.T) {
	p := inVacantCluster(t)
	addresses := []string{free(t), free(t)}
	const name = "fluxmonitoring-operator-metrics.fluxmonitoring-system.svc"
	certificate, key, err := cert.GenerateSelfSignedCertKey(name, nil, nil)
	p.Expect(err).NotTo(HaveOccurred())
	folder := t.TempDir()
	p.Expect(os.WriteFile(filepath.Join(folder, "tls.crt"), certificate, 0o600)).To(Succeed())
	p.Expect(os.WriteFile(filepath.Join(folder, "tls.key"), key, 0o600)).To(Succeed())
	p.operator(t, func(o *controllers.Options) {
		o.MetricsSecure, o.MetricsCertDir, o.MetricsAddress, o.ExporterAddress = true, folder, addresses[0], addresses[1]
	})
	trusted := x509.NewCertPool()
	p.Expect(trusted.AppendCertsFromPEM(certificate)).To(BeTrue())
	for _, address := range addresses {
		p.Eventually(func() error {
			connection, err := tls.Dial("tcp", address, &tls.Config{RootCAs: trusted, ServerName: name})
			if err == nil {
				err = connection.Close()
			}
			return err
		}).Should(Succeed(), address)
	}
}

func TestAnUnusableCertificateFailsTheStart(t *testing.T) {
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
