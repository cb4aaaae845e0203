package exporter

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// counted is how many objects have which timings.
func (s *timingSet) counted() map[flux.ReconcileTimings]int {
	counted := map[flux.ReconcileTimings]int{}
	for of, w := range s.distinct {
		counted[of] = w.objects
	}
	return counted
}

func TestTimingsAreReadFromEachKindsFields(t *testing.T) {
	const minute = time.Minute
	of := func(interval, timeout, retry time.Duration) flux.ReconcileTimings {
		return flux.ReconcileTimings{Interval: interval, Timeout: timeout, Retry: retry}
	}
	for name, c := range map[string]struct {
		kind, spec string
		want       flux.ReconcileTimings
	}{
		"an interval":                {"GitRepository", `{interval: 1m30s, timeout: 60s}`, of(90*time.Second, minute, 0)},
		"a Kustomization that waits": {"Kustomization", `{interval: 10m0s, wait: true, retryInterval: 2m}`, of(10*minute, 10*minute, 2*minute)},
		"one that does not":          {"Kustomization", `{interval: 10m0s, wait: false, healthChecks: []}`, of(10*minute, 0, 10*minute)},
		"one with health checks":     {"Kustomization", `{interval: 10m0s, wait: false, healthChecks: [{kind: Deployment, name: a}, {}]}`, of(10*minute, 10*minute, 10*minute)},
		"in whatever order":          {"Kustomization", `{healthChecks: [1], interval: 10m0s, wait: null}`, of(10*minute, 10*minute, 10*minute)},
		"a HelmRelease": {"HelmRelease", `{interval: 1h, timeout: 2m, install: {timeout: 3m, strategy: {retryInterval: 4m}}, ` +
			`upgrade: {timeout: 15m, strategy: {retryInterval: 1m}}, rollback: {timeout: 1m}}`, of(time.Hour, 15*minute, 4*minute)},
		"a HelmRelease without a timeout":         {"HelmRelease", `{interval: 1h}`, of(time.Hour, 5*minute, 0)},
		"what is no duration":                     {"GitRepository", `{interval: soon, timeout: 5, retryInterval: 1m}`, flux.ReconcileTimings{}},
		"what is none but negative":               {"GitRepository", `{interval: -1m, timeout: 1m}`, of(0, minute, 0)},
		"a suspended object":                      {"Kustomization", `{interval: 10m, suspend: true}`, flux.ReconcileTimings{}},
		"a HelmRepository that nobody reconciles": {"HelmRepository", `{interval: 10m, type: oci}`, flux.ReconcileTimings{}},
		"a kind that nobody reconciles":           {"Provider", `{interval: 10m, timeout: 1m}`, flux.ReconcileTimings{}},
		"the operator's own kind":                 {"FluxMonitoring", `{interval: 10m}`, flux.ReconcileTimings{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestStore(served(c.kind, "v1"), false, newSeriesLimiter(0), nil)
			NewWithT(t).Expect(s.read(t, asJSON(t, "metadata: {name: a}\nspec: "+c.spec)).timings).To(Equal(c.want))
		})
	}
}

func TestNoValueLeaksIntoTheNextObject(t *testing.T) {
	g := NewWithT(t)
	s := newTestStore(kustomizations, false, newSeriesLimiter(0), nil)
	d := newDecoder(strings.NewReader(`{"spec":{"healthChecks":[{}],"interval":"5m"}}`+`{"spec":{"interval":"5m"}}`), s.schema)
	for _, want := range []time.Duration{5 * time.Minute, 0} {
		o, err := d.decode()
		must(t, err)
		g.Expect(o.timings.Timeout).To(Equal(want))
	}
}

func TestTimingsAreTheLongestOfUnsuspendedObjects(t *testing.T) {
	g := NewWithT(t)
	changes := 0
	s := newStore(newSchema(kustomizations), newSeriesLimiter(6), nil, func() { changes++ })
	put := func(name string, is state) flux.ReconcileTimings {
		g.Expect(s.Update(s.read(t, is.json(name)))).To(Succeed())
		return s.timings.longestRounded()
	}
	each := func(d time.Duration) flux.ReconcileTimings { return flux.ReconcileTimings{Interval: d, Retry: d} }
	g.Expect(put("a", state{ready: "True", interval: "10m"})).To(Equal(each(10 * time.Minute)))
	g.Expect(put("b", state{ready: "True", interval: "25m"})).To(Equal(each(30 * time.Minute)))
	g.Expect(changes).To(Equal(2))

	// The longest timings stay: another status, a shorter or as long an interval, one of several objects less.
	g.Expect(put("b", state{ready: "Unknown", interval: "25m"})).To(Equal(each(30 * time.Minute)))
	g.Expect(put("a", state{ready: "True", interval: "29m"})).To(Equal(each(30 * time.Minute)))
	g.Expect(put("a", state{ready: "True", interval: "1m"})).To(Equal(each(30 * time.Minute)))
	g.Expect(changes).To(Equal(2))

	g.Expect(put("b", state{ready: "True", interval: "25m", suspended: true})).To(Equal(each(time.Minute)))
	g.Expect(changes).To(Equal(3))
	g.Expect(put("c", state{ready: "True", interval: "7m"})).To(Equal(each(10*time.Minute)), "it is omitted, and counts")
	g.Expect(s.omitted.Load()).To(BeEquivalentTo(1))
	g.Expect(put("c", state{ready: "True", interval: "3m"})).To(Equal(each(5 * time.Minute)))
	for _, name := range []string{"a", "b", "c"} {
		g.Expect(s.Delete(s.read(t, state{}.json(name)))).To(Succeed())
	}
	g.Expect(s.timings.longestRounded()).To(Equal(flux.ReconcileTimings{}))
	g.Expect(s.timings.counted()).To(BeEmpty())
}

