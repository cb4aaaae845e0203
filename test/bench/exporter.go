package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/must"
)

// counts are numbers of objects, each at least as large as the one before.
type counts []int

// String lists them as a flag takes them.
func (c *counts) String() string {
	var all []string
	for _, n := range *c {
		all = append(all, strconv.Itoa(n))
	}
	return strings.Join(all, ",")
}

// Set reads them from a flag.
func (c *counts) Set(text string) error {
	*c = nil
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < round {
			return fmt.Errorf("%q is not a number of %d or more", part, round)
		}
		*c = append(*c, n-n%round)
	}
	if !slices.IsSorted(*c) {
		return errors.New("objects are created, never removed: give the smaller number first")
	}
	return nil
}

// compareExporters compares the operator's exporter with kube-state-metrics, at each number of objects.
func compareExporters(ctx context.Context, b *bed) []figure {
	b.furnishExporter(ctx)
	all := b.candidates(ctx)
	b.decide(ctx)
	var figures []figure
	made := 0
	for _, n := range b.objects {
		b.populate(ctx, made, n)
		made = n
		figures = append(figures, b.resultsOf(ctx, all, n).figures()...)
	}
	b.profileExporter(ctx)
	return figures
}

// decide runs the operator until the FluxMonitoring has it as its metrics source, so that later runs export at once.
func (b *bed) decide(ctx context.Context) {
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	defer func() { b.measured.Stop() }()
	b.restart(ctx)
	for {
		fm := fluxMonitoring("monitoring", "")
		must.Succeed(b.Get(ctx, client.ObjectKeyFromObject(fm), fm))
		if s := fm.Status.ResourceMetrics; s != nil && s.Source == v1alpha1.ResourceMetricsSourceExporter {
			return
		}
		pause(ctx, between)
	}
}

// results are what has been measured at one number of objects.
type results struct {
	objects                          int
	floor                            *floor
	theirs, ours, theirsAll, oursAll *cost
}

func (b *bed) resultsOf(ctx context.Context, all *candidates, n int) *results {
	floor := b.floorOf(ctx)
	b.progress("%d objects, %.1f MB: %v", n, float64(floor.total)/1e6, floor.bytes)
	r := &results{
		objects: n, floor: floor, theirs: b.costOf(ctx, all.theirs, n), ours: b.costOf(ctx, all.ours, n),
		theirsAll: b.costOf(ctx, all.theirsAll, n), oursAll: b.costOf(ctx, all.oursAll, n),
	}
	floor.scrape = floorOfScrape(ctx, r.ours.plain.exposition)
	return r
}
