//go:build e2e

package e2e_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// closely is the spec of the reading tests. Prometheus scrapes every 5 s, as it evaluates. There is every dashboard, those that only
// some want too, but the one that asks a Loki: there is none.
var closely = `{scrape: {interval: 5s},
	dashboards: {include: [flux-cluster, flux-control-plane, flux-fleet, flux-resource, fluxmonitoring]}, alerts: {overrides: [{name: ReconciliationFailure, for: 15s, keepFiringFor: 1s},
	{name: FluxSourceBlocksDependents, for: 5s, keepFiringFor: 10s}]}, ` + notifying(appsNamespace, namespaceOfOne, namespaceOfSource) + `}`

const (
	interval = 5 * time.Second
	// slack is what a busy machine may take from a change in the API server to the answer of a scrape, and to this test. A scrape that
	// is missing takes an interval, which is more.
	slack = 2 * time.Second
)

// What the exporter exports of the objects in the namespace apps.
const (
	infoSeries  = `gotk_resource_info{job="` + exporterJob + `", exported_namespace="` + appsNamespace + `"}`
	sinceSeries = `gotk_resource_not_ready_since_seconds{job="` + exporterJob + `", exported_namespace="` + appsNamespace + `"}`
)

// watchedClosely makes the sample's resource scrape often, waits until the exporter's series come at that interval, and notes
// what the objects are from then on.
func (c *testCluster) watchedClosely(t *testing.T) *witness {
	t.Helper()
	c.monitored(t, closely)
	c.loadsRules(t)
	c.exportsOften(t)
	return c.witness(t)
}

// exportsOften waits until the exporter is scraped every 5 s, and no object has a second series from before.
func (c *testCluster) exportsOften(t *testing.T) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		samples, err := c.prometheus.query(t.Context(), `count_over_time(gotk_resources{job="`+exporterJob+`"}[12s]) >= 2`)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(samples).NotTo(BeEmpty())
		doubled, err := c.prometheus.query(t.Context(), twice)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(doubled).To(BeEmpty())
	}, patient, often).Should(Succeed(), "the exporter should be scraped every 5 s")
}

// account is how Prometheus and the API server compare over some time.
type account struct {
	// wrong are the samples with a state that the object did not have.
	wrong []string
	// samples that were compared, and changes that a scrape has collected.
	samples, changes int
	// late is the longest time from a change to the first scrape that collects it.
	late time.Duration
	// gap is the longest time between two samples of one object.
	gap time.Duration
}

// String is the account in figures.
func (a account) String() string {
	return fmt.Sprintf("%d samples, %d changes collected after %s at most, no object without a sample for longer than %s",
		a.samples, a.changes, a.late.Round(time.Millisecond), a.gap.Round(time.Millisecond))
}

// scrape is the state of an object in one scrape.
type scrape struct {
	status
	at time.Time
}

// compare goes through what is stored of all objects since then.
func (c *testCluster) compare(t *testing.T, w *witness, since time.Time) account {
	t.Helper()
	all, err := c.prometheus.stored(t.Context(), infoSeries, since)
	must(t, err)
	scrapes := map[identity][]scrape{}
	for _, s := range all {
		id, is := stateIn(s.labels)
		for _, p := range s.points {
			scrapes[id] = append(scrapes[id], scrape{is, p.at})
		}
	}
	a := account{}
	stays := w.all()
	for id, of := range scrapes {
		slices.SortFunc(of, func(x, y scrape) int { return x.at.Compare(y.at) })
		a.check(id, stays[id], of)
		a.follow(stays[id], of, since)
	}
	return a
}

// check holds each scrape of an object against what it was then, as far as that was noted.
func (a *account) check(id identity, stays []stay, scrapes []scrape) {
	a.samples += len(scrapes)
	for i, s := range scrapes {
		if len(stays) > 0 && s.at.After(stays[0].from) && !had(stays, s.status, s.at, slack) {
			a.wrong = append(a.wrong, fmt.Sprintf("%s: %v is exported as %v", s.at.Format(time.StampMilli), id, s.status))
		}
		if i > 0 {
			a.gap = max(a.gap, s.at.Sub(scrapes[i-1].at))
		}
	}
}

