package ask

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/proof"
)

// endless writes something, and then one text after the other until the client has enough.
func endless(begin, next string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, err := io.WriteString(w, begin); err == nil; _, err = io.WriteString(w, next) {
		}
	}
}

// dripping writes a byte at a time, which no limit on silence notices.
func dripping(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		_, _ = io.WriteString(w, " ")
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// configured answers as an Alertmanager with a configuration.
func configured(original string) http.HandlerFunc {
	status, _ := json.Marshal(map[string]any{"config": map[string]any{"original": original}})
	return writing(string(status))
}

// bomb expands to a billion.
func bomb() string {
	text := "a0: &a0 [x]\n"
	for i := range 9 {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	return text + "receivers: *a9\n"
}

func TestWhateverAServerAnswersIsAClassWithinBounds(t *testing.T) {
	target := `{"scrapePool":"podMonitor/flux-system/flux/0","health":"up","labels":{"pod":"a-b-c"}},`
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		class  proof.Class
	}{
		"401":                         {answering(401), proof.ClassUnauthorized},
		"403":                         {answering(403), proof.ClassForbidden},
		"404":                         {answering(404), proof.ClassNotFound},
		"400":                         {answering(400), proof.ClassNotAnAPI},
		"429":                         {answering(429), proof.ClassServerError},
		"502":                         {answering(502), proof.ClassServerError},
		"204":                         {answering(204), proof.ClassNotAnAPI},
		"nothing":                     {writing(""), proof.ClassNotAnAPI},
		"HTML":                        {writing("<html><title>Sign in</title></html>"), proof.ClassNotAnAPI},
		"another JSON":                {writing(`{"hello":"world"}`), proof.ClassNotAnAPI},
		"an error":                    {writing(`{"status":"error","error":"S3CR3T"}`), proof.ClassNotAnAPI},
		"a list":                      {writing(`[]`), proof.ClassNotAnAPI},
		"half an answer":              {writing(`{"status":"success","data":{"groups":[`), proof.ClassNotAnAPI},
		"other types":                 {writing(`{"status":"success","data":{"activeTargets":"S3CR3T","groups":7,"result":true}}`), proof.ClassNotAnAPI},
		"deep JSON":                   {writing(strings.Repeat("[", 1<<20)), proof.ClassNotAnAPI},
		"silence":                     {hanging, proof.ClassTimeOut},
		"drops":                       {dripping, proof.ClassTimeOut},
		"endless targets":             {endless(`{"status":"success","data":{"activeTargets":[`, target), proof.ClassTooLarge},
		"an endless text":             {endless(`{"status":"`, "S3CR3T"), proof.ClassTooLarge},
		"endless spaces":              {endless("", strings.Repeat(" ", 4096)), proof.ClassTooLarge},
		"endless JSON":                {endless("", "["), proof.ClassNotAnAPI},
		"endless headers":             {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }, proof.ClassOther},
		"a connection that it closes": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, proof.ClassOther},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, server := NewWithT(t), serving(t, c.handle)
			client := asks(t, server.URL, func(o *Options) { o.Timeout = time.Second })
			began := time.Now()
			g.Expect(client.Prometheus(t.Context(), question(), true).Fault).To(Equal(proof.Fault{Class: c.class}))
			g.Expect(FaultOf(client.Alertmanager(t.Context(), &proof.Question{Receivers: []string{"x"}}, &proof.Alertmanager{}))).To(
				HaveField("Class", BeElementOf(c.class, proof.ClassNotAnAPI, proof.Class(""))))
			g.Expect(time.Since(began)).To(BeNumerically("<", 20*time.Second))
		})
	}
}

func TestAnAlertmanagersConfigurationIsReadWithinBounds(t *testing.T) {
	for name, c := range map[string]struct {
		original, missing string
		class             proof.Class
	}{
		"a bomb":                    {bomb(), "", proof.ClassNotAnAPI},
		"lists within lists":        {strings.Repeat("- ", 1<<17), "", proof.ClassNotAnAPI},
		"no YAML":                   {"a: 'b", "", proof.ClassNotAnAPI},
		"other types":               {"receivers: 7", "", proof.ClassNotAnAPI},
		"no receivers":              {"route: {}", "x", ""},
		"a receiver without a name": {"receivers: [{name: [x]}, null, {}]", "x", ""},
	} {
		g, server := NewWithT(t), serving(t, configured(c.original))
		var a proof.Alertmanager
		_, missing, err := asks(t, server.URL, nil).receivers(t.Context(), []string{"x"})
		g.Expect(FaultOf(err).Class).To(Equal(c.class), name)
		g.Expect(missing).To(Equal(c.missing), name)
		g.Expect(a).To(Equal(proof.Alertmanager{}))
	}
}

// ceiling is what one round of questions of an endless server takes at most.
const ceiling = 64 << 20

