package controllers_test

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/kinds"
)

// optionalKinds are those of the shared cluster, of which some cannot be watched.
func optionalKinds(t *testing.T, faulty map[schema.GroupVersionKind]error) *controllers.OptionalKinds {
	t.Helper()
	g := NewWithT(t)
	scheme, err := controllers.Scheme()
	g.Expect(err).NotTo(HaveOccurred())
	config := shared.plane.Config
	connection, err := rest.HTTPClientFor(config)
	g.Expect(err).NotTo(HaveOccurred())
	mapper, err := apiutil.NewDynamicRESTMapper(config, connection)
	g.Expect(err).NotTo(HaveOccurred())
	return &controllers.OptionalKinds{
		Config: config, HTTPClient: connection, Scheme: scheme, Mapper: mapper,
		Recent: &apply.WriteTracker{}, Changed: make(chan event.GenericEvent, 1),
		Watch: func(kind schema.GroupVersionKind, _ cache.Cache) error { return faulty[kind] },
	}
}

func TestWhatHasChangedIsAnnouncedThoughAnotherKindCannotBeStarted(t *testing.T) {
	g := NewWithT(t)
	no := errors.New("no")
	faulty := map[schema.GroupVersionKind]error{kinds.PodMonitor: no}
	k := optionalKinds(t, faulty)
	follow := func(kinds ...schema.GroupVersionKind) error {
		served := map[schema.GroupVersionKind]bool{}
		for _, kind := range kinds {
			served[kind] = true
		}
		return k.Follow(t.Context(), served)
	}

	g.Expect(follow(kinds.PodMonitor, kinds.PrometheusRule)).To(MatchError(no))
	g.Expect(k.Reader(kinds.PrometheusRule)).NotTo(BeNil(), "one keeps no other back")
	g.Expect(k.Known()).To(BeFalse(), "a kind is served of which nothing can be said")
	g.Expect(k.Changed).NotTo(Receive())

	delete(faulty, kinds.PodMonitor)
	g.Expect(follow(kinds.PodMonitor, kinds.PrometheusRule)).To(Succeed())
	g.Expect(k.Known()).To(BeTrue())
	g.Expect(k.Changed).To(Receive())

	faulty[kinds.Prometheus] = no
	g.Expect(follow(kinds.PodMonitor, kinds.Prometheus)).To(MatchError(no))
	g.Expect(k.Reader(kinds.PrometheusRule)).To(BeNil())
	g.Expect(k.Changed).To(Receive(), "one has left")

	g.Expect(follow(kinds.PodMonitor, kinds.Prometheus, kinds.Alertmanager)).To(MatchError(no))
	g.Expect(k.Changed).To(Receive(), "one has arrived")

	g.Expect(follow(kinds.PodMonitor, kinds.Prometheus, kinds.Alertmanager)).To(MatchError(no))
	g.Expect(k.Changed).NotTo(Receive(), "nothing has changed")
}
