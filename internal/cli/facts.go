package cli

import (
	"context"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/fluxmonitoring/operator/internal/inspect"
)

const (
	factsLong = `Print the facts about a cluster that "kubectl fluxmon render --facts" needs. They are which Flux runs,
which APIs are served, what each Prometheus and Alertmanager selects, and how long Flux's objects can
take.

The facts have no state of objects and no secrets. They change only when the cluster does, so you
can keep them in Git.`
	factsExample = `  # Keep the facts of a cluster beside the FluxMonitoring
  kubectl fluxmon facts --context production > production.yaml

  # A FluxMonitoring is going to be in the namespace monitoring
  kubectl fluxmon facts -n monitoring`
)

// factsOptions are the flags of facts.
type factsOptions struct {
	streams    genericiooptions.IOStreams
	connection connection
	operator   *inspect.Operator
	output     format
	fluxes     []string
	namespaces []string
}

func newFacts(streams genericiooptions.IOStreams) *cobra.Command {
	o := &factsOptions{streams: streams, output: asYAML}
	command := &cobra.Command{
		Use:     "facts",
		Short:   "Print the facts about a cluster that render needs",
		Long:    factsLong,
		Example: factsExample,
		RunE:    func(command *cobra.Command, _ []string) error { return o.run(command.Context()) },
	}
	addFormat(command, &o.output)
	command.Flags().StringSliceVarP(&o.namespaces, "namespace", "n", nil, "Namespace that a FluxMonitoring is going to be in. Selectors of a "+
		"Prometheus may ask for its labels. It may be given several times. The namespaces of the cluster's FluxMonitorings are always included.")
	command.Flags().StringSliceVar(&o.fluxes, "flux-namespace", nil, "Namespace that a Flux runs in. It may be given several times. The default is "+
		"flux-system and the namespaces that the cluster's FluxMonitorings name.")
	o.operator = addOperator(command)
	o.connection = addConnection(command)
	return command
}

func (o *factsOptions) run(ctx context.Context) error {
	inspector, _, err := o.connection.inspector(ctx, *o.operator)
	if err != nil {
		return err
	}
	cluster, err := inspector.Cluster(ctx, o.fluxes, o.namespaces)
	if err != nil {
		return err
	}
	text, err := o.output.encode(cluster)
	if err != nil {
		return err
	}
	_, err = o.streams.Out.Write(text)
	return err
}
