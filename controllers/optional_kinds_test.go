package controllers_test

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/event"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/served"
)

// running is a manager that runs for the length of a test.
func running(t *testing.T, config *rest.Config) ctrl.Manager {
	t.Helper()
	g := NewWithT(t)
	scheme, err := kinds.Scheme()
	g.Expect(err).NotTo(HaveOccurred())
	m, err := ctrl.NewManager(config, ctrl.Options{Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"}})
	g.Expect(err).NotTo(HaveOccurred())
	go func() { _ = m.Start(t.Context()) }()
	return m
}

func TestAKindThatCannotBeWatchedBlocksNoOther(t *testing.T) {
	g := NewWithT(t)
	no := errors.New("no")
	faulty := map[schema.GroupVersionKind]error{kinds.PodMonitor: no}
	k := &served.Kinds{
		Manager: running(t, shared.plane.Config), Recent: &apply.WriteTracker{}, Changed: make(chan event.GenericEvent, 1),
		Watch: func(kind schema.GroupVersionKind, _ cache.Cache) error { return faulty[kind] },
	}
	follow := func(kind schema.GroupVersionKind, is bool) error {
		f := served.Finding{Kind: kind, Served: is}
		if !is {
			f = served.Finding{}
		}
		return k.Follow(t.Context(), kinds.Of(kind).CRD(), f)
	}

	g.Expect(follow(kinds.PodMonitor, true)).To(MatchError(no))
	g.Expect(follow(kinds.PrometheusRule, true)).To(Succeed())
	for _, kind := range kinds.Optional() {
		if kind != kinds.PodMonitor && kind != kinds.PrometheusRule {
			g.Expect(follow(kind, false)).To(Succeed())
		}
	}
	g.Expect(k.Reader(kinds.PrometheusRule)).NotTo(BeNil())
	g.Expect(k.Fault(kinds.PodMonitor)).To(MatchError(no))
	g.Expect(k.Known()).To(BeFalse(), "one served kind cannot be read")
	g.Expect(k.Changed).NotTo(Receive())

	delete(faulty, kinds.PodMonitor)
	g.Expect(follow(kinds.PodMonitor, true)).To(Succeed())
	g.Expect(k.Known()).To(BeTrue())
	g.Expect(k.Changed).To(Receive())

	faulty[kinds.Prometheus] = no
	g.Expect(follow(kinds.Prometheus, true)).To(MatchError(no))
	g.Expect(k.Changed).To(Receive(), "one cannot be read")
	g.Expect(follow(kinds.Prometheus, true)).To(MatchError(no))
	g.Expect(k.Changed).NotTo(Receive(), "nothing has changed")

	g.Expect(follow(kinds.PrometheusRule, false)).To(Succeed())
	g.Expect(k.Reader(kinds.PrometheusRule)).To(BeNil())
	g.Expect(k.Changed).To(Receive(), "one has left")
	g.Expect(follow(kinds.Alertmanager, true)).To(Succeed())
	g.Expect(k.Changed).To(Receive(), "one has arrived")

	crd := kinds.Of(kinds.Alertmanager).CRD()
	g.Expect(k.Follow(t.Context(), crd, served.Finding{Kind: kinds.Alertmanager, Err: no})).To(MatchError(no), "it is retried")
	g.Expect(k.Reader(kinds.Alertmanager)).NotTo(BeNil(), "it keeps its cache while nothing is known")
	g.Expect(k.Changed).NotTo(Receive())
}
