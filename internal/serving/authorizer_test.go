package serving

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/cluster"
)

const (
	served       = "200 up 1"
	unauthorized = "401 send the bearer token of a ServiceAccount\n"
	forbidden    = "403 this account may not get /metrics: bind it to the ClusterRole fluxmonitoring-metrics-reader\n"
	unanswered   = "503 the API server does not say who may read this now\n"
)

// request is one with a token.
func request(token string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

// get is the answer to one, in a line.
func get(handler http.Handler, r *http.Request) string {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return fmt.Sprint(w.Code, " ", w.Body)
}

func TestTheAPIServerDecidesWhoMayRead(t *testing.T) {
	p := newPlace(t)
	p.reader("reader")
	p.stranger("stranger")
	reader := p.token("reader")
	post := request(reader)
	post.Method = http.MethodPost
	for sentence, c := range map[string]struct {
		request *http.Request
		answer  string
	}{
		"an account that may":         {request(reader), served},
		"one that may not":            {request(p.token("stranger")), forbidden},
		"a token for another service": {request(p.token("reader", "vault")), unauthorized},
		"a token that nobody issued":  {request(forged()), unauthorized},
		"no token":                    {httptest.NewRequest(http.MethodGet, "/metrics", nil), unauthorized},
		"another method":              {post, "405 only GET is served\n"},
	} {
		t.Run(sentence, func(t *testing.T) {
			NewWithT(t).Expect(get(p.metrics(), c.request)).To(Equal(c.answer))
		})
	}
}

func TestMalformedTokensCauseNoReview(t *testing.T) {
	p := newPlace(t)
	header, claims, signature := part(`{"alg":"RS256"}`), part(`{"sub":"a"}`), part("signed")
	past := part(fmt.Sprintf(`{"exp":%d}`, time.Now().Add(-clockSkew-time.Minute).Unix()))
	for sentence, token := range map[string]string{
		"empty":                              "",
		"a word":                             "secret",
		"two parts":                          header + "." + claims,
		"four parts":                         strings.Join([]string{header, claims, signature, signature}, "."),
		"an OAuth token of OpenShift":        "sha256~" + part("secret"),
		"a header that is not base64":        "{}." + claims + "." + signature,
		"a header that is not JSON":          part("alg") + "." + claims + "." + signature,
		"a header without an algorithm":      part("{}") + "." + claims + "." + signature,
		"claims that are not JSON":           header + "." + part("exp") + "." + signature,
		"no signature":                       header + "." + claims + ".",
		"a signature that is not base64":     header + "." + claims + ".???",
		"expired":                            header + "." + past + "." + signature,
		"longer than the head of a request":  header + "." + part(strings.Repeat(" ", maxTokenBytes)+"{}") + "." + signature,
		"claims that nest without any end":   header + "." + part(strings.Repeat(`{"a":`, 2000)) + "." + signature,
		"another scheme than Bearer, or two": "Bearer " + header + "." + claims + "." + signature,
	} {
		t.Run(sentence, func(t *testing.T) {
			NewWithT(t).Expect(get(p.metrics(), request(token))).To(Equal(unauthorized))
		})
	}
	g := NewWithT(t)
	g.Expect(p.asked.tokens.Load()).To(BeZero())
	g.Expect(get(p.metrics(), request(header+"."+claims+"."+signature))).To(Equal(unauthorized))
	lately := part(fmt.Sprintf(`{"exp":%d}`, time.Now().Add(-time.Minute).Unix()))
	g.Expect(get(p.metrics(), request(header+"."+lately+"."+signature))).To(Equal(unauthorized))
	g.Expect(p.asked.tokens.Load()).To(BeEquivalentTo(2), "a well-formed token is reviewed")
}

func TestClientsWithWrongTokensKeepNoOtherTokenOut(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	p.reader("prometheus")
	p.stranger("stranger")
	address := serve(t, p.metrics())
	stop := make(chan struct{})
	var attack sync.WaitGroup
	for i := range 24 {
		from := []string{attacker, "127.0.0.3", scraper}[i%3] // a third of them from the address of Prometheus
		stranger := p.token("stranger")
		attack.Go(func() {
			for {
				_, _, _ = scrape(from, address, []string{forged(), stranger, rand.Text()}[i/3%3])
				select {
				case <-stop:
					return
				case <-time.After(often):
				}
			}
		})
	}
	for range 10 {
		code, body, err := scrape(scraper, address, p.token("prometheus"))
		must(t, err)
		g.Expect(fmt.Sprint(code, " ", body)).To(Equal(served), "no token is sent twice")
	}
	close(stop)
	attack.Wait()
}

func TestAnAllowedTokenIsServedDuringAnOutage(t *testing.T) {
	g := NewWithT(t)
	plane, err := cluster.Start(t.Context())
	must(t, err)
	p := placeOf(t, plane)
	reader := p.servedReader()
	another := request(p.token("reader"))
	g.Expect(plane.Stop()).To(Succeed())

	p.later(allowTTL)
	g.Expect(get(p.metrics(), reader)).To(Equal(served))
	g.Expect(get(p.metrics(), another)).To(Equal(unanswered), "the API server has not allowed it")
	p.later(outageTTL - allowTTL - time.Minute)
	g.Expect(get(p.metrics(), reader)).To(Equal(served))
	p.later(time.Minute)
	g.Expect(get(p.metrics(), reader)).To(Equal(unanswered), "an allowed token expires")
}

func TestAnAllowedTokenIsServedWhileTheAPIServerHangs(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	reader := p.servedReader()
	release := p.asked.hang()
	defer release()
	p.later(allowTTL)
	g.Expect(get(p.metrics(), reader)).To(Equal(served))
	p.later(outageTTL)
	g.Expect(get(p.metrics(), reader)).To(Equal(unanswered))
	release()
	g.Eventually(func() string { return get(p.metrics(), reader) }, soon, often).Should(Equal(served))
}

func TestARevokedPermissionIsRefusedWithinAMinute(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	reader := p.servedReader()
	p.unbind("reader")
	g.Expect(get(p.metrics(), reader)).To(Equal(served))
	p.later(allowTTL)
	g.Expect(get(p.metrics(), reader)).To(Equal(forbidden))

	p.bind("reader")
	g.Expect(get(p.metrics(), reader)).To(Equal(forbidden))
	p.later(denyTTL)
	g.Expect(get(p.metrics(), reader)).To(Equal(served), "what is granted takes effect within seconds")
}

func TestAnAllowedTokenIsReviewedAgainOnce(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	reader := p.servedReader()
	p.later(renewAfter - time.Second)
	g.Expect(get(p.metrics(), reader)).To(Equal(served))
	g.Expect(p.asked.tokens.Load()).To(BeEquivalentTo(1))

	release := p.asked.hang()
	p.later(2 * time.Second)
	for range 20 {
		g.Expect(get(p.metrics(), reader)).To(Equal(served))
	}
	p.unbind("reader")
	release()
	g.Eventually(func() string { return get(p.metrics(), reader) }, soon, often).Should(Equal(forbidden))
	g.Expect(p.asked.tokens.Load()).To(BeEquivalentTo(2))
}

func TestRequestsWithOneTokenShareAReview(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	p.reader("reader")
	reader := p.token("reader")
	var all sync.WaitGroup
	answers := make([]string, 20)
	for i := range answers {
		all.Go(func() { answers[i] = get(p.metrics(), request(reader)) })
	}
	all.Wait()
	g.Expect(answers).To(HaveEach(served))
	g.Expect(p.asked.tokens.Load()).To(BeEquivalentTo(1))
}

func TestAllowedTokensDoNotWaitForUnknownOnes(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	reader := p.servedReader()
	for range maxNewReviews { // they never leave
		_, err := p.newReviews.acquire(t.Context(), attacker, nil)
		must(t, err)
	}
	for _, age := range []time.Duration{allowTTL, outageTTL} {
		p.later(age)
		before := p.asked.tokens.Load()
		g.Expect(get(p.metrics(), reader)).To(Equal(served))
		g.Expect(p.asked.tokens.Load()).To(Equal(before + 1))
	}
}

// part is a part of a token.
func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// forged is what looks like a token of a ServiceAccount, another one each time.
func forged() string {
	return strings.Join([]string{
		part(`{"alg":"RS256","kid":"` + rand.Text() + `"}`),
		part(`{"iss":"https://kubernetes.default.svc","sub":"system:serviceaccount:monitoring:prometheus","jti":"` + rand.Text() + `"}`),
		part(rand.Text()),
	}, ".")
}
