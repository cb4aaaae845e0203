package ask

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/proof"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

const goodRules = `groups:
- {name: flux.rules, rules: [{record: "flux:resource:observed", expr: vector(1)}]}
- {name: flux.alerts, rules: [{alert: FluxX, expr: vector(0) == 1}]}
`

// seen is an answer in order, without the age of its series, which varies.
func (c *Client) seen(t *testing.T, q *proof.Question) proof.Answer {
	a := c.Prometheus(t.Context(), q, true)
	a.Age = 0
	slices.SortFunc(a.Targets, func(a, b proof.SeenTarget) int { return strings.Compare(a.Job+" "+a.Workload, b.Job+" "+b.Workload) })
	return a
}

// evaluated are groups as they are seen when all is well.
func evaluated(groups ...proof.Group) (seen []proof.SeenGroup) {
	for _, g := range groups {
		seen = append(seen, proof.SeenGroup{Group: g, Evaluated: true})
	}
	return seen
}

func up(job, workload string) proof.SeenTarget {
	return proof.SeenTarget{Job: job, Workload: workload, Health: proof.HealthUp}
}

func down(workload string, class proof.Class) proof.SeenTarget {
	return proof.SeenTarget{Job: "flux-system/flux", Workload: workload, Health: proof.HealthDown, Error: class}
}

func TestAPrometheusIsAskedForItsTargetsRulesAndSeries(t *testing.T) {
	t.Parallel()
	good, many := serving(t, writing("x 1\n")), serving(t, writing("x 1\ny 1\nz 1\n"))
	denied, broken, slow := serving(t, answering(http.StatusUnauthorized)), serving(t, answering(http.StatusServiceUnavailable)), serving(t, hanging)
	closed, err := cluster.FreeAddresses(1)
	must(t, err)
	p := prometheus(t, "alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:9']}]}]}\nscrape_configs:\n"+
		scrapes("flux-system/flux", 0, "", host(good)+" source-controller-5d9f-abcde", closed[0]+" kustomize-controller-5d9f-abcde",
			host(denied)+" helm-controller-5d9f-abcde", host(broken)+" image-controller-5d9f-abcde", host(slow)+" notification-controller-5d9f-abcde")+
		scrapes("flux-system/flux", 1, "  sample_limit: 1\n", host(many)+" source-watcher-5d9f-abcde")+
		scrapes("flux-system/flux-exporter", 0, "", host(good)+" fluxmonitoring-operator-5d9f-abcde")+
		scrapes("flux-system/other", 0, "", host(good)+" source-controller-5d9f-abcde"),
		goodRules+"- {name: flux.failing, rules: [{record: bad, expr: up * on() up}]}\n- {name: flux.later, interval: 1d, rules: [{record: z, expr: vector(1)}]}\n",
		map[string]string{"flux-system-fluxes-6f3fd2a4-7d2c-4d1e-9a34-1d8e2b1c0a55.yaml": "groups: [{name: flux.rules, rules: [{record: other, expr: '1'}]}]\n"})
	q := question()
	q.Groups = append(q.Groups, proof.Group{Name: "flux.failing"}, proof.Group{Name: "flux.later"}, proof.Group{Name: "flux.none"})

	rig.Eventually(t, func() proof.Answer { return asks(t, "http://"+p.address, nil).seen(t, q) }).Should(Equal(proof.Answer{
		Targets: []proof.SeenTarget{
			down("helm-controller", proof.ClassUnauthorized), down("image-controller", proof.ClassServerError),
			down("kustomize-controller", proof.ClassRefused), down("notification-controller", proof.ClassTimeOut), up("flux-system/flux", "source-controller"),
			down("source-watcher", proof.ClassLimit), up("flux-system/flux-exporter", "fluxmonitoring-operator"),
		},
		Groups: append(evaluated(question().Groups[1]), proof.SeenGroup{Group: proof.Group{Name: "flux.failing", Rules: []string{"bad"}}, Evaluated: true, Failing: "bad"},
			proof.SeenGroup{Group: proof.Group{Name: "flux.later", Rules: []string{"z"}}}, evaluated(question().Groups[0])[0]),
		Observed: true, Alertmanagers: 1,
	}))
	NewWithT(t).Expect(asks(t, "http://"+p.address, nil).Prometheus(t.Context(), q, false)).To(HaveField("Groups", BeEmpty()), "an agent evaluates nothing")
}

