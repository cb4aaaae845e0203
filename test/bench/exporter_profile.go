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
	changed := make(chan struct{}, 1)
	e, err := exporter.New(rest.CopyConfig(b.plane.Config), nil, exporter.Options{Changed: func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(b.profiles, "exporter-cpu.pprof"))
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // a profile that is cut short is seen to be.
	debug.FreeOSMemory()
	debug.SetGCPercent(50) // as the operator does
	ctx, done := context.WithTimeout(ctx, longest)
	defer done()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	from := time.Now()
	e.Follow(ctx, exporter.Wanted{Kinds: servedKinds()})
	for !e.Health().Serving && ctx.Err() == nil {
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	took := time.Since(from)
	pprof.StopCPUProfile()
	b.progress("the exporter alone: %s until all is served", took)
	return firstOf(context.Cause(ctx), b.profileHeap())
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
