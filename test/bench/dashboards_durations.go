package main

import (
	"math"
	"sort"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// durationBounds are the upper bounds of gotk_reconcile_duration_seconds: ten from 10 ms to 30 minutes, each the same multiple of
// the one before, and no bound.
var durationBounds = exponentialBounds(0.01, 1800, 10)

// exponentialBounds are n bounds from the least to the greatest, and infinity.
func exponentialBounds(least, greatest float64, n int) []float64 {
	return append(prometheus.ExponentialBucketsRange(least, greatest, n), math.Inf(1))
}

// histogram is the samples of a histogram over a history.
type histogram struct {
	bounds     []float64
	buckets    [][]float64
	count, sum []float64
}

// observed is a histogram of durations: at each scrape of those that have ended since the one before.
func observed(bounds []float64, samples int, ended func(i int) []float64) histogram {
	h := histogram{bounds: bounds, count: make([]float64, samples), sum: make([]float64, samples)}
	for range bounds {
		h.buckets = append(h.buckets, make([]float64, samples))
	}
	in, count, sum := make([]float64, len(bounds)), 0.0, 0.0
	for i := range samples {
		for _, seconds := range ended(i) {
			in[sort.SearchFloat64s(bounds, seconds)]++
			count, sum = count+1, sum+seconds
		}
		below := 0.0
		for b := range bounds {
			below += in[b]
			h.buckets[b][i] = below
		}
		h.count[i], h.sum[i] = count, sum
	}
	return h
}

// series are those of the histogram under a name: its buckets, its sum and its count.
func (h histogram) series(name string, labels ...string) []timeSeries {
	all := []timeSeries{named(name+"_sum", h.sum, labels...), named(name+"_count", h.count, labels...)}
	for b, values := range h.buckets {
		all = append(all, named(name+"_bucket", values, append([]string{"le", strconv.FormatFloat(h.bounds[b], 'g', -1, 64)}, labels...)...))
	}
	return all
}

// intervals are the scrapes from one reconciliation of an object to the next: those of intervals from two minutes to an hour.
var intervals = []int{4, 10, 20, 20, 20, 60, 120}

// durations is the time the object's controller says its reconciliations took.
func (o *object) durations() []timeSeries {
	every := intervals[mixed(o.number, 4)%uint64(len(intervals))]
	mean := 0.05 * math.Pow(400, share(o.number, 5)) // from 50 ms to 20 s
	all := observed(durationBounds, o.samples, func(i int) []float64 {
		if o.state(i) == isSuspended || (i+o.number)%every != 0 {
			return nil
		}
		return []float64{mean * (0.5 + share(o.number, 6, i))}
	})
	labels := append([]string{"kind", o.kind, "name", o.name, "exported_namespace", o.namespace}, targetOf(o.kind).labels()...)
	return all.series("gotk_reconcile_duration_seconds", labels...)
}
