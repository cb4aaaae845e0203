package cli

import (
	"context"
	"strings"

	"github.com/fluxmonitoring/operator/controllers"
)

const factsUsage = `Print what there is to know of the cluster for "operator render --facts", as YAML: the Flux that runs, what is served, which
Prometheus and Alertmanager there are and what they select, and how long Flux's objects may take. It has no state and no
secrets, and changes only when the cluster does, so it can be kept in Git.

Usage:
  operator facts [--flux-namespace NAMESPACE,...] [--namespace NAMESPACE,...]

Examples:
  operator facts > production.yaml
`

func facts(ctx context.Context, e *Environment, args []string) error {
	flags := flagsOf("facts")
	fluxes := flags.String("flux-namespace", "", "`namespaces` that a Flux runs in, separated by commas; empty for those that the "+
		"cluster's FluxMonitorings name, and flux-system")
	further := flags.String("namespace", "", "further `namespaces`, separated by commas, that a FluxMonitoring is going to be in: selectors of "+
		"Prometheus objects may ask for their labels")
	options := operator(flags)
	if err := parse(e, flags, factsUsage, args); err != nil {
		return err
	}
	config, err := e.Cluster()
	if err != nil {
		return err
	}
	look, err := controllers.NewLook(ctx, config, *options)
	if err != nil {
		return err
	}
	cluster, err := look.Cluster(ctx, listed(*fluxes), listed(*further))
	if err != nil {
		return err
	}
	text, err := encode(cluster)
	if err != nil {
		return err
	}
	_, err = e.Out.Write(text)
	return err
}

// listed are the names in a list with commas.
func listed(names string) []string {
	return strings.FieldsFunc(names, func(r rune) bool { return r == ',' })
}
