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

// answering is an Access whose API server answers by a function. What is tested with it is time, and what is kept.
func answering(t *testing.T, ask func(ctx context.Context, token, path string) (int, error)) *Access {
	t.Helper()
	a, err := NewAccess(&rest.Config{Host: "none"}, http.DefaultClient, funcr.New(func(string, string) {}, funcr.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	a.ask = ask
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

func TestPortsFullOfWrongTokensHaveANewOneAskedAboutInTime(t *testing.T) {
	for sentence, source := range map[string]func(i int) string{
		"from one address, which Prometheus shares": func(int) string { return scraper },
		"from an address each":                      func(i int) string { return fmt.Sprint("10.0.0.", i) },
		"from as few addresses as a port may have":  func(i int) string { return fmt.Sprint("10.0.0.", i/connectionsOfOne) },
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
				for i := range 2*connections - 1 { // of both ports; one is Prometheus'
					attack.Go(func() {
						for n := 0; ctx.Err() == nil; n++ {
							waited, cancel := context.WithTimeout(ctx, accessPatience)
							_, _ = a.decide(waited, claim{source: source(i), token: fmt.Sprint(i, "/", n), path: "/metrics"})
							cancel()
						}
					})
				}
				time.Sleep(10 * time.Second)
				waited, cancel := context.WithTimeout(ctx, accessPatience)
				defer cancel()
				code, err := a.decide(waited, claim{source: scraper, token: "good", path: "/metrics"})
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(code).To(Equal(http.StatusOK))
				stop()
				attack.Wait()
				g.Expect(reviews.Load()).To(BeNumerically("<=", firsts+15*32), "in 15 seconds at most")
			})
		})
	}
}

func TestAnAnswerThatComesLateIsThereForTheNextRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		a := answering(t, func(context.Context, string, string) (int, error) {
			time.Sleep(accessPatience + time.Second)
			return http.StatusOK, nil
		})
		began := time.Now()
		code := a.answer(request(forged()))
		g.Expect(code).To(Equal(http.StatusServiceUnavailable))
		g.Expect(time.Since(began)).To(Equal(accessPatience))

		same := request(forged())
		g.Expect(a.answer(same)).To(Equal(http.StatusServiceUnavailable))
		time.Sleep(2 * time.Second)
		g.Expect(a.answer(same)).To(Equal(http.StatusOK))
		g.Expect(time.Since(began)).To(Equal(2*accessPatience+2*time.Second), "it did not wait")
	})
}

func TestAnAPIServerThatDoesNotAnswerIsOneLineAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		a := answering(t, func(context.Context, string, string) (int, error) { return 0, errors.New("it is away") })
		var lines []string
		a.log = funcr.New(func(_, line string) { lines = append(lines, line) }, funcr.Options{})
		for range 100 {
			g.Expect(a.answer(request(forged()))).To(Equal(http.StatusServiceUnavailable))
		}
		g.Expect(lines).To(Equal([]string{`"msg"="The API server does not say who may read metrics" "error"="it is away"`}))
		time.Sleep(complaint)
		g.Expect(a.answer(request(forged()))).To(Equal(http.StatusServiceUnavailable))
		g.Expect(lines).To(HaveLen(2))
		time.Sleep(breather) // until nobody is in line
	})
}

func TestOfAMillionTokensFewAreRememberedAndNoneInPlaceOfOneThatMayRead(t *testing.T) {
	g := NewWithT(t)
	a := answering(t, refuseAllBut("good"))
	ask := func(token string) {
		c := claim{token: token, path: "/metrics"}
		q, mine := a.question(c, verdict{})
		if !mine {
			t.Fatal("it was asked before")
		}
		a.settle(t.Context(), q, c)
	}
	ask("good")
	before := heap()
	for i := range 1_000_000 {
		ask(fmt.Sprint(i))
	}
	g.Expect(heap() - before).To(BeNumerically("<", 1<<20))
	g.Expect(a.refused.Len()).To(Equal(remembered))
	g.Expect(a.asked).To(BeEmpty())
	g.Expect(a.decide(t.Context(), claim{token: "good", path: "/metrics"})).To(Equal(http.StatusOK))
}

func TestOfTokensThatMayReadThoseAreForgottenThatWereUsedLongestAgo(t *testing.T) {
	g := NewWithT(t)
	a := answering(t, func(context.Context, string, string) (int, error) { return http.StatusOK, nil })
	of := func(i int) claim { return claim{token: fmt.Sprint(i), path: "/metrics"} }
	for i := range 2 * remembered {
		g.Expect(a.decide(t.Context(), of(i))).To(Equal(http.StatusOK))
		g.Expect(a.decide(t.Context(), of(0))).To(Equal(http.StatusOK))
	}
	g.Expect(a.allowed.Len()).To(Equal(remembered))
	var left []bool
	for _, i := range []int{0, 1, remembered, remembered + 1, 2*remembered - 1} {
		_, is := a.recall(of(i))
		left = append(left, is)
	}
	g.Expect(left).To(Equal([]bool{true, false, false, true, true}))
}