func TestCredentialsAndCertificatesOpenAPrometheus(t *testing.T) {
	t.Parallel()
	authority, stranger := newAuthority(t), newAuthority(t)
	_, certificate, key := authority.sign("prometheus-operated.monitoring.svc")
	shown, _, _ := authority.sign("fluxmonitoring")
	p := prometheus(t, "", goodRules, map[string]string{
		"ca.crt": authority.PEM, "tls.crt": certificate, "tls.key": key,
		"web.yaml": `tls_server_config: {cert_file: tls.crt, key_file: tls.key, client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert}
basic_auth_users: {flux: $2a$04$w2XQPU9KeT.mm.ELHqaPbOuljLGtf8E8EAgnC2Av5uIlEur3T2jdu}
`}, "--web.config.file={folder}/web.yaml", "--web.route-prefix=/team", "--web.external-url=https://example.com/team")
	right := func(o *Options) {
		o.Roots, o.Certificate, o.ServerName = authority.roots(), &shown, "prometheus-operated.monitoring.svc"
		o.Credentials = Credentials{Username: "flux", Password: "secret"}
	}
	rig.Eventually(t, func() proof.Answer { return asks(t, "https://"+p.address+"/team", right).seen(t, question()) }).Should(Equal(proof.Answer{
		Groups: evaluated(question().Groups[1], question().Groups[0]), Observed: true,
	}))
	for name, c := range map[string]struct {
		base  string
		with  func(*Options)
		class proof.Class
	}{
		"another password":        {"https", func(o *Options) { o.Credentials.Password = "guess" }, proof.ClassUnauthorized},
		"a token":                 {"https", func(o *Options) { o.Credentials = Credentials{Token: "x"} }, proof.ClassUnauthorized},
		"no credentials":          {"https", func(o *Options) { o.Credentials = Credentials{} }, proof.ClassUnauthorized},
		"no client certificate":   {"https", func(o *Options) { o.Certificate = nil }, proof.ClassCertificate},
		"another authority":       {"https", func(o *Options) { o.Roots = stranger.roots() }, proof.ClassCertificate},
		"the system's":            {"https", func(o *Options) { o.Roots = nil }, proof.ClassCertificate},
		"another name":            {"https", func(o *Options) { o.ServerName = "prometheus" }, proof.ClassCertificate},
		"http to a port of https": {"http", func(*Options) {}, proof.ClassNotAnAPI},
	} {
		t.Run(name, func(t *testing.T) {
			client := asks(t, c.base+"://"+p.address+"/team", func(o *Options) { right(o); c.with(o) })
			NewWithT(t).Expect(client.Prometheus(t.Context(), question(), true).Fault).To(Equal(proof.Fault{Class: c.class}))
		})
	}
	plain := serving(t, writing("{}"))
	NewWithT(t).Expect(asks(t, "https://"+host(plain), right).Prometheus(t.Context(), question(), true).Fault.Class).To(Equal(proof.ClassNotAnAPI), "https to http")
}

