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
	"github.com/fluxmonitoring/operator/test/must"
)

// profileExporter starts the exporter alone in this process, and writes what it used to the folder for profiles, if any.
func (b *bed) profileExporter(ctx context.Context) {
	if b.profiles == "" {
		return
	}
	file := must.Get(os.Create(filepath.Join(b.profiles, "exporter-cpu.pprof")))
	defer file.Close() //nolint:errcheck // a profile that is cut short is seen to be.
	debug.FreeOSMemory()
	debug.SetGCPercent(50) // as the operator does
	must.Succeed(pprof.StartCPUProfile(file))
	ctx, done := context.WithTimeout(ctx, longest)
	defer done() // ends the exporter, after its heap is written
	from := time.Now()
	startExporter(ctx, b.plane.Config)
	b.progress("the exporter alone: %s until all is served", time.Since(from))
	pprof.StopCPUProfile()
	runtime.GC()
	heap := must.Get(os.Create(filepath.Join(b.profiles, "exporter-heap.pprof")))
	must.Succeed(pprof.Lookup("heap").WriteTo(heap, 0)) // all that was allocated, and what of it is in use
	must.Succeed(heap.Close())
}

// startExporter has an exporter follow Flux's kinds until the context ends, and returns when it serves them.
func startExporter(ctx context.Context, cfg *rest.Config) {
	changed := make(chan struct{}, 1)
	e := must.Get(exporter.New(cfg, nil, exporter.Options{Changed: func() {
		select {
		case changed <- struct{}{}:
		default: // one waits already
		}
	}}))
	e.Follow(ctx, exporter.Desired{Kinds: servedKinds()})
	for !e.Health().Serving {
		select {
		case <-changed:
		case <-ctx.Done():
			must.Succeed(context.Cause(ctx))
		}
	}
}
