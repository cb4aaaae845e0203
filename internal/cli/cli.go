// Package cli has what the operator's binary does beside running as the operator: render, diff, facts and version. It knows files,
// flags, and how a result is shown to a person and to a script. What is wanted, and what a cluster is like, the operator's own code
// says.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/internal/admission"
)

// Environment is what a command works with.
type Environment struct {
	// In, Out and Err are the standard streams. Out has the result and nothing else.
	In       io.Reader
	Out, Err io.Writer
	// Cluster connects to the cluster of --kubeconfig, KUBECONFIG or the pod. It is called after the flags have been read.
	Cluster func() (*rest.Config, error)
	// Version of the binary.
	Version string
}

// ErrDifferent is returned by diff where there are differences. They are told, and nothing is wrong.
var ErrDifferent = errors.New("there are differences")

// errUsage is returned where the arguments are wrong; what and how is told already.
var errUsage = errors.New("see --help")

// command is one of them.
type command struct {
	name, about, usage string
	run                func(ctx context.Context, e *Environment, args []string) error
}

func commands() []command {
	return []command{
		{"render", "print the objects that a FluxMonitoring in a file comes to, without a cluster", renderUsage, render},
		{"diff", "show what the operator would change in a cluster for a FluxMonitoring in a file", diffUsage, diff},
		{"facts", "print what render has to know of a cluster, to keep beside the file", factsUsage, facts},
		{"version", "print the version", versionUsage, version},
	}
}

// Usage lists the commands, a line each.
func Usage() string {
	var lines strings.Builder
	for _, c := range commands() {
		fmt.Fprintf(&lines, "  operator %-8s %s\n", c.name, c.about)
	}
	return lines.String()
}

// Is reports whether the arguments, without the program's name, are those of a command.
func Is(args []string) bool {
	if len(args) == 0 {
		return false
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return true
		}
	}
	return false
}

// Run runs the command of which Is is true.
func Run(ctx context.Context, e *Environment, args []string) error {
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, e, args[1:])
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	return fmt.Errorf("there is no command %q", args[0])
}

// flagsOf are the flags of a command.
func flagsOf(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // parse says what there is to say
	if f := flag.CommandLine.Lookup("kubeconfig"); f != nil && name != "render" && name != "version" {
		flags.Var(f.Value, f.Name, f.Usage)
	}
	return flags
}

// parse reads the arguments, which are flags alone. --help goes where results go, for it is what was asked for; what is wrong does
// not, for a script would take it for a result.
func parse(e *Environment, flags *flag.FlagSet, usage string, args []string) error {
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(e.Out, usage, "\nFlags:\n") //nolint:errcheck // there is nobody left to tell
		flags.SetOutput(e.Out)
		flags.PrintDefaults()
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", err, errUsage)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: %w", flags.Arg(0), errUsage)
	}
	return nil
}

// filename adds the flag that names the file to read.
func filename(flags *flag.FlagSet) *string {
	const about = "`file` with FluxMonitorings, - for standard input; objects of other kinds in it are passed over"
	file := flags.String("filename", "", about)
	flags.StringVar(file, "f", "", "short for --filename")
	return file
}

// operator adds the flags that say where the operator runs and how it serves metrics.
func operator(flags *flag.FlagSet) *controllers.Options {
	o := &controllers.Options{}
	flags.StringVar(&o.Namespace, "operator-namespace", "fluxmonitoring-system", "`namespace` that the operator runs in, where its metrics are scraped")
	flags.BoolVar(&o.MetricsSecure, "metrics-secure", false, "the operator runs with this flag")
	return o
}

// read returns the FluxMonitorings of a file, one at least.
func read(e *Environment, file string) ([]*v1alpha1.FluxMonitoring, error) {
	if file == "" {
		return nil, fmt.Errorf("name a file with a FluxMonitoring by --filename, or - for standard input: %w", errUsage)
	}
	in := e.In
	if file != "-" {
		opened, err := os.Open(file) //nolint:gosec // the user says which
		if err != nil {
			return nil, err
		}
		defer opened.Close() //nolint:errcheck // it was only read
		in = opened
	}
	all, err := admission.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: there is no %s %s in it", file, v1alpha1.GroupVersion, v1alpha1.Kind)
	}
	for _, fm := range all {
		if fm.Name == "" {
			return nil, fmt.Errorf("%s: a FluxMonitoring has no metadata.name", file)
		}
		if fm.Namespace == "" {
			return nil, fmt.Errorf("%s: FluxMonitoring %s has no metadata.namespace", file, fm.Name)
		}
	}
	return all, nil
}

// tell writes what the conditions say to the stream of errors, and returns an error where a person would have to act.
func tell(e *Environment, fm *v1alpha1.FluxMonitoring, status v1alpha1.FluxMonitoringStatus) error {
	for _, c := range status.Conditions {
		if c.Type == fluxmeta.StalledCondition || c.Type == fluxmeta.ReconcilingCondition {
			continue // they say the same as Ready
		}
		fmt.Fprintf(e.Err, "# %s/%s %s=%s %s: %s\n", fm.Namespace, fm.Name, c.Type, c.Status, c.Reason, c.Message) //nolint:errcheck // as above
	}
	if c := meta.FindStatusCondition(status.Conditions, fluxmeta.StalledCondition); c != nil {
		return fmt.Errorf("FluxMonitoring %s/%s: %s: %s", fm.Namespace, fm.Name, c.Reason, c.Message)
	}
	return nil
}

const versionUsage = "Print the version of the operator.\n\nUsage:\n  operator version\n"

func version(_ context.Context, e *Environment, args []string) error {
	if err := parse(e, flagsOf("version"), versionUsage, args); err != nil {
		return err
	}
	_, err := fmt.Fprintln(e.Out, e.Version)
	return err
}
