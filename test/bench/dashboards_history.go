package main

import (
	"encoding/gob"
	"io"
	"math"
	"slices"
	"time"

	"github.com/fluxmonitoring/operator/test/must"
)

const (
	// scrapeEvery is the interval of scrapes and evaluations, as kube-prometheus-stack has them.
	scrapeEvery = 30 * time.Second
	// blockLength is that of a Prometheus' block before it is put together with others.
	blockLength = 2 * time.Hour
)

// historyStart is when every history begins: the start of a block.
var historyStart = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)

// history is what a Prometheus has stored of a Flux.
type history struct {
	objects, hours int
}

// samples is how many scrapes there are.
func (h history) samples() int { return h.hours * int(time.Hour/scrapeEvery) }

// end is a moment just after the last scrape.
func (h history) end() time.Time {
	return historyStart.Add(time.Duration(h.samples()-1)*scrapeEvery + scrapeEvery/2)
}

// at is when the i-th scrape is, in seconds.
func at(i int) float64 { return float64(historyStart.Unix()) + float64(i)*scrapeEvery.Seconds() }

// historyHeader comes before the series; test/bench/blocks reads it.
type historyHeader struct {
	Start, Step, Block int64
	Samples            int
}

// timeSeries is a name with its labels, in turn, and a value for each scrape. NaN is that there is none.
type timeSeries struct {
	Labels []string
	// Delay of the samples after the scrapes, in milliseconds.
	Delay  int64
	Values []float64
}

// recorded is how long after a scrape rules are evaluated on it, in milliseconds.
const recorded = 5000

// write gives out the whole history as test/bench/blocks reads it.
func (h history) write(out io.Writer) {
	encoder := gob.NewEncoder(out)
	must.Succeed(encoder.Encode(historyHeader{historyStart.UnixMilli(), scrapeEvery.Milliseconds(), blockLength.Milliseconds(), h.samples()}))
	totals := newTotals(h.samples())
	for i := range h.objects {
		for _, s := range newObject(i, h.samples()).series(totals) {
			must.Succeed(encoder.Encode(s))
		}
	}
	for _, s := range slices.Concat(totals.series(), controllerSeries(h.samples())) {
		must.Succeed(encoder.Encode(s))
	}
}

// named is a series of a name, with labels in turn.
func named(name string, values []float64, labels ...string) timeSeries {
	return timeSeries{Labels: append([]string{"__name__", name}, labels...), Values: values}
}

// absent is no value at any scrape.
func absent(samples int) []float64 { return slices.Repeat([]float64{math.NaN()}, samples) }

// mixed is a number that follows from others and looks like chance, the same in every run.
func mixed(numbers ...int) uint64 {
	z := uint64(0)
	for _, n := range numbers {
		z += uint64(n) + 0x9e3779b97f4a7c15
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
	}
	return z
}

// share is such a number from 0 to 1.
func share(numbers ...int) float64 { return float64(mixed(numbers...)>>11) / (1 << 53) }
