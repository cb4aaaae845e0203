package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/fluxmonitoring/operator/internal/inspect"
)

// connection has kubectl's flags for the cluster and the user.
type connection struct {
	flags *genericclioptions.ConfigFlags
}

// addConnection adds the flags, except --namespace, which commands add, and --cache-dir, because nothing is cached.
func addConnection(command *cobra.Command) connection {
	c := connection{flags: genericclioptions.NewConfigFlags(true)}
	c.flags.Namespace, c.flags.CacheDir = nil, nil
	c.flags.AddFlags(command.Flags())
	complete(command, "context", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		known, err := c.flags.ToRawKubeConfigLoader().RawConfig()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return slices.Sorted(maps.Keys(known.Contexts)), cobra.ShellCompDirectiveNoFileComp
	})
	return c
}

// complete sets the completion of a flag's value.
func complete(command *cobra.Command, flag string, by cobra.CompletionFunc) {
	if err := command.RegisterFlagCompletionFunc(flag, by); err != nil {
		panic(err) // there is no such flag
	}
}

// errNoCluster replaces client-go's default address http://localhost:8080.
var errNoCluster = errors.New("no cluster to ask: set KUBECONFIG, or name a file by --kubeconfig, or run in a pod")

// config returns the configuration of the connection.
func (c connection) config() (*rest.Config, error) {
	loader := c.flags.ToRawKubeConfigLoader()
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("no cluster to ask: %w", err)
	}
	if known, err := loader.RawConfig(); err == nil && len(known.Clusters) == 0 && config.Host == clientcmd.ClusterDefaults.Server {
		return nil, errNoCluster
	}
	return config, nil
}

// namespace of the current context.
func (c connection) namespace() (string, error) {
	namespace, _, err := c.flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return "", fmt.Errorf("no cluster to ask: %w", err)
	}
	return namespace, nil
}

// addOperator adds the flags that say where the operator runs and how it serves metrics.
func addOperator(command *cobra.Command) *inspect.Operator {
	o := &inspect.Operator{}
	command.Flags().StringVar(&o.Namespace, "operator-namespace", "fluxmonitoring-system",
		"Namespace that the operator runs in, where Prometheus scrapes it.")
	command.Flags().BoolVar(&o.MetricsSecure, "metrics-secure", false, "The operator runs with the flag --metrics-secure.")
	return o
}

// inspector reads the cluster of the connection as an operator with these flags does.
func (c connection) inspector(ctx context.Context, operator inspect.Operator) (*inspect.Inspector, *rest.Config, error) {
	config, err := c.config()
	if err != nil {
		return nil, nil, err
	}
	inspector, err := inspect.New(ctx, config, operator)
	return inspector, config, err
}
