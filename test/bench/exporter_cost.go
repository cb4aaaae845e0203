package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster"
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
	rate            float64 // of updates, a second
	visible         []time.Duration
}

// costOf measures a candidate on the objects there are.
func (b *bed) costOf(ctx context.Context, c candidate, objects int) (*cost, error) {
	b.progress("%d objects: %s", objects, c.name)
	ports, err := cluster.FreePorts(1)
	if err != nil {
		return nil, err
	}
	s, result := newScraper(ports[0]), &cost{}
	defer b.measured.stop()
	for _, measure := range []func() error{
		func() error { return b.startCost(ctx, c, s, ports[0], objects, result) },
		func() error { return b.settledCost(ctx, c, result) },
		func() (err error) { result.plain, err = b.scrapeTimes(ctx, s, "identity", plainScrapes); return err },
		func() (err error) { result.zipped, err = b.scrapeTimes(ctx, s, "gzip", zippedScrapes); return err },
		func() error { return b.updateCost(ctx, objects, result) },
		func() error { return b.visibility(ctx, s, objects, result) },
		func() (err error) { result.end, err = b.measured.memory(); return err },
	} {
		if err := measure(); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	b.progress("%s", result)
	b.measured.stop()
	return result, nil
}

// startCost measures from the start of the process until a scrape holds all objects.
func (b *bed) startCost(ctx context.Context, c candidate, s *scraper, port, objects int, to *cost) error {
	ctx, done := context.WithTimeout(ctx, longest)
	defer done()
	server, before, err := b.apiServer()
	if err != nil {
		return err
	}
	from := time.Now()
	if err := c.launch(ctx, port); err != nil {
		return err
	}
	for served := 0; served != objects; {
		if err := pause(ctx, poll); err != nil {
			return fmt.Errorf("%d of %d objects are served: %w", served, objects, err)
		}
		if body, err := s.scrape(ctx, "identity"); err == nil { // else it does not serve yet
			served = infos(body)
		}
	}
	to.start = time.Since(from)
	used, err1 := b.measured.memory()
	after, err2 := cpuOf(server)
	to.startCPU, err = b.measured.cpu()
	to.peak, to.apiServerCPU = used.peak, after-before
	return firstOf(err1, err2, err)
}

// settledCost measures what is left in memory after a collection.
func (b *bed) settledCost(ctx context.Context, c candidate, to *cost) error {
	for range 2 { // the second frees what the first has finalised
		if c.collect == nil {
			break
		}
		if err := c.collect(ctx); err != nil {
			return err
		}
	}
	if err := pause(ctx, settling); err != nil {
		return err
	}
	used, err := b.measured.memory()
	to.settled = used
	return err
}

// updateCost measures the CPU it takes while Flux reconciles: each Kustomization in turn is not ready, then ready again.
func (b *bed) updateCost(ctx context.Context, objects int, to *cost) error {
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	before, err := b.measured.cpu()
	if err != nil {
		return err
	}
	from, n := time.Now(), 0
	tick := time.NewTicker(time.Second / updates)
	defer tick.Stop()
	for ; time.Since(from) < updatesFor || n%2 == 1; n++ {
		if err := b.patchStatus(ctx, kustomizationAt(n/2, objects), reconciling(n)); err != nil {
			return err
		}
		<-tick.C
	}
	took := time.Since(from)
	after, err := b.measured.cpu()
	to.rate, to.share = float64(n)/took.Seconds(), (after-before).Seconds()/took.Seconds()
	return err
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
func (b *bed) visibility(ctx context.Context, s *scraper, objects int, to *cost) error {
	for i := range warmUp + probes {
		b.probe++
		revision := fmt.Sprintf("main@sha1:%040d", b.probe)
		if err := b.patchStatus(ctx, kustomizationAt(i*7, objects), fields{"lastAppliedRevision": revision}); err != nil {
			return err
		}
		from := time.Now()
		if err := b.shows(ctx, s, revision); err != nil {
			return err
		}
		if i >= warmUp {
			to.visible = append(to.visible, time.Since(from))
		}
		if err := pause(ctx, between/2); err != nil {
			return err
		}
	}
	return nil
}

// shows returns when a scrape holds the revision.
func (b *bed) shows(ctx context.Context, s *scraper, revision string) error {
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	for {
		body, err := s.scrape(ctx, "identity")
		if err != nil {
			return fmt.Errorf("waiting for %s to be served: %w", revision, err)
		}
		if bytes.Contains(body, []byte(revision)) {
			return nil
		}
	}
}

// String tells the cost on one line.
func (c *cost) String() string {
	return fmt.Sprintf("start %s, CPU %s, API server's %s; peak %.0f MiB, settled %.1f of which %.1f allocated, in the end %.1f, at most %.0f; "+
		"scrape %s, CPU %s, %d series, %d bytes; gzip %s, CPU %s, %d bytes; %.2f %% of a core at %.0f updates a second; visible %.1f ms, p99 %.1f",
		c.start.Round(time.Millisecond), c.startCPU, c.apiServerCPU, c.peak, c.settled.resident, c.settled.anonymous, c.end.resident, c.end.peak,
		c.plain.took, c.plain.cpu, c.plain.series, c.plain.bytes, c.zipped.took, c.zipped.cpu, c.zipped.bytes,
		100*c.share, c.rate, quantile(c.visible, 0.5), quantile(c.visible, 0.99))
}
