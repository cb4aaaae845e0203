package ask

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxmonitoring/operator/internal/proof"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/process"
	"github.com/fluxmonitoring/operator/test/rig"
)

var must = rig.Must

// program is a program of the test bed that runs until the test ends.
type program struct {
	t       *testing.T
	address string
	folder  string
}

// run starts a program of a part. Arguments name files of its folder, and its address, as {folder} and {address}.
func run(t *testing.T, part, name string, files map[string]string, args ...string) *program {
	t.Helper()
	folders, err := parts.Build(t.Context(), os.Stderr, part)
	must(t, err)
	addresses, err := cluster.FreeAddresses(1)
	must(t, err)
	p := &program{t, addresses[0], t.TempDir()}
	fill := strings.NewReplacer("{folder}", p.folder, "{address}", p.address)
	for file, content := range files {
		must(t, os.WriteFile(filepath.Join(p.folder, file), []byte(fill.Replace(content)), 0o600))
	}
	args = slices.Clone(args)
	for i := range args {
		args[i] = fill.Replace(args[i])
	}
	running, err := process.Start(name, filepath.Join(folders[0], name), filepath.Join(p.folder, "log"), func(err error) { t.Error(err) }, nil, args...)
	must(t, err)
	t.Cleanup(func() {
		running.Stop()
		if t.Failed() {
			t.Log(running.LastLines())
		}
	})
	return p
}

const rulesFile = "flux-system-flux-6f3fd2a4-7d2c-4d1e-9a34-1d8e2b1c0a55.yaml"

// prometheus starts a Prometheus with scrape configurations and rule groups, as prometheus-operator writes them for flux-system/flux.
func prometheus(t *testing.T, config, groups string, files map[string]string, args ...string) *program {
	t.Helper()
	all := map[string]string{
		"prometheus.yaml": "global: {scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms}\nrule_files: ['{folder}/*-*-*.yaml']\n" + config,
		rulesFile:         groups,
	}
	for name, content := range files {
		all[name] = content
	}
	return run(t, "prometheus", "prometheus", all, append([]string{"--config.file={folder}/prometheus.yaml", "--storage.tsdb.path={folder}/data",
		"--web.listen-address={address}", "--log.level=warn"}, args...)...)
}

// asks returns a client of a URL, which is allowed to connect to loopback addresses.
func asks(t *testing.T, base string, with func(*Options)) *Client {
	t.Helper()
	parsed, err := url.Parse(base)
	must(t, err)
	o := Options{Guard: Guard{Loopback: true}, Timeout: 5 * time.Second}
	if with != nil {
		with(&o)
	}
	c := New(parsed, o)
	t.Cleanup(c.Close)
	return c
}

// question is about a PodMonitor flux and one of the exporter, and a rule of two groups.
func question() *proof.Question {
	return &proof.Question{
		Targets:  []proof.Target{{Job: "flux-system/flux", Workload: "source-controller"}, {Job: "flux-system/flux-exporter"}},
		Rule:     "flux-system/flux",
		Groups:   []proof.Group{{Name: "flux.rules", Rules: []string{"flux:resource:observed"}}, {Name: "flux.alerts", Rules: []string{"FluxX"}}},
		Observed: "flux:resource:observed", Alerting: true,
	}
}

// serving is a server that does this with each request.
func serving(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// writing answers with a text.
func writing(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// answering answers with a status.
func answering(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// hanging answers when the client is gone.
func hanging(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// host is the address of a server, as Prometheus has targets.
func host(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }

// authority signs certificates.
type authority struct {
	t   *testing.T
	own tls.Certificate
	// PEM of its certificate.
	PEM string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.own, a.PEM, _ = a.sign("authority")
	return a
}

// sign returns a certificate of a name, for servers and clients; its own while it has none.
func (a *authority) sign(name string) (pair tls.Certificate, certificate, key string) {
	a.t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(a.t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: a.own.Leaf == nil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := template, any(private)
	if a.own.Leaf != nil {
		parent, signer = a.own.Leaf, a.own.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, private.Public(), signer)
	must(a.t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	must(a.t, err)
	leaf, err := x509.ParseCertificate(der)
	must(a.t, err)
	certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	key = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private, Leaf: leaf}, certificate, key
}

// roots trust the authority.
func (a *authority) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.own.Leaf)
	return pool
}

// scrapes is a scrape configuration of an endpoint of a PodMonitor. Targets are a controller's pod each.
func scrapes(monitor string, endpoint int, more string, targets ...string) string {
	config := fmt.Sprintf("- job_name: podMonitor/%s/%d\n  relabel_configs: [{target_label: job, replacement: %s}]\n%s  static_configs:\n", monitor, endpoint, monitor, more)
	for _, t := range targets {
		address, pod, _ := strings.Cut(t, " ")
		config += fmt.Sprintf("  - {targets: ['%s'], labels: {pod: %s}}\n", address, pod)
	}
	return config
}
