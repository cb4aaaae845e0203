//go:build e2e && proof

package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	authenticationv1 "k8s.io/api/authentication/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
	rigoperator "github.com/fluxmonitoring/operator/test/rig/operator"
)

// opening is what the operator needs for what it asks in these tests: Secrets, and the token of a ServiceAccount.
const opening = `
{apiVersion: v1, kind: Secret, metadata: {namespace: monitoring, name: guess}, stringData: {username: flux, password: guess}}
---
{apiVersion: v1, kind: Secret, metadata: {namespace: monitoring, name: login}, stringData: {username: flux, password: secret}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: monitoring, name: asker}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: monitoring, name: asker}
rules:
- {apiGroups: [""], resources: [secrets], resourceNames: [guess, login, front], verbs: [get]}
- {apiGroups: [""], resources: [serviceaccounts/token], resourceNames: [asker], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: monitoring, name: asker}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: asker}
subjects: [{kind: ServiceAccount, namespace: fluxmonitoring-system, name: fluxmonitoring-operator}]
---
apiVersion: v1
kind: Secret
metadata: {namespace: monitoring, name: front}
stringData: {ca.crt: %[1]q, tls.crt: %[1]q, tls.key: %[2]q}
`

// askedBy are ways to ask an address, one after another, and what the status shows of each.
var askedBy = []struct{ name, verify, shown, message string }{
	{"a certificate of a private CA", `secretRef: {name: login}`, "Scraped=Unknown/Unreachable", "certificate not trusted"},
	{"no credentials", `certSecretRef: {name: front}`, "Scraped=Unknown/Unauthorized", "refuses the operator's questions"},
	{"a Secret that no Role names", `certSecretRef: {name: front}, secretRef: {name: sink}`, "RulesHealthy=Unknown/Unauthorized",
		"cannot read Secret monitoring/sink"},
	{"a wrong password", `certSecretRef: {name: front}, headers: {X-Scope-OrgID: team-a}, secretRef: {name: guess}`, "Scraped=Unknown/Unauthorized",
		"refuses the operator's questions"},
	{"a wrong tenant", `certSecretRef: {name: front}, headers: {X-Scope-OrgID: team-b}, secretRef: {name: login}`, "RulesHealthy=Unknown/Unauthorized",
		"refuses the operator's questions"},
	{"the right tenant and password", `certSecretRef: {name: front}, headers: {X-Scope-OrgID: team-a}, secretRef: {name: login}`, scraped,
		"scrapes every target"},
	{"a token for somebody else", `certSecretRef: {name: front}, headers: {X-Scope-OrgID: team-a}, serviceAccountName: asker, audience: others`,
		"Scraped=Unknown/Unauthorized", "refuses the operator's questions"},
	{"the right token", `certSecretRef: {name: front}, headers: {X-Scope-OrgID: team-a}, serviceAccountName: asker, audience: prometheus`, scraped,
		"scrapes every target"},
}

func TestAnAddressIsAskedWithTheRightCredentialsOnly(t *testing.T) {
	front := shared.server(t, nil)
	host, _, err := net.SplitHostPort(front.Listener.Addr().String())
	must(t, err)
	pair, certificate, key := selfSigned(t, host, "prometheus-operated.monitoring.svc")
	shared.applied(t, fmt.Sprintf(opening, certificate, key))
	to := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: shared.prometheusPod(t).Status.PodIP + ":9090"})
	front.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !shared.opens(r) {
			http.Error(w, "none of yours", http.StatusUnauthorized)
			return
		}
		to.ServeHTTP(w, r)
	})
	front.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	front.StartTLS()
	for _, by := range askedBy {
		t.Run(by.name, func(t *testing.T) {
			fm := shared.ask(t, fmt.Sprintf(`{prometheus: {verify: {interval: 10s, timeout: 3s, address: %q, %s}}}`, front.URL, by.verify))
			steady := shared.watchesForFlapping(t)
			start := time.Now()
			shared.shows(t, fm, ready, by.shown)
			t.Logf("shown after %s: %s", since(start), messages(fm, by.shown))
			shared.rests(t, fm)
			steady()
			NewWithT(t).Expect(rigoperator.Conditions(fm)).To(ContainElement(by.shown), "it stays so: what an earlier spec had shown was asked again")
			NewWithT(t).Expect(messages(fm, by.shown)).To(ContainSubstring(by.message))
		})
	}

	t.Run("the pods have such a certificate", func(t *testing.T) {
		fm := shared.ask(t, asked)
		well := []string{ready, scraped, healthy, effective}
		shared.shows(t, fm, well...)
		const web = `{"spec": {"web": {"tlsConfig": {
			"keySecret": {"name": "front", "key": "tls.key"}, "cert": {"secret": {"name": "front", "key": "tls.crt"}}}}}}`
		shared.breaks(t, fm, &broken{t.Name(), "Prometheus", web, `{"spec": {"web": null}}`, []string{"Scraped=Unknown/Unreachable"}, nil}, func() {
			NewWithT(t).Expect(messages(fm, "Scraped=")).To(ContainSubstring("certificate not trusted"))
			shared.ask(t, `{prometheus: {verify: {interval: 10s, timeout: 3s, certSecretRef: {name: front}}}}`)
			shared.shows(t, fm, well...)
			shared.ask(t, asked)
		}, well...)
	})
}

