// Command blocks writes the series it reads into blocks of a Prometheus' data folder, with Prometheus' own code.
package main

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// header comes first: when the first sample is, how far apart samples are and how long a block is, in milliseconds; and of how
// many samples a series is.
type header struct {
	Start, Step, Block int64
	Samples            int
}

// series has a value for each of the header's samples. NaN is that there is none.
type series struct {
	// Labels are names and values in turn.
	Labels []string
	// Delay is how much later than the header says its samples are.
	Delay  int64
	Values []float64
}

// batch is how many samples are committed at a time.
const batch = 100_000

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: blocks FOLDER < series")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdin, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run writes what it reads into blocks in the folder.
func run(ctx context.Context, in io.Reader, folder string) error {
	decoder := gob.NewDecoder(in)
	var h header
	if err := decoder.Decode(&h); err != nil {
		return fmt.Errorf("reading the header: %w", err)
	}
	perBlock := int(h.Block / h.Step)
	var blocks []*block
	for from := 0; from < h.Samples; from += perBlock {
		// The writer is given a block twice as large, for it accepts only samples that are at most half a block older than the newest, and
		// here they come series by series.
		w, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), folder, 2*h.Block)
		if err != nil {
			return err
		}
		blocks = append(blocks, &block{header: h, from: from, to: min(from+perBlock, h.Samples), writer: w, appender: w.Appender(ctx)})
	}
	for {
		var s series
		if err := decoder.Decode(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("reading a series: %w", err)
		}
		for _, b := range blocks {
			if err := b.append(ctx, s); err != nil {
				return fmt.Errorf("%v: %w", s.Labels, err)
			}
		}
	}
	for _, b := range blocks {
		if err := b.end(ctx); err != nil {
			return err
		}
	}
	return nil
}

// block is one that is being written, of the samples from up to but not including to.
type block struct {
	header
	from, to int
	writer   *tsdb.BlockWriter
	appender storage.Appender
	held     int // samples that are not yet committed
}

// end writes the block.
func (b *block) end(ctx context.Context) error {
	if err := b.appender.Commit(); err != nil {
		return err
	}
	_, err := b.writer.Flush(ctx)
	return errors.Join(err, b.writer.Close())
}

// append adds the block's part of a series. Where it ends or pauses there is a sample that says so, as a scrape leaves it.
func (b *block) append(ctx context.Context, s series) error {
	if b.held > batch {
		if err := b.appender.Commit(); err != nil {
			return err
		}
		b.appender, b.held = b.writer.Appender(ctx), 0
	}
	b.held += b.to - b.from
	ref, name, before := storage.SeriesRef(0), labels.FromStrings(s.Labels...), math.NaN()
	if b.from > 0 {
		before = s.Values[b.from-1]
	}
	for i := b.from; i < b.to; i++ {
		v := s.Values[i]
		if math.IsNaN(v) && math.IsNaN(before) {
			continue
		}
		if before = v; math.IsNaN(v) {
			v = math.Float64frombits(value.StaleNaN)
		}
		var err error
		if ref, err = b.appender.Append(ref, name, b.Start+int64(i)*b.Step+s.Delay, v); err != nil {
			return err
		}
	}
	return nil
}