func TestVictoriaMetricsIsAskedByItsSeries(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	flags := []string{"-storageDataPath={folder}/data", "-httpListenAddr={address}", "-search.latencyOffset=0s", "-loggerLevel=WARN"}
	alone := run(t, "victoria-metrics", "victoria-metrics", nil, flags...)
	q := question()
	q.Verify.Address, q.Cluster = "http://"+alone.address, "a"
	ask := func(p *program) func() proof.Answer {
		return func() proof.Answer { return asks(t, "http://"+p.address, nil).seen(t, q) }
	}
	rig.Eventually(t, ask(alone)).Should(Equal(proof.Answer{Mute: true, Alertmanagers: -1}))

	rules := run(t, "victoria-metrics", "vmalert", map[string]string{"rules.yaml": goodRules}, "-rule={folder}/rules.yaml", "-httpListenAddr={address}",
		"-evaluationInterval=1s", "-rule.evalDelay=0s", "-datasource.url=http://"+alone.address, "-remoteWrite.url=http://"+alone.address,
		"-notifier.url=http://127.0.0.1:9", "-remoteWrite.flushInterval=100ms", "-loggerLevel=WARN")
	proxied := run(t, "victoria-metrics", "victoria-metrics", nil, append(flags, "-vmalert.proxyURL=http://"+rules.address)...)
	for _, p := range []*program{alone, proxied} {
		rig.Eventually(t, func() error {
			response, err := http.Post("http://"+p.address+"/api/v1/import/prometheus", "", strings.NewReader(
				"up{job=\"flux-system/flux\",cluster=\"a\",pod=\"source-controller-5d9f-abcde\"} 1\n"+
					"up{job=\"flux-system/flux-exporter\",cluster=\"a\",pod=\"operator-5d9f-abcde\"} 0\n"+
					"up{job=\"flux-system/flux\",cluster=\"b\",pod=\"source-controller-5d9f-abcde\"} 0\n"+
					"up{job=\"flux-systemXflux\",cluster=\"a\"} 0\nflux:resource:observed 1\n"))
			if err == nil {
				_ = response.Body.Close()
			}
			return err
		}).Should(Succeed())
	}
	by := proof.Answer{
		Targets:  []proof.SeenTarget{up("flux-system/flux", "source-controller"), {Job: "flux-system/flux-exporter", Workload: "operator", Health: proof.HealthDown}},
		Observed: true, Alertmanagers: -1, Groups: evaluated(q.Groups[1], q.Groups[0]),
	}
	rig.Eventually(t, ask(proxied)).Should(Equal(by))
	by.Groups, by.Mute = nil, true
	rig.Eventually(t, ask(alone)).Should(Equal(by))
	judged := proof.Judge(*q, []proof.Prometheus{{Backend: proof.Backend{Address: q.Verify.Address, Rules: true}, Answers: []proof.Answer{ask(alone)()}}}, nil)
	g.Expect(judged).To(Equal(proof.Findings{
		Scraped: proof.Finding{Status: "False", Reason: "TargetsDown", Message: q.Verify.Address + " cannot scrape PodMonitor flux-system/flux-exporter: another error. See its page /targets"},
		Rules: proof.Finding{Status: "True", Reason: "RulesEvaluated",
			Message: q.Verify.Address + " has current series of the recording rules; it does not say more of rules"},
	}))
}

// mimir answers as Mimir's documentation says: for a tenant only, below a prefix, without targets and Alertmanagers. Mimir itself is not run.
func mimir(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("X-Scope-OrgID") != "team-a":
		http.Error(w, "no org id", http.StatusUnauthorized)
	case r.URL.Path == "/prometheus/api/v1/query" && strings.HasPrefix(r.FormValue("query"), "up{"):
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"job":"flux-system/flux","pod":"source-controller-a-b"},"value":[1,"1"]}]}}`)
	case r.URL.Path == "/prometheus/api/v1/query":
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"12.5"]}]}}`)
	case r.URL.Path == "/prometheus/api/v1/rules":
		_, _ = fmt.Fprintf(w, `{"status":"success","data":{"groups":[
			{"name":"flux.rules","file":"flux","interval":30,"rules":[{"name":"flux:resource:observed","health":"err","labels":{"cluster":"b"}}]},
			{"name":"flux.rules","file":"flux","interval":30,"evaluationTime":31,"lastEvaluation":"2026-01-01T00:00:00Z",
				"rules":[{"name":"flux:resource:observed","health":"ok","labels":{"cluster":"a"}}]}]}}`)
	default:
		http.NotFound(w, r)
	}
}

func TestMimirIsAskedWithItsTenant(t *testing.T) {
	g, server, q := NewWithT(t), serving(t, mimir), question()
	q.Verify.Address, q.Cluster = server.URL+"/prometheus", "a" // another cluster has the same groups
	as := func(tenant string) proof.Answer {
		return asks(t, q.Verify.Address, func(o *Options) { o.Credentials.Headers = map[string]string{"X-Scope-OrgID": tenant} }).seen(t, q)
	}
	g.Expect(as("team-a")).To(Equal(proof.Answer{
		Targets: []proof.SeenTarget{up("flux-system/flux", "source-controller")}, Observed: true, Alertmanagers: -1,
		Groups: []proof.SeenGroup{{Group: question().Groups[0], Evaluated: true, Slow: true}},
	}))
	g.Expect(as("team-b").Fault.Class).To(Equal(proof.ClassUnauthorized))
}
