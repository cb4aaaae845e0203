package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/test/must"
)

// scenario is one thing that is measured, on a control plane of its own.
type scenario struct {
	name, about string
	// limit is how long it may take in all, beside what the settings have it wait.
	limit time.Duration
	run   func(context.Context, *bed) []figure
	// alone is that it needs neither a control plane nor the operator.
	alone bool
}

// scenarios are all there are, in the order of `all`.
func scenarios() []scenario {
	return []scenario{
		{"create", "time from creating a FluxMonitoring to all its objects, against a plain client", 15 * time.Minute, create, false},
		{"drift", "time from a change by somebody else to its repair", 15 * time.Minute, drift, false},
		{"fight", "a minute in which another manager changes an object all the time: writes, CPU", 15 * time.Minute, fight, false},
		{"memory", "resident memory with one resource, and what a large cluster adds to it", 40 * time.Minute, memory, false},
		{"idle", "requests at rest with 100 resources", 20 * time.Minute, idle, false},
		{"verify", "what it costs to ask Prometheus every ten seconds: memory and CPU, on and off", 20 * time.Minute, verify, false},
		{"scale", "1,000 resources, each on a Flux of its own: time, requests, memory, restart", time.Hour, scale, false},
		{"exporter", "the exporter of objects' state against kube-state-metrics: start, memory, scrapes, updates", 2 * time.Hour, compareExporters, false},
		{"dashboards", "what our dashboards and rules cost a Prometheus, against upstream's dashboards", time.Hour, openDashboards, true},
	}
}

// scenariosNamed are those that a name on the command line means.
func scenariosNamed(name string) ([]scenario, error) {
	var names []string
	for _, s := range scenarios() {
		if s.name == name {
			return []scenario{s}, nil
		}
		names = append(names, s.name)
	}
	if name == "all" {
		return scenarios(), nil
	}
	return nil, fmt.Errorf("there is no scenario %q; they are %s and all", name, strings.Join(names, ", "))
}

// measure runs the scenario on a new control plane, and leaves nothing of it.
func (s scenario) measure(ctx context.Context, with *settings, folder string) (figures []figure, err error) {
	ctx, done := context.WithTimeout(ctx, s.limit+with.idleFor)
	defer done()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	b := &bed{settings: with, name: s.name, start: time.Now(), folder: filepath.Join(folder, s.name), fail: fail}
	defer b.close()
	err = must.Try(func() {
		must.Succeed(os.Mkdir(b.folder, 0o755))
		if !s.alone {
			b.startPlane(ctx)
		}
		figures = s.run(ctx, b)
	})
	if err != nil && context.Cause(ctx) != nil {
		err = context.Cause(ctx) // the operator that ended, rather than the wait that this cut short
	}
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, b.measured.LastLines())
	}
	return figures, nil
}

// progress reports on stderr what the scenario does.
func (b *bed) progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s %7s  %s\n", b.name, time.Since(b.start).Round(time.Second), fmt.Sprintf(format, args...))
}

// pause waits.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
		must.Succeed(context.Cause(ctx))
	case <-time.After(d):
	}
}