func TestEqualTimingsAreShared(t *testing.T) {
	g := NewWithT(t)
	s := newTestStore(kustomizations, false, newSeriesLimiter(0), nil)
	for i := range 100 {
		g.Expect(s.Update(s.read(t, state{interval: fmt.Sprintf("%dm", 1+i%2)}.json(fmt.Sprint(i))))).To(Succeed())
	}
	g.Expect(s.timings.counted()).To(Equal(map[flux.ReconcileTimings]int{
		{Interval: time.Minute, Retry: time.Minute}: 50, {Interval: 2 * time.Minute, Retry: 2 * time.Minute}: 50,
	}))
}

func TestTimingsAreReportedWhenListedAndChanged(t *testing.T) {
	c := newCluster(t)
	g := NewWithT(t)
	for i, interval := range []string{"10m", "20m", "40m"} {
		c.create(kustomizations, fmt.Sprintf("apps-%d", i), `spec: {interval: `+interval+`, prune: true, path: ./, sourceRef: {kind: GitRepository, name: apps}}`)
	}
	e := c.exporter(Options{})
	e.Follow(t.Context(), Desired{Kinds: []flux.ServedKind{kustomizations}, WatchOnly: true})
	long := flux.ReconcileTimings{Interval: 45 * time.Minute, Retry: 30 * time.Minute}
	eventually(t, e.Health).Should(Equal(Health{Listed: true, Timings: map[string]flux.ReconcileTimings{"Kustomization": long}}))
	eventually(t, c.changes.Load).Should(BeEquivalentTo(1))

	o := c.create(kustomizations, "longer", `spec: {interval: 50m, prune: true, path: ./, sourceRef: {kind: GitRepository, name: apps}}`)
	eventually(t, e.Health).Should(HaveField("Timings", HaveKeyWithValue("Kustomization", flux.ReconcileTimings{Interval: time.Hour, Retry: 30 * time.Minute})))
	eventually(t, c.changes.Load).Should(BeEquivalentTo(2))
	for _, status := range []string{"Unknown", "False", "True"} {
		c.status(o, isReady(status))
	}
	g.Expect(c.Delete(t.Context(), o)).To(Succeed())
	eventually(t, e.Health).Should(HaveField("Timings", HaveKeyWithValue("Kustomization", long)))
	eventually(t, c.changes.Load).Should(BeEquivalentTo(3))
}

func TestWatchedObjectsAreExportedAtOnceOnDemand(t *testing.T) {
	c := newCluster(t)
	g := NewWithT(t)
	c.create(things, "thing", `{}`)
	e := c.exporter(Options{})
	kinds := Desired{Kinds: []flux.ServedKind{things}, LegacyMetrics: NamespaceSet{All: true}, WatchOnly: true}
	e.Follow(t.Context(), kinds)
	eventually(t, e.Health).Should(Equal(Health{Listed: true}))
	g.Expect(e.text(false)).To(BeEmpty())
	before := c.requests.of("")
	for range 2 {
		kinds.WatchOnly = false
		e.Follow(t.Context(), kinds)
		g.Expect(c.ready(e)()).To(Equal(map[string]string{"thing": "Unknown"}))
		g.Expect(e.Health()).To(Equal(Health{Listed: true, Serving: true}))
		kinds.WatchOnly = true
		e.Follow(t.Context(), kinds)
		g.Expect(e.text(false)).To(BeEmpty())
		g.Expect(e.Health()).To(Equal(Health{Listed: true}))
	}
	g.Expect(c.requests.of("")).To(Equal(before), "nothing is listed again: %v", c.requests.sent)
}

func TestTheLimitIsNotReportedWhileNothingIsExported(t *testing.T) {
	c := newCluster(t)
	e := c.exporter(Options{MaxSeries: 1})
	for _, name := range []string{"a", "b"} {
		c.create(things, name, `status: {conditions: [{type: Ready, status: "True"}]}`)
	}
	kinds := Desired{Kinds: []flux.ServedKind{things}, WatchOnly: true}
	e.Follow(t.Context(), kinds)
	eventually(t, e.Health).Should(Equal(Health{Listed: true}))
	kinds.WatchOnly = false
	e.Follow(t.Context(), kinds)
	NewWithT(t).Expect(e.Health()).To(Equal(Health{Listed: true, Serving: true, Limited: true, Omitting: []string{c.namespace}}))
}
