package exporter

import (
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/common/expfmt"
)

const (
	// flushSize is the size of a write.
	flushSize = 128 << 10
	// lineReserve is longer than most lines. A longer line makes its buffer grow.
	lineReserve = 4 << 10
	// gzipLevel is the fastest one that finds repetitions, which are most of the content.
	gzipLevel = gzip.BestSpeed
)

// formats are the supported ones. Prometheus prefers protobuf but accepts these.
var formats = []expfmt.Format{expfmt.NewFormat(expfmt.TypeOpenMetrics), expfmt.NewFormat(expfmt.TypeTextPlain)}

var (
	expositions = sync.Pool{New: func() any { return &exposition{buffer: make([]byte, 0, flushSize+lineReserve)} }}
	compressors = sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(nil, gzipLevel)
		if err != nil {
			panic(err) // the level is a constant
		}
		return w
	}}
)

// ServeHTTP exports the metrics in the requested format and encoding.
func (e *Exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	format := expfmt.NegotiateAccept(r.Header, formats...)
	w.Header().Set("Content-Type", string(format))
	w.Header().Set("Vary", "Accept, Accept-Encoding")
	open := format.FormatType() == expfmt.TypeOpenMetrics
	if r.Method == http.MethodHead {
		return
	}
	if !acceptsGzip(r.Header) {
		e.write(w, open)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z := compressors.Get().(*gzip.Writer)
	z.Reset(w)
	e.write(z, open)
	_ = z.Close() // fails only if the client has gone
	z.Reset(nil)
	compressors.Put(z)
}

// acceptsGzip reports whether the client accepts gzip.
func acceptsGzip(h http.Header) bool {
	for _, header := range h.Values("Accept-Encoding") {
		for encoding := range strings.SplitSeq(header, ",") {
			name, weight, _ := strings.Cut(encoding, ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				q, weighted := strings.CutPrefix(strings.TrimSpace(weight), "q=")
				value, err := strconv.ParseFloat(q, 64)
				return !weighted || err == nil && value > 0
			}
		}
	}
	return false
}
