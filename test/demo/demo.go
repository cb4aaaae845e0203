package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/must"
	"github.com/fluxmonitoring/operator/test/process"
)

const (
	// patience is how long a scene may take.
	patience = time.Minute
	// longPatience is how long setting up may take: the first time, much is downloaded or built.
	longPatience = 40 * time.Minute
)

// demo is a demo under way.
type demo struct {
	screen *screen
	// fail ends the demo from outside of a scene.
	fail context.CancelCauseFunc

	// folder of the built operator, and of all that the demo writes.
	folder   string
	plane    *cluster.ControlPlane
	client   client.WithWatch
	operator *process.Process
	// exporter is where the operator serves the state of Flux objects.
	exporter string
	played   bool
}

// scene is one part of the demo, with a heading.
type scene struct {
	heading string
	limit   time.Duration
	play    func(*demo, context.Context)
}

// scenes in the order they are played in.
var scenes = []scene{
	{"A cluster with Flux and Prometheus", longPatience, (*demo).setUp},
	{"One resource", patience, (*demo).applySample},
	{"The objects that the operator creates", patience, (*demo).showObjects},
	{"The status and the events", patience, (*demo).showStatus},
	{"A failing Flux object is exported as a metric", patience, (*demo).exportState},
	{"A change by hand is undone", patience, (*demo).undoDrift},
	{"A deleted object is recreated", patience, (*demo).restoreDeleted},
	{"A change of the spec is applied", patience, (*demo).followSpec},
	{"Mistakes are refused or reported", patience, (*demo).explainMistakes},
	{"The PodMonitor selects a new shard", patience, (*demo).followShard},
	{"The same resource can install Prometheus and Grafana", patience, (*demo).askForStack},
}

// play plays all scenes.
func (d *demo) play(ctx context.Context, keep bool) error {
	start := time.Now()
	d.screen.title("From one FluxMonitoring to metrics, alerts and dashboards for Flux")
	for i, s := range scenes {
		d.screen.heading(i+1, s.heading)
		must.Succeed(d.one(ctx, s))
	}
	d.played = true
	d.screen.done("The demo is complete: the operator did all of this, in %s.", time.Since(start).Round(time.Second))
	if keep {
		return d.stay(ctx)
	}
	return nil
}

// one plays a scene within its limit, and names the scene if it fails.
func (d *demo) one(ctx context.Context, s scene) error {
	limited, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	err := must.Try(func() { s.play(d, limited) })
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case limited.Err() != nil:
		return fmt.Errorf("scene %q did not end within %s: %w", s.heading, s.limit, err)
	case err != nil:
		return fmt.Errorf("scene %q failed: %w", s.heading, err)
	}
	return nil
}

func (d *demo) kubeconfig() string { return filepath.Join(d.folder, "kubeconfig") }

// stay keeps all running until the user has seen enough.
func (d *demo) stay(ctx context.Context) error {
	d.screen.say("Everything stays up until you press Ctrl-C. In another terminal:")
	path := ""
	if _, err := exec.LookPath("kubectl"); err != nil {
		path = "export PATH=$PATH:" + d.plane.Assets + "\n"
	}
	d.screen.output(fmt.Sprintf("%sexport KUBECONFIG=%s\nkubectl get fluxmonitoring -A -o wide\ntail -f %s",
		path, d.kubeconfig(), d.operatorLog()))
	<-ctx.Done()
	return context.Cause(ctx)
}

// end says what went wrong, and leaves nothing behind.
func (d *demo) end(err error) {
	if err != nil && !errors.Is(err, errInterrupted) {
		d.screen.failed(err.Error())
		d.screen.output(d.operator.LastLines())
	}
	d.operator.Stop()
	if d.plane != nil {
		if err := d.plane.Stop(); err != nil {
			d.screen.failed("the API server was not stopped: " + err.Error())
		}
	}
	_ = os.RemoveAll(d.folder) // a leftover in the temporary folder is no reason to fail
}
