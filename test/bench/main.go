// Command bench measures the operator: how fast it creates and repairs, what it asks of the API server at rest, and how much
// memory it takes. Each scenario has a control plane of its own, built from Go modules, and runs the operator's own binary
// as a process beside it. Figures are no tests: they are printed beside their targets, and fail nothing unless asked to.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/fluxmonitoring/operator/test/must"
)

// settings are what flags can change.
type settings struct {
	operator                      string
	check                         bool
	createTimes, driftTimes       int
	configMaps, deployments       int
	idleResources, scaleResources int
	settle, idleFor               time.Duration
	objects                       counts
	hours, loads                  int
	upstream                      []string
	profiles                      string
}

const (
	// resting is how long the operator must have done nothing to count as being at rest.
	resting = 3 * time.Second
	// between is how long there is nothing to do before each thing that is timed.
	between = 200 * time.Millisecond
)

// errMissed is the end of a run with --check in which a target was missed.
var errMissed = errors.New("a target was missed")

func main() {
	// A reader of our output that has gone ends us as well, but not without cleaning up.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "failed:", err)
		os.Exit(1)
	}
}

// run measures the scenarios asked for, and prints each one's table when it is done.
func run(ctx context.Context, args []string) error {
	s := &settings{objects: counts{10_000}}
	chosen, err := parse(s, args)
	if err != nil {
		return err
	}
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	folder, err := os.MkdirTemp("", "fluxmonitoring-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a leftover in the temporary folder is no reason to fail.
	if s.operator == "" && slices.ContainsFunc(chosen, func(c scenario) bool { return !c.alone }) {
		if err := must.Try(func() { s.operator = buildOperator(ctx, folder) }); err != nil {
			return err
		}
	}
	return measureAll(ctx, s, chosen, folder)
}

// measureAll measures one scenario after the other.
func measureAll(ctx context.Context, s *settings, chosen []scenario, folder string) error {
	missed := false
	for _, c := range chosen {
		figures, err := c.measure(ctx, s, folder)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		show(os.Stdout, c.name, figures)
		missed = missed || slices.ContainsFunc(figures, func(f figure) bool { return f.missed })
	}
	if missed && s.check {
		return errMissed
	}
	return nil
}

// parse reads flags and names of scenarios, in any order.
func parse(s *settings, args []string) ([]scenario, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.Usage = func() { usage(flags) }
	flags.BoolVar(&s.check, "check", false, "exit with 1 when a target is missed")
	flags.StringVar(&s.operator, "operator", "", "binary to measure; empty for one built from this checkout as the image's is")
	flags.IntVar(&s.createTimes, "create-times", 60, "repetitions of each way in create")
	flags.IntVar(&s.driftTimes, "drift-times", 200, "repetitions in drift")
	flags.DurationVar(&s.settle, "settle", 30*time.Second, "how long memory may settle before it is read")
	flags.IntVar(&s.configMaps, "configmaps", 50_000, "foreign ConfigMaps in memory")
	flags.IntVar(&s.deployments, "deployments", 5_000, "foreign Deployments in memory")
	flags.DurationVar(&s.idleFor, "idle-for", 10*time.Minute, "how long idle listens")
	flags.IntVar(&s.idleResources, "idle-resources", 100, "FluxMonitorings in idle")
	flags.IntVar(&s.scaleResources, "scale-resources", 1000, "FluxMonitorings in scale")
	flags.Var(&s.objects, "objects", "Flux objects in exporter and dashboards; several numbers, such as 10000,30000, one after the other")
	flags.StringVar(&s.profiles, "profiles", "", "folder for profiles of CPU and heap of the exporter alone, at its start, in exporter")
	flags.IntVar(&s.hours, "hours", 6, "how long the Prometheus in dashboards has scraped")
	flags.IntVar(&s.loads, "loads", 5, "how often each dashboard is opened in dashboards")
	flags.Func("upstream", "file with another project's dashboard as Grafana's JSON, compared with ours of the same uid in dashboards; may be repeated",
		func(file string) error {
			s.upstream = append(s.upstream, file)
			return nil
		})
	var chosen []scenario
	for rest := args; ; {
		if err := flags.Parse(rest); err != nil {
			return nil, err
		}
		if rest = flags.Args(); len(rest) == 0 {
			break
		}
		named, err := scenariosNamed(rest[0])
		if err != nil {
			return nil, err
		}
		chosen, rest = append(chosen, named...), rest[1:]
	}
	if len(chosen) == 0 {
		flags.Usage()
		return nil, errors.New("name a scenario")
	}
	return chosen, nil
}

// usage prints what bench can do.
func usage(flags *flag.FlagSet) {
	out := flags.Output()
	fmt.Fprint(out, "Measure the operator, on a control plane of its own, and what it gives to Prometheus.\n\n"+
		"usage: go run ./test/bench SCENARIO... [flags]\n\nscenarios:\n")
	for _, s := range scenarios() {
		fmt.Fprintf(out, "  %-10s %s\n", s.name, s.about)
	}
	fmt.Fprint(out, "  all        all of these, one after the other; an hour\n\n"+
		"Progress goes to stderr, results to stdout as a table. The first run builds etcd and\n"+
		"kube-apiserver from Go modules, which takes some minutes. Linux only: memory is read from /proc.\n\nflags:\n")
	flags.PrintDefaults()
}
