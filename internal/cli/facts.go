package cli

import (
	"context"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/controllers"
)

const factsUsage = `Print what there is to know of the cluster for "operator render --facts", as YAML: the Flux that runs, what is served, which
Prometheus and Alertmanager there are and what they select, and how long Flux's objects may take. It has no state and no
secrets, and changes only when the cluster does, so it can be kept in Git.

Usage:
  operator facts [--flux-namespace NAMESPACE,...]

Examples:
  operator facts > production.yaml
`

func facts(ctx context.Context, e *Environment, args []string) error {
	flags := flagsOf(e, "facts", factsUsage)
	fluxes := flags.String("flux-namespace", "", "`namespaces` that a Flux runs in, separated by commas; empty for those that the "+
		"cluster's FluxMonitorings name, and flux-system")
	options := operator(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: %w", flags.Arg(0), errUsage)
	}
	config, err := e.Cluster()
	if err != nil {
		return err
	}
	look, err := controllers.NewLook(ctx, config, *options)
	if err != nil {
		return err
	}
	var named []string
	if *fluxes != "" {
		named = strings.Split(*fluxes, ",")
	}
	cluster, err := look.Cluster(ctx, named)
	if err != nil {
		return err
	}
	text, err := yaml.Marshal(cluster)
	if err != nil {
		return err
	}
	_, err = e.Out.Write(text)
	return err
}
