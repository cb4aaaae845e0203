package controllers

import (
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/status"
)

func TestWhenTheNextRunIs(t *testing.T) {
	foreign := []*apply.Failure{{Cause: apply.Foreign, Err: errors.New("a foreign object")}}
	for name, c := range map[string]struct {
		interval time.Duration
		suspend  bool
		o        reconcileResult
		pending  bool
		after    time.Duration
	}{
		"all is well":      {10 * time.Minute, false, reconcileResult{}, false, 10 * time.Minute},
		"a human must act": {10 * time.Minute, false, reconcileResult{Run: status.Run{Failures: foreign}}, false, time.Minute},
		"a human must act, and the interval is short": {10 * time.Second, false, reconcileResult{Run: status.Run{Failures: foreign}}, false, 10 * time.Second},
		"suspended":                                           {10 * time.Minute, true, reconcileResult{}, true, 0},
		"its namespace is being deleted":                      {10 * time.Minute, false, reconcileResult{Run: status.Run{Terminating: true, Failures: foreign}}, true, 0},
		"an object is contested":                              {10 * time.Minute, false, reconcileResult{Run: status.Run{Failures: foreign}, retryContested: 5 * time.Second}, false, 5 * time.Second},
		"the caches have not shown a write":                   {10 * time.Minute, false, reconcileResult{}, true, 30 * time.Second},
		"the caches have not shown it, the interval is short": {10 * time.Second, false, reconcileResult{}, true, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			fm := &v1alpha1.FluxMonitoring{}
			fm.Spec.Interval, fm.Spec.Suspend = v1alpha1.Duration(c.interval.String()), c.suspend
			result, err := next(fm, &c.o, c.pending)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(result.RequeueAfter).To(Equal(c.after))
		})
	}
}