// opens lets a request of team-a in that has the password, or a token that the API server says is for Prometheus.
func (c *testCluster) opens(r *http.Request) bool {
	if r.Header.Get("X-Scope-OrgID") != "team-a" {
		return false
	}
	if _, password, basic := r.BasicAuth(); basic {
		return password == "secret"
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	review := &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token, Audiences: []string{"prometheus"}}}
	return c.Create(r.Context(), review) == nil && review.Status.Authenticated
}

// selfSigned is a certificate of this machine's address and of a name.
func selfSigned(t *testing.T, address, name string) (pair tls.Certificate, certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{name}, IPAddresses: []net.IP{net.ParseIP(address)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	must(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	key = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
	pair, err = tls.X509KeyPair([]byte(certificate), []byte(key))
	must(t, err)
	return pair, certificate, key
}

// other is a program with an API like that of Prometheus that runs on the node and has its samples.
type other struct {
	part, program, args string
	port                int
	// prometheus is the patch by which Prometheus gives it the samples, and without that by which it no longer does.
	prometheus, without string
	rules               string
}

var others = []other{
	{"victoria-metrics", "victoria-metrics", `[-storageDataPath=/tmp/data, -search.latencyOffset=0s]`, 8428,
		`{"spec": {"remoteWrite": [{"url": "http://victoria-metrics.monitoring.svc:8428/api/v1/write"}]}}`, `{"spec": {"remoteWrite": null}}`,
		"has current series of the recording rules; it does not say more of rules"},
	{"thanos", "thanos", `[query, --endpoint=dns+prometheus-operated.monitoring.svc.cluster.local:10901, --http-address=:10902]`, 10902,
		`{"spec": {"thanos": {"image": "fluxmonitoring.dev/thanos:1"}}}`, `{"spec": {"thanos": null}}`, "evaluates every rule group without an error"},
}

func TestOtherServersAreAskedByTheirAddress(t *testing.T) {
	for _, o := range others {
		t.Run(o.program, func(t *testing.T) {
			shared.runsBeside(t, o)
			shared.patched(t, "Prometheus", o.prometheus)
			defer shared.patched(t, "Prometheus", o.without)
			shared.available(t, 1)
			fm := shared.ask(t, fmt.Sprintf(`{prometheus: {verify: {interval: 10s, address: 'http://%s.monitoring.svc:%d'}}}`, o.program, o.port))
			steady := shared.watchesForFlapping(t)
			NewWithT(t).Eventually(func() (string, error) {
				err := shared.Get(t.Context(), client.ObjectKeyFromObject(fm), fm)
				return messages(fm, "RulesHealthy="), err
			}, reloaded, nowAndThen).Should(And(HavePrefix("http://"+o.program), HaveSuffix(o.rules)), "what an earlier spec had shown")
			shared.shows(t, fm, ready, scraped, healthy, effective, "Proven=True/AllSeen")
			shared.rests(t, fm)
			steady()
			shared.breaks(t, fm, &broken{t.Name(), "FluxMonitoring", noMetrics, `{"spec": {"patches": null}}`, []string{"Scraped=False/TargetsDown"}, nil},
				func() {}, scraped, healthy)
		})
	}
}

// runsBeside has the node run a program of the test bed behind a Service of its name, until the test ends.
func (c *testCluster) runsBeside(t *testing.T, o other) {
	t.Helper()
	folders, err := parts.Build(t.Context(), os.Stderr, o.part)
	must(t, err)
	_, err = c.bed.call(t.Context(), "load", "fluxmonitoring.dev/"+o.program+":1", filepath.Join(folders[0], o.program), "/bin/"+o.program)
	must(t, err)
	c.applied(t, fmt.Sprintf(`
apiVersion: v1
kind: Service
metadata: {namespace: monitoring, name: %[1]s}
spec: {selector: {app: %[1]s}, ports: [{port: %[2]d}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: monitoring, name: %[1]s}
spec:
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: program, image: 'fluxmonitoring.dev/%[1]s:1', args: %[3]s}]}
`, o.program, o.port, o.args))
	out, err := c.command(t.Context(), "rollout", "status", "-n", "monitoring", "deployments.apps/"+o.program, "--timeout="+patient.String()).CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), "%s", out)
}