// follow looks for the first scrape that collects each change.
func (a *account) follow(stays []stay, scrapes []scrape, since time.Time) {
	for i, s := range stays {
		if s.gone || s.from.Before(since) {
			continue
		}
		first := slices.IndexFunc(scrapes, func(one scrape) bool {
			return one.status == s.status && one.at.After(s.from.Add(-slack))
		})
		if first < 0 || i+1 < len(stays) && stays[i+1].from.Before(scrapes[first].at.Add(-slack)) {
			continue // The next change came before the next scrape, or the next scrape has not come yet.
		}
		a.changes++
		a.late = max(a.late, scrapes[first].at.Sub(s.from))
	}
}

// exportsState waits until each object has exactly one series, with the state of the object, from a scrape after then.
func (c *testCluster) exportsState(t *testing.T, w *witness, after time.Time) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		samples, err := c.prometheus.query(t.Context(), infoSeries+` and timestamp(`+infoSeries+`) > `+seconds(after))
		g.Expect(err).NotTo(HaveOccurred())
		exported := []string{}
		for _, s := range samples {
			id, is := stateIn(s.labels)
			exported = append(exported, fmt.Sprint(id, is))
		}
		are := []string{}
		for id, stays := range w.all() {
			if last := stays[len(stays)-1]; !last.gone {
				are = append(are, fmt.Sprint(id, last.status))
			}
		}
		g.Expect(exported).To(ConsistOf(are))
	}, patient, often).Should(Succeed(), "Prometheus should have the state of every object once")
}

// lookout queries an expression again and again until the test ends, as rules do. The function that it returns returns for how long
// the expression has had a value.
func (c *testCluster) lookout(t *testing.T, expr string) (seen func() time.Duration) {
	t.Helper()
	const every = 2 * often
	var count atomic.Int64
	go func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-t.Context().Done():
				return
			case <-ticker.C:
				if samples, err := c.prometheus.query(t.Context(), expr); err == nil && len(samples) > 0 {
					count.Add(1)
				}
			}
		}
	}()
	return func() time.Duration { return time.Duration(count.Load()) * every }
}

// evaluating is how long an evaluation of the rules takes at most. Who asks meanwhile finds some series of it, and some of the one before.
const evaluating = 2 * time.Second

// never checks that an expression has had a value at no second since then, except for the last two.
func (c *testCluster) never(t *testing.T, since time.Time, expr, why string) {
	t.Helper()
	c.atMost(t, 0, since, expr, why)
}

// atMost checks that an expression has had no series with a value at more seconds since then, except for the last two.
func (c *testCluster) atMost(t *testing.T, limit time.Duration, since time.Time, expr, why string) {
	t.Helper()
	all, err := c.prometheus.evaluated(t.Context(), expr, since, time.Now().Add(-evaluating), time.Second)
	must(t, err)
	for _, s := range all {
		if seconds := time.Duration(len(s.points)) * time.Second; seconds > limit {
			t.Errorf("%s: %v for %s from %s on", why, s.labels, seconds, s.points[0].at.Format(time.StampMilli))
		}
	}
}

// always checks that at each second since then an expression has had a value.
func (c *testCluster) always(t *testing.T, since time.Time, expr, why string) {
	t.Helper()
	until := time.Now()
	all, err := c.prometheus.evaluated(t.Context(), expr, since, until, time.Second)
	must(t, err)
	seen := map[time.Time]bool{}
	for _, s := range all {
		for _, p := range s.points {
			seen[p.at] = true
		}
	}
	if expected := int(until.Sub(since)/time.Second) + 1; len(seen) < expected {
		t.Errorf("%s: it has a value at %d of %d seconds", why, len(seen), expected)
	}
}

// Expressions that must never have a value. Where the job was taken away or its interval changed before, as tests do, series stay
// for five minutes as they were; their age shows which they are.
const (
	lasting    = infoSeries + ` unless time() - timestamp(` + infoSeries + `) > 16`
	twice      = `count by (customresource_kind, exported_namespace, name) (` + lasting + `) > 1`
	bothStates = `flux:resource:ready and flux:resource:not_ready or flux:resource:ready and flux:resource:suspended`
)

// notReady is what is recorded of an object while it is neither ready nor suspended.
func notReady(id identity) string {
	return fmt.Sprintf(`flux:resource:not_ready{kind=%q, exported_namespace=%q, name=%q}`, id.kind, appsNamespace, id.name)
}
