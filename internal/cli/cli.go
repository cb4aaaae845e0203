// Package cli has the commands of kubectl-fluxmon, a plugin of kubectl: check, test-alert, open, render, diff, facts and version. It knows files,
// flags, and how to show a result to a person and to a script. The operator's own code decides which objects are desired, and reads the cluster.
package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// errDifferent is the result of diff if there are differences. It is not a failure.
var errDifferent = errors.New("there are differences")

// Run runs the command in the arguments, which do not include the program's name, and returns the exit code. Like
// kubectl diff, diff returns 1 if there are differences and more on an error. So do check and test-alert if a link is broken. Other
// commands return 1 on an error.
func Run(ctx context.Context, streams genericiooptions.IOStreams, version string, args []string) int {
	log.SetLogger(logr.Discard()) // the commands print their own messages
	root := newRoot(streams, version)
	root.SetArgs(append([]string{}, args...)) // with nil, cobra would use os.Args
	command, err := root.ExecuteContextC(ctx)
	var failed checkFailed
	var silent cannotAsk
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDifferent):
		return 1
	case errors.As(err, &failed):
		return failed.code
	}
	fmt.Fprintln(streams.ErrOut, "error:", err)
	switch {
	case errors.As(err, &silent):
		return 3
	case slices.Contains([]string{"diff", "check", "test-alert"}, command.Name()):
		return 2
	}
	return 1
}

const (
	rootLong = `Check whether monitoring of Flux works, and check a FluxMonitoring before you apply it. The commands
run the operator's own code.

render and version ask no cluster. The other commands ask the cluster of the kubeconfig, as kubectl
does.`
	rootExample = `  # Check whether monitoring of Flux works in the cluster
  kubectl fluxmon check --rules

  # Send a test alert, and show which receiver it reaches
  kubectl fluxmon test-alert flux -n monitoring

  # Show Grafana in a browser
  kubectl fluxmon open grafana

  # Print the objects that the operator would apply
  kubectl fluxmon render -f fluxmonitoring.yaml

  # Show what would change in the cluster
  kubectl fluxmon diff -f fluxmonitoring.yaml

  # Print facts about the cluster, then render for that cluster without asking it again
  kubectl fluxmon facts > production.yaml
  kubectl fluxmon render -f fluxmonitoring.yaml --facts production.yaml`
)

func newRoot(streams genericiooptions.IOStreams, version string) *cobra.Command {
	root := &cobra.Command{
		Use:           "kubectl-fluxmon",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl fluxmon"},
		Short:         "Check monitoring of Flux, and render a FluxMonitoring",
		Long:          rootLong,
		Example:       rootExample,
		SilenceErrors: true, // Run prints them
		SilenceUsage:  true, // an error is one line, not a page
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.ErrOut)
	root.SetFlagErrorFunc(withHelpHint)
	for _, command := range []*cobra.Command{
		newCheck(streams), newTestAlert(streams), newOpen(streams), newRender(streams), newDiff(streams), newFacts(streams), newVersion(streams, version),
	} {
		if command.Args == nil {
			command.Args = flagsOnly
		}
		if command.ValidArgsFunction == nil {
			command.ValidArgsFunction = cobra.NoFileCompletions
		}
		command.Flags().SortFlags = false // a command's own flags first
		root.AddCommand(command)
	}
	return root
}

// flagsOnly refuses an argument that is no flag.
func flagsOnly(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("unexpected argument %q", args[0])
	if command.Flags().Lookup("filename") != nil {
		err = fmt.Errorf("%w: name a file by --filename", err)
	}
	return withHelpHint(command, err)
}

// withHelpHint adds how to print the help.
func withHelpHint(command *cobra.Command, err error) error {
	return fmt.Errorf("%w\nsee \"%s --help\"", err, command.CommandPath())
}
