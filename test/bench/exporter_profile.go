package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/internal/exporter"
)

// profileExporter starts the exporter alone in this process, and writes what it used to the folder for profiles, if any.
func (b *bed) profileExporter(ctx context.Context) error {
	if b.profiles == "" {
		return nil
	}
	file, err := os.Create(filepath.Join(b.profiles, "exporter-cpu.pprof"))
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // a profile that is cut short is seen to be.
	debug.FreeOSMemory()
	debug.SetGCPercent(50) // as the operator does
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	ctx, done := context.WithTimeout(ctx, longest)
	defer done() // ends the exporter, after the heap has been looked at
	from := time.Now()
	err = startExporter(ctx, b.plane.Config)
	b.progress("the exporter alone: %s until all is served", time.Since(from))
	pprof.StopCPUProfile()
	return firstOf(err, b.profileHeap())
}

// startExporter has an exporter follow Flux's kinds until the context ends, and returns when it serves them.
func startExporter(ctx context.Context, cfg *rest.Config) error {
	changed := make(chan struct{}, 1)
	e, err := exporter.New(cfg, nil, exporter.Options{Changed: func() {
		select {
		case changed <- struct{}{}:
		default: // one waits already
		}
	}})
	if err != nil {
		return err
	}
	e.Follow(ctx, exporter.Desired{Kinds: servedKinds()})
	for !e.Health().Serving {
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// profileHeap writes what has been allocated, and what of it is in use.
func (b *bed) profileHeap() error {
	runtime.GC()
	file, err := os.Create(filepath.Join(b.profiles, "exporter-heap.pprof"))
	if err != nil {
		return err
	}
	return firstOf(pprof.Lookup("heap").WriteTo(file, 0), file.Close())
}
