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
func compareExporters(ctx context.Context, b *bed) ([]figure, error) {
	if err := b.furnishExporter(ctx); err != nil {
		return nil, err
	}
	all, err := b.candidates(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.decide(ctx); err != nil {
		return nil, err
	}
	var figures []figure
	for made, i := 0, 0; i < len(b.objects); i++ {
		n := b.objects[i]
		if err := b.populate(ctx, made, n); err != nil {
			return nil, err
		}
		made = n
		r, err := b.rivalry(ctx, all, n)
		if err != nil {
			return nil, err
		}
		figures = append(figures, r.figures()...)
	}
	return figures, b.profileExporter(ctx)
}

// decide lets the operator once deal with the FluxMonitoring, so that it knows from then on that it is to export.
func (b *bed) decide(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	defer func() { b.measured.stop() }()
	if err := b.restart(ctx); err != nil {
		return err
	}
	for {
		fm := fluxMonitoring("monitoring", "")
		if err := b.Get(ctx, client.ObjectKeyFromObject(fm), fm); err != nil {
			return err
		}
		if s := fm.Status.ResourceMetrics; s != nil && s.Source == v1alpha1.ResourceMetricsSourceExporter {
			return nil
		}
		if err := pause(ctx, between); err != nil {
			return fmt.Errorf("waiting for the operator to export: %w", err)
		}
	}
}

// rivalry is what has been measured at one number of objects.
type rivalry struct {
	objects                          int
	floor                            *floor
	theirs, ours, theirsAll, oursAll *cost
}

func (b *bed) rivalry(ctx context.Context, all *candidates, n int) (*rivalry, error) {
	r := &rivalry{objects: n}
	var err error
	if r.floor, err = b.floorOf(ctx); err != nil {
		return nil, err
	}
	b.progress("%d objects, %.1f MB: %v", n, float64(r.floor.total)/1e6, r.floor.bytes)
	for _, one := range []struct {
		candidate candidate
		cost      **cost
	}{{all.theirs, &r.theirs}, {all.ours, &r.ours}, {all.theirsAll, &r.theirsAll}, {all.oursAll, &r.oursAll}} {
		if *one.cost, err = b.costOf(ctx, one.candidate, n); err != nil {
			return nil, err
		}
	}
	r.floor.scrape, err = floorOfScrape(ctx, r.ours.plain.exposition)
	return r, err
}
