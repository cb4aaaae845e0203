//go:build e2e

package e2e_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// The sample's resource while the state of objects is looked at closely: Prometheus scrapes every 5 s.
const (
	closely  = `{scrape: {interval: 5s}, alerts: {rules: [{name: ReconciliationFailure, for: 15s, keepFiringFor: 1s}]}}`
	interval = 5 * time.Second
	// slack is what a busy machine may take from a change in the API server to the answer of a scrape, and to this test.
	slack = time.Second
)

// What the exporter tells of the objects in the namespace apps.
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
	NewWithT(t).Eventually(func(g Gomega) {
		samples, err := c.prometheus.query(t.Context(), `count_over_time(gotk_resources{job="`+exporterJob+`"}[12s]) >= 2`)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(samples).NotTo(BeEmpty())
	}, patient, often).Should(Succeed(), "the exporter should be scraped every 5 s")
	return c.witness(t)
}

// account is how Prometheus and the API server compare over some time.
type account struct {
	// wrong are the scrapes that tell what was not so.
	wrong []string
	// samples that were compared, and changes that were found.
	samples, changes int
	// late is the longest time from a change to the first scrape that tells it, of those that lasted until a scrape.
	late time.Duration
	// gap is the longest time without a sample of an object that is there before and after, whose name it is.
	gap   time.Duration
	gapOf identity
}

// compare goes through what is stored of all objects since then.
func (c *testCluster) compare(t *testing.T, w *witness, since time.Time) account {
	t.Helper()
	all, err := c.prometheus.stored(t.Context(), infoSeries, since)
	must(t, err)
	stays, a, times := w.all(), account{}, map[identity][]time.Time{}
	for _, s := range all {
		id, is := told(s.labels)
		for _, p := range s.points {
			a.samples++
			times[id] = append(times[id], p.at)
			if !had(stays[id], is, p.at, slack) {
				a.wrong = append(a.wrong, fmt.Sprintf("%s: %v is said to be %v", p.at.Format(time.StampMilli), id, is))
			}
		}
	}
	for id, at := range times {
		slices.SortFunc(at, time.Time.Compare)
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap > a.gap {
				a.gap, a.gapOf = gap, id
			}
		}
	}
	for _, id := range slices.SortedFunc(mapsKeys(stays), func(x, y identity) int { return cmp.Compare(x.name, y.name) }) {
		a.follow(id, stays[id], times[id], since)
	}
	return a
}

// follow looks for the first scrape after each change.
func (a *account) follow(id identity, stays []stay, scrapes []time.Time, since time.Time) {
	for i, s := range stays {
		if s.gone || s.from.Before(since) {
			continue
		}
		first := slices.IndexFunc(scrapes, func(at time.Time) bool { return !at.Before(s.from) })
		if first < 0 || i+1 < len(stays) && stays[i+1].from.Before(scrapes[first]) {
			continue // It was something else again before anybody looked.
		}
		a.changes++
		a.late = max(a.late, scrapes[first].Sub(s.from))
	}
}
