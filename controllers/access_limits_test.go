package controllers

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestNoMoreTokensThanAFewAreAskedAboutAtOnce(t *testing.T) {
	g := NewWithT(t)
	a := &access{slots: make(chan struct{}, asking), known: map[[sha256.Size]byte]answer{}}
	for range asking {
		a.slots <- struct{}{}
	}
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Authorization", "bearer one")
	g.Expect(a.answer(request)).To(Equal(http.StatusServiceUnavailable))
	g.Expect(a.known).To(BeEmpty(), "it is asked about again")

	a.remember(sha256.Sum256([]byte("get /metrics\x00one")), http.StatusOK)
	g.Expect(a.answer(request)).To(Equal(http.StatusOK), "who is known is served all the same")
}

func TestRefusalsAreForgottenBeforeWhoMayRead(t *testing.T) {
	g := NewWithT(t)
	a := &access{known: map[[sha256.Size]byte]answer{}}
	reader := sha256.Sum256([]byte("reader"))
	a.remember(reader, http.StatusOK)
	for i := range 3 * remembered {
		a.remember(sha256.Sum256(fmt.Append(nil, i)), http.StatusUnauthorized)
		g.Expect(len(a.known)).To(BeNumerically("<=", remembered))
	}
	code, is := a.recall(reader)
	g.Expect(is).To(BeTrue())
	g.Expect(code).To(Equal(http.StatusOK))

	a.known[reader] = answer{http.StatusOK, time.Now().Add(-time.Second)}
	_, is = a.recall(reader)
	g.Expect(is).To(BeFalse(), "no answer holds for ever")
}
