package serving

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr/funcr"
	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"
)

// answering is an Authorizer whose API server is a function.
func answering(t *testing.T, ask func(ctx context.Context, token, path string) (int, error)) *Authorizer {
	t.Helper()
	a, err := NewAuthorizer(&rest.Config{Host: "none"}, http.DefaultClient, funcr.New(func(string, string) {}, funcr.Options{}))
	must(t, err)
	a.review = ask
	return a
}

// refuseAllBut lets one token read.
func refuseAllBut(good string) func(context.Context, string, string) (int, error) {
	return func(_ context.Context, token, _ string) (int, error) {
		if token == good {
			return http.StatusOK, nil
		}
		return http.StatusUnauthorized, nil
	}
}

func TestWrongTokensDoNotDelayANewOneTooLong(t *testing.T) {
	for sentence, source := range map[string]func(i int) string{
		"from one address, which Prometheus shares": func(int) string { return scraper },
		"from an address each":                      func(i int) string { return fmt.Sprint("10.0.0.", i) },
		"from as few addresses as a port may have":  func(i int) string { return fmt.Sprint("10.0.0.", i/maxConnectionsPerSource) },
	} {
		t.Run(sentence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				ctx, stop := context.WithCancel(t.Context())
				var reviews atomic.Int64
				a := answering(t, func(ctx context.Context, token, path string) (int, error) {
					reviews.Add(1)
					return refuseAllBut("good")(ctx, token, path)
				})
				var attack sync.WaitGroup
				for i := range 2*maxConnections - 1 { // of both ports; one is Prometheus'
					attack.Go(func() {
						for n := 0; ctx.Err() == nil; n++ {
							waited, cancel := context.WithTimeout(ctx, accessTimeout)
							_, _ = a.decide(waited, accessRequest{source: source(i), token: fmt.Sprint(i, "/", n), path: "/metrics"})
							cancel()
						}
					})
				}
				time.Sleep(10 * time.Second)
				waited, cancel := context.WithTimeout(ctx, accessTimeout)
				defer cancel()
				code, err := a.decide(waited, accessRequest{source: scraper, token: "good", path: "/metrics"})
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(code).To(Equal(http.StatusOK))
				stop()
				attack.Wait()
				g.Expect(reviews.Load()).To(BeNumerically("<=", maxNewReviews+15*32), "in 15 seconds at most")
			})
		})
	}
}

func TestALateReviewServesTheNextRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		a := answering(t, func(context.Context, string, string) (int, error) {
			time.Sleep(accessTimeout + time.Second)
			return http.StatusOK, nil
		})
		began := time.Now()
		code := a.authorize(request(forged()))
		g.Expect(code).To(Equal(http.StatusServiceUnavailable))
		g.Expect(time.Since(began)).To(Equal(accessTimeout))

		same := request(forged())
		g.Expect(a.authorize(same)).To(Equal(http.StatusServiceUnavailable))
		time.Sleep(2 * time.Second)
		g.Expect(a.authorize(same)).To(Equal(http.StatusOK))
		g.Expect(time.Since(began)).To(Equal(2*accessTimeout+2*time.Second), "it did not wait")
	})
}

func TestAnOutageIsLoggedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		a := answering(t, func(context.Context, string, string) (int, error) { return 0, errors.New("it is away") })
		var lines []string
		a.log = funcr.New(func(_, line string) { lines = append(lines, line) }, funcr.Options{})
		for range 100 {
			g.Expect(a.authorize(request(forged()))).To(Equal(http.StatusServiceUnavailable))
		}
		g.Expect(lines).To(Equal([]string{`"msg"="The API server does not say who may read metrics" "error"="it is away"`}))
		time.Sleep(outageLogInterval)
		g.Expect(a.authorize(request(forged()))).To(Equal(http.StatusServiceUnavailable))
		g.Expect(lines).To(HaveLen(2))
		time.Sleep(denialHold) // until nobody is in line
	})
}

func TestDeniedTokensDoNotEvictAllowedOnes(t *testing.T) {
	g := NewWithT(t)
	a := answering(t, refuseAllBut("good"))
	ask := func(token string) {
		c := accessRequest{token: token, path: "/metrics"}
		q, mine := a.startReview(c, decision{})
		if !mine {
			t.Fatal("it was asked before")
		}
		a.runReview(t.Context(), q, c)
	}
	ask("good")
	before := heap()
	for i := range 1_000_000 {
		ask(fmt.Sprint(i))
	}
	g.Expect(heap() - before).To(BeNumerically("<", 1<<20))
	g.Expect(a.denied.Len()).To(Equal(cacheSize))
	g.Expect(a.pending).To(BeEmpty())
	g.Expect(a.decide(t.Context(), accessRequest{token: "good", path: "/metrics"})).To(Equal(http.StatusOK))
}

func TestTheLeastRecentlyUsedTokenIsEvicted(t *testing.T) {
	g := NewWithT(t)
	a := answering(t, func(context.Context, string, string) (int, error) { return http.StatusOK, nil })
	of := func(i int) accessRequest { return accessRequest{token: fmt.Sprint(i), path: "/metrics"} }
	for i := range 2 * cacheSize {
		g.Expect(a.decide(t.Context(), of(i))).To(Equal(http.StatusOK))
		g.Expect(a.decide(t.Context(), of(0))).To(Equal(http.StatusOK))
	}
	g.Expect(a.allowed.Len()).To(Equal(cacheSize))
	var left []bool
	for _, i := range []int{0, 1, cacheSize, cacheSize + 1, 2*cacheSize - 1} {
		_, is := a.lookup(of(i))
		left = append(left, is)
	}
	g.Expect(left).To(Equal([]bool{true, false, false, true, true}))
}
