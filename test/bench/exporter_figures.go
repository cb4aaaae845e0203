package main

import (
	"fmt"
	"time"
)

// measure is one thing by which two candidates are compared.
type measure struct {
	what, unit string
	of         func(*cost) float64
}

var (
	startTime   = measure{"start until all are served", "ms", func(c *cost) float64 { return milliseconds(c.start) }}
	startCPU    = measure{"start, CPU", "ms", func(c *cost) float64 { return milliseconds(c.startCPU) }}
	serverCPU   = measure{"start, CPU of the API server", "ms", func(c *cost) float64 { return milliseconds(c.apiServerCPU) }}
	peakMemory  = measure{"peak of the start", mib, func(c *cost) float64 { return c.peak }}
	settled     = measure{"settled after a collection", mib, func(c *cost) float64 { return c.settled.resident }}
	allocated   = measure{"  of that allocated, without pages of the binary", mib, func(c *cost) float64 { return c.settled.anonymous }}
	endMemory   = measure{"resident after scrapes and updates", mib, func(c *cost) float64 { return c.end.resident }}
	scrapeTime  = measure{"scrape, median", "ms", func(c *cost) float64 { return milliseconds(c.plain.took) }}
	scrapeCPU   = measure{"scrape, CPU", "ms", func(c *cost) float64 { return milliseconds(c.plain.cpu) }}
	seriesCPU   = measure{"scrape, CPU a series", "µs", func(c *cost) float64 { return 1e3 * milliseconds(c.plain.cpu) / float64(c.plain.series) }}
	gzipTime    = measure{"scrape with gzip, median", "ms", func(c *cost) float64 { return milliseconds(c.zipped.took) }}
	gzipCPU     = measure{"scrape with gzip, CPU", "ms", func(c *cost) float64 { return milliseconds(c.zipped.cpu) }}
	scrapeSize  = measure{"scrape, size", "kB", func(c *cost) float64 { return float64(c.plain.bytes) / 1e3 }}
	gzipSize    = measure{"scrape with gzip, size", "kB", func(c *cost) float64 { return float64(c.zipped.bytes) / 1e3 }}
	updateShare = measure{fmt.Sprintf("at %d status updates a second, of a core", updates), "%", func(c *cost) float64 { return 100 * c.share }}
	visibleP50  = measure{"change visible after, p50", "ms", func(c *cost) float64 { return quantile(c.visible, 0.5) }}
	visibleP99  = measure{"change visible after, p99", "ms", func(c *cost) float64 { return quantile(c.visible, 0.99) }}
)

// figures are those of one number of objects. The limits are what the exporter was made for.
func (r *results) figures() []figure {
	all := append(r.floorFigures(), plain("exporter / kube-state-metrics, one series an object", ""))
	all = append(all, compared(r.ours, r.theirs, 0.5,
		startTime, startCPU, peakMemory, settled, endMemory, scrapeTime, scrapeCPU, gzipTime, gzipCPU, updateShare, visibleP50)...)
	all = append(all, compared(r.ours, r.theirs, 0, allocated, visibleP99, serverCPU, scrapeSize, gzipSize)...)

	all = append(all, plain("exporter with all families / kube-state-metrics with one series an object", ""))
	all = append(all, compared(r.oursAll, r.theirs, 1, peakMemory, settled, endMemory)...)
	all = append(all, compared(r.oursAll, r.theirs, 0.5, seriesCPU)...)

	all = append(all, plain("exporter / kube-state-metrics, both with all families", ""))
	return append(all, compared(r.oursAll, r.theirsAll, 0,
		startTime, startCPU, peakMemory, settled, endMemory, scrapeTime, scrapeCPU, seriesCPU, gzipTime, scrapeSize, updateShare, visibleP50)...)
}

func (r *results) floorFigures() []figure {
	f := r.floor
	return []figure{
		plain(fmt.Sprintf("%d objects as served, mean", r.objects), "%.1f KB", float64(f.total)/float64(r.objects)/1e3),
		plain("  floor: each kind listed as one stream to nowhere", "%s, of it CPU %s; API server's %s", whole(f.list), f.listCPU, f.apiServer),
		plain("  floor: the same through a scanner of JSON", "%s, of it CPU %s", whole(f.scan), f.scanCPU),
		plain("  floor: a scrape of the exporter's bytes from memory, median", "%s ms", amount(milliseconds(f.scrape), "")),
	}
}

// compared holds several ratios against one limit; 0 is none.
func compared(ours, theirs *cost, limit float64, by ...measure) (figures []figure) {
	for _, m := range by {
		figures = append(figures, ratio("  "+m.what, m.unit, m.of(ours), m.of(theirs), limit))
	}
	return figures
}

func whole(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
