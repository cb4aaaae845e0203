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
	"sync"

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

// run writes what it reads into blocks in the folder, all blocks side by side.
func run(ctx context.Context, in io.Reader, folder string) error {
	decoder := gob.NewDecoder(in)
	var h header
	if err := decoder.Decode(&h); err != nil {
		return fmt.Errorf("reading the header: %w", err)
	}
	perBlock := int(h.Block / h.Step)
	var blocks []*block
	for from := 0; from < h.Samples; from += perBlock {
		blocks = append(blocks, newBlock(ctx, h, folder, from, min(from+perBlock, h.Samples)))
	}
	err := read(decoder, blocks)
	for _, b := range blocks {
		err = errors.Join(err, b.end())
	}
	return err
}

// read gives each block every series, until there are no more or a block has failed.
func read(decoder *gob.Decoder, blocks []*block) error {
	for {
		var s series
		if err := decoder.Decode(&s); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading a series: %w", err)
		}
		for _, b := range blocks {
			select {
			case b.series <- s:
			case <-b.failed:
				return nil // its end says why
			}
		}
	}
}

// block is one that is being written, of the samples from up to but not including to.
type block struct {
	header
	from, to int
	series   chan series
	failed   chan struct{}
	done     sync.WaitGroup
	err      error
}

func newBlock(ctx context.Context, h header, folder string, from, to int) *block {
	b := &block{header: h, from: from, to: to, series: make(chan series, 64), failed: make(chan struct{})}
	b.done.Go(func() {
		if b.err = b.write(ctx, folder); b.err != nil {
			close(b.failed)
		}
	})
	return b
}

// end is called when there are no more series.
func (b *block) end() error {
	close(b.series)
	b.done.Wait()
	return b.err
}

// write takes series until there are no more. The writer is told of a block twice as large, for it takes only samples that are
// at most half a block older than the newest, and here they come series by series.
func (b *block) write(ctx context.Context, folder string) (err error) {
	w, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), folder, 2*b.Block)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	appender, held := w.Appender(ctx), 0
	for s := range b.series {
		if held > batch {
			if err := appender.Commit(); err != nil {
				return err
			}
			appender, held = w.Appender(ctx), 0
		}
		if err := b.append(appender, s); err != nil {
			return fmt.Errorf("%v: %w", s.Labels, err)
		}
		held += b.to - b.from
	}
	if err := appender.Commit(); err != nil {
		return err
	}
	_, err = w.Flush(ctx)
	return err
}

// append adds the block's part of a series. Where it ends or pauses there is a sample that says so, as a scrape leaves it.
func (b *block) append(to storage.Appender, s series) error {
	ref, name, before := storage.SeriesRef(0), labels.FromStrings(s.Labels...), math.NaN()
	if b.from > 0 {
		before = s.Values[b.from-1]
	}
	for i := b.from; i < b.to; i++ {
		v := s.Values[i]
		if math.IsNaN(v) {
			if math.IsNaN(before) {
				continue
			}
			before, v = v, math.Float64frombits(value.StaleNaN)
		} else {
			before = v
		}
		var err error
		if ref, err = to.Append(ref, name, b.Start+int64(i)*b.Step+s.Delay, v); err != nil {
			return err
		}
	}
	return nil
}