func TestAnEndlessAnswerCostsLittle(t *testing.T) {
	server := serving(t, endless(`{"status":"success","data":{"activeTargets":[`, `{"scrapePool":"podMonitor/flux-system/flux/0"},`))
	client := asks(t, server.URL, nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	answer := client.Prometheus(t.Context(), question(), true)
	runtime.ReadMemStats(&after)
	NewWithT(t).Expect(answer.Fault.Class).To(Equal(proof.ClassTooLarge))
	NewWithT(t).Expect(after.TotalAlloc-before.TotalAlloc).To(BeNumerically("<", ceiling), "all that it allocates, with what the server in this process does")
}

func TestAServerWithEndlessEndpointsIsAskedFewTimes(t *testing.T) {
	var asked atomic.Int32
	server := serving(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = fmt.Fprintf(w, `{"status":"success","data":{"activeTargets":[{"scrapePool":%q}]}}`, r.FormValue("scrapePool"))
	})
	asks(t, server.URL, nil).Prometheus(t.Context(), question(), false)
	NewWithT(t).Expect(asked.Load()).To(BeEquivalentTo(2 * maxEndpoints))
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var reached atomic.Int32
	elsewhere := serving(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := serving(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		NewWithT(t).Expect(asks(t, server.URL, nil).Prometheus(t.Context(), question(), true).Fault.Class).To(Equal(proof.ClassRedirected))
	}
	NewWithT(t).Expect(reached.Load()).To(BeZero())
}

func TestTheGuardRefusesTheHostTheLinkMetadataAndTheAPIServer(t *testing.T) {
	guard := Guard{APIServer: []netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:6443"), netip.MustParseAddrPort("[::ffff:10.96.0.1]:443")}}
	for _, refused := range []string{
		"127.0.0.1:9090", "127.1.2.3:9090", "[::1]:9090", "[::ffff:127.0.0.1]:9090", "[64:ff9b::7f00:1]:9090", "0.0.0.0:9090", "[::]:9090", "[::ffff:0.0.0.0]:9090",
		"169.254.169.254:80", "[::ffff:169.254.169.254]:80", "[64:ff9b::a9fe:a9fe]:80", "[fe80::1%eth0]:9090", "224.0.0.1:9090", "239.1.1.1:9090", "[ff02::1]:9090",
		"[ff05::2%eth0]:9090", "255.255.255.255:9090", "100.100.100.200:80", "168.63.129.16:80", "192.0.0.192:80", "[fd00:ec2::254]:80", "10.0.0.1:6443",
		"[::ffff:10.0.0.1]:6443", "10.96.0.1:443", "[64:ff9b::a00:1]:6443",
	} {
		NewWithT(t).Expect(guard.allows(netip.MustParseAddrPort(refused))).To(BeFalse(), refused)
	}
	for _, allowed := range []string{"10.0.0.1:9090", "10.0.0.2:6443", "192.168.1.1:9090", "[fd00::1]:9090", "203.0.113.1:443", "[64:ff9b::a00:2]:9090"} {
		NewWithT(t).Expect(guard.allows(netip.MustParseAddrPort(allowed))).To(BeTrue(), allowed)
	}
	NewWithT(t).Expect(guard.control("tcp", "name:9090", nil)).To(MatchError(errNotAllowed), "what is no address is not connected to")
}

// TestNoSpellingOfLoopbackIsConnectedTo has names that are resolved, too: the address behind a name is checked, whatever it was before.
func TestNoSpellingOfLoopbackIsConnectedTo(t *testing.T) {
	var reached atomic.Int32
	server := serving(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	_, port, _ := strings.Cut(host(server), ":")
	for _, name := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"} {
		base, err := url.Parse("http://" + name + ":" + port)
		must(t, err)
		client := New(base, Options{Timeout: 5 * time.Second})
		fault := client.Prometheus(t.Context(), question(), true).Fault
		client.Close()
		NewWithT(t).Expect(fault.Class).To(BeElementOf(proof.ClassNotAllowed, proof.ClassUnknownHost), name)
	}
	NewWithT(t).Expect(reached.Load()).To(BeZero())
}

func TestCredentialsAreSentAsTheyAre(t *testing.T) {
	g := NewWithT(t)
	var got http.Header
	server := serving(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header })
	send := func(c Credentials) http.Header {
		_ = asks(t, server.URL, func(o *Options) { o.Credentials = c }).data(context.Background(), "x", nil, nil)
		return got
	}
	g.Expect(send(Credentials{})).To(Equal(http.Header{"User-Agent": {"fluxmonitoring-operator"}}))
	g.Expect(send(Credentials{Token: "t", Headers: map[string]string{"X-Scope-OrgID": "a"}})).To(Equal(http.Header{
		"User-Agent": {"fluxmonitoring-operator"}, "Authorization": {"Bearer t"}, "X-Scope-Orgid": {"a"},
	}))
	g.Expect(send(Credentials{Username: "u", Password: "p"}).Get("Authorization")).To(Equal("Basic dTpw"))
}

// FuzzAnswers reads whatever a server may answer to each question.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"status":"success","data":{"activeTargets":[{"scrapePool":"podMonitor/flux-system/flux/0","health":"up"}],"groups":[{"name":"a","rules":[{}]}],` +
		`"result":[{"metric":{},"value":[1,"1"]}]}}`))
	f.Add([]byte(`{"config":{"original":"receivers: [{name: x, webhook_configs: []}]"}}`))
	f.Add([]byte("alertmanager_notifications_total{integration=\"webhook\"} 1\n"))
	var content atomic.Pointer[[]byte]
	server := &transport{func() io.ReadCloser { return io.NopCloser(strings.NewReader(string(*content.Load()))) }}
	client := New(&url.URL{Scheme: "http", Host: "x"}, Options{})
	client.http.Transport = server
	f.Fuzz(func(t *testing.T, answer []byte) {
		content.Store(&answer)
		q := question()
		a := client.Prometheus(t.Context(), q, true)
		proof.Judge(*q, []proof.Prometheus{{Answers: []proof.Answer{a}}}, nil)
		_ = client.Alertmanager(t.Context(), &proof.Question{Receivers: []string{"x"}}, &proof.Alertmanager{})
		_, _ = client.notifications(t.Context(), []string{"x"}, []string{"webhook"})
	})
}

// transport answers every request with the same.
type transport struct{ body func() io.ReadCloser }

func (f *transport) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: f.body()}, nil
}
