package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/must"
)

const (
	// settling is how long memory may settle. The operator gives back what its start left after 15 s.
	settling = 20 * time.Second
	// poll is how long passes between two looks whether all is served.
	poll = 100 * time.Millisecond
	// updates are so many status updates a second, for so long.
	updates    = 50
	updatesFor = 20 * time.Second
	// probes is how often it is measured how soon a change is visible.
	probes = 50
	// plainScrapes and zippedScrapes is how many scrapes are made.
	plainScrapes, zippedScrapes = 200, 100
)

// cost is what a candidate takes.
type cost struct {
	start, startCPU time.Duration
	apiServerCPU    time.Duration // of the API server, until all is served
	peak            float64       // MiB, until all is served
	settled, end    memoryUse     // after a collection, and after all there was to do
	plain, zipped   scrapes
	share           float64 // of a core, at so many updates a second
	visible         []time.Duration
}

// costOf measures a candidate on the objects there are.
func (b *bed) costOf(ctx context.Context, of candidate, objects int) *cost {
	b.progress("%d objects: %s", objects, of.name)
	port := must.Get(cluster.FreePorts(1))[0]
	s, c := newScraper(port), &cost{}
	defer func() { b.measured.Stop() }()
	b.startCost(ctx, of, s, port, objects, c)
	b.settledCost(ctx, of, c)
	c.plain = b.scrapeTimes(ctx, s, "identity", plainScrapes)
	c.zipped = b.scrapeTimes(ctx, s, "gzip", zippedScrapes)
	b.updateCost(ctx, objects, c)
	b.visibility(ctx, s, objects, c)
	c.end = b.measured.memory()
	return c
}

// startCost measures from the start of the process until a scrape holds all objects.
func (b *bed) startCost(ctx context.Context, c candidate, s *scraper, port, objects int, to *cost) {
	ctx, done := context.WithTimeout(ctx, longest)
	defer done()
	server, before := b.apiServer()
	from := time.Now()
	c.launch(ctx, port)
	for served := 0; served != objects; {
		pause(ctx, poll)
		if body, err := s.scrape(ctx, "identity"); err == nil { // else it does not serve yet
			served = infos(body)
		}
	}
	to.start = time.Since(from)
	to.startCPU, to.apiServerCPU, to.peak = b.measured.cpu(), cpuOf(server)-before, b.measured.memory().peak
}

// settledCost measures what is left in memory after a collection.
func (b *bed) settledCost(ctx context.Context, c candidate, to *cost) {
	if c.collect != nil {
		c.collect(ctx)
		c.collect(ctx) // frees what the first has finalised
	}
	pause(ctx, settling)
	to.settled = b.measured.memory()
}

// updateCost measures the CPU it takes while Flux reconciles: each Kustomization in turn is not ready, then ready again.
func (b *bed) updateCost(ctx context.Context, objects int, to *cost) {
	pause(ctx, 2*time.Second)
	before := b.measured.cpu()
	from, n := time.Now(), 0
	tick := time.NewTicker(time.Second / updates)
	defer tick.Stop()
	for ; time.Since(from) < updatesFor || n%2 == 1; n++ {
		b.patchStatus(ctx, kustomizationAt(n/2, objects), reconciling(n))
		<-tick.C
	}
	to.share = (b.measured.cpu() - before).Seconds() / time.Since(from).Seconds()
}

// kustomizationAt is the number of the n-th Kustomization of so many objects, from the first on again.
func kustomizationAt(n, objects int) int {
	n %= max(objects/round, 1) * 12
	return n/12*round + n%12
}

// reconciling is the n-th change: the even ones begin a reconciliation, the odd ones end it.
func reconciling(n int) fields {
	if n%2 == 0 {
		return fields{"conditions": []any{
			condition("Reconciling", "True", "Progressing", "Fetching manifests for revision "+commit+" with a timeout of 5m0s"),
			condition("Ready", "Unknown", "Progressing", "Reconciliation in progress"),
		}}
	}
	return fields{"conditions": []any{condition("Ready", "True", "ReconciliationSucceeded", "Applied revision: "+commit)}}
}

// visibility measures from the answer to a status update until the end of the first scrape that shows it. Scrapes follow
// upon each other without a pause.
func (b *bed) visibility(ctx context.Context, s *scraper, objects int, to *cost) {
	for i := range warmUp + probes {
		b.probe++
		revision := fmt.Sprintf("main@sha1:%040d", b.probe)
		b.patchStatus(ctx, kustomizationAt(i*7, objects), fields{"lastAppliedRevision": revision})
		from := time.Now()
		b.shows(ctx, s, revision)
		if i >= warmUp {
			to.visible = append(to.visible, time.Since(from))
		}
		pause(ctx, between/2)
	}
}

// shows returns when a scrape holds the revision.
func (b *bed) shows(ctx context.Context, s *scraper, revision string) {
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	for {
		if bytes.Contains(must.Get(s.scrape(ctx, "identity")), []byte(revision)) {
			return
		}
	}
}
