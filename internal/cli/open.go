package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/internal/inspect"
)

const (
	openLong = `Show Grafana, Prometheus or Alertmanager in a browser. The command finds the one that a FluxMonitoring
uses, and forwards a port of this machine to a pod of it, as kubectl port-forward does. It prints the
address, and for Grafana the command that prints the password.

The command runs until you press Ctrl+C. It writes nothing to the cluster, and reads no Secret.`
	openExample = `  # Show the dashboards
  kubectl fluxmon open grafana

  # Show the Prometheus of one FluxMonitoring, on another port of this machine
  kubectl fluxmon open prometheus flux -n monitoring --port 8080`
)

// The programs that open knows.
const (
	openGrafana      = "grafana"
	openPrometheus   = "prometheus"
	openAlertmanager = "alertmanager"
)

var programs = []string{openGrafana, openPrometheus, openAlertmanager}

// openOptions are the flags of open.
type openOptions struct {
	streams    genericiooptions.IOStreams
	connection connection
	operator   *inspect.Operator
	namespace  string
	addresses  []string
	port       uint16
	portIsSet  bool
}

func newOpen(streams genericiooptions.IOStreams) *cobra.Command {
	o := &openOptions{streams: streams}
	command := &cobra.Command{
		Use:     "open grafana|prometheus|alertmanager [NAME]",
		Short:   "Show Grafana, Prometheus or Alertmanager in a browser",
		Long:    openLong,
		Example: openExample,
		Args:    oneProgram,
		RunE: func(command *cobra.Command, args []string) error {
			o.portIsSet = command.Flags().Changed("port")
			return o.run(command.Context(), args)
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return programs, cobra.ShellCompDirectiveNoFileComp
		},
	}
	flags := command.Flags()
	flags.Uint16Var(&o.port, "port", 0, "Port of this machine. The default is the port of the pod. 0 is a port that nobody uses.")
	flags.StringSliceVar(&o.addresses, "address", []string{"localhost"},
		"Addresses of this machine to listen on, separated by commas. Other machines can connect to any except localhost.")
	flags.StringVarP(&o.namespace, "namespace", "n", "", "Namespace of the FluxMonitoring. The default is any, if there is only one FluxMonitoring.")
	o.operator = addOperator(command)
	o.connection = addConnection(command)
	return command
}

// oneProgram requires the name of a program, and allows that of a FluxMonitoring.
func oneProgram(command *cobra.Command, args []string) error {
	if !slices.Contains(programs, first(args)) {
		return withHelpHint(command, fmt.Errorf("name what to open: %s", strings.Join(programs, ", ")))
	}
	return cobra.MaximumNArgs(2)(command, args)
}

func (o *openOptions) run(ctx context.Context, args []string) error {
	inspector, config, err := o.connection.inspector(ctx, *o.operator)
	if err != nil {
		return err
	}
	page, err := o.page(ctx, inspector, args)
	if err != nil {
		return err
	}
	pod, err := inspector.ReadyPod(ctx, page)
	if err != nil {
		return err
	}
	return o.forward(ctx, config, page, pod)
}

// page is that of a program, for the FluxMonitoring that the arguments choose.
func (o *openOptions) page(ctx context.Context, inspector *inspect.Inspector, args []string) (inspect.Page, error) {
	fm, path, err := inspector.Choose(ctx, o.namespace, first(args[1:]))
	if err != nil {
		return inspect.Page{}, err
	}
	switch args[0] {
	case openGrafana:
		return inspector.GrafanaPage(ctx, path)
	case openPrometheus:
		return inspect.PrometheusPage(path)
	}
	page, found := inspect.AlertmanagerPage(path)
	if !found {
		return page, errors.New(prometheusLink(fm, path).Message)
	}
	return page, nil
}

// forward connects a port of this machine to the pod, until the context ends or the pod does.
func (o *openOptions) forward(ctx context.Context, config *rest.Config, page inspect.Page, pod string) error {
	to, err := newTunnel(ctx, config, page.Namespace, pod, page.Port)
	if err != nil {
		return err
	}
	port := page.Port
	if o.portIsSet {
		port = int(o.port)
	}
	local, ended, err := to.forward(o.addresses, port, o.streams.ErrOut)
	switch {
	case err != nil && strings.Contains(err.Error(), "unable to listen"):
		return fmt.Errorf("port %d of this machine is in use: choose another by --port", port)
	case err != nil:
		return err
	}
	fmt.Fprint(o.streams.Out, o.described(page, local))
	return <-ended
}

// described is where the page is, and how to sign in.
func (o *openOptions) described(page inspect.Page, local int) string {
	host := o.addresses[0]
	if net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	address := &url.URL{Scheme: page.Scheme, Host: net.JoinHostPort(host, strconv.Itoa(local)), Path: "/"}
	text := fmt.Sprintf("%s: %s\n", page.Program, address.JoinPath(page.Path))
	for _, of := range []struct {
		name string
		is   inspect.Credential
	}{{"User", page.User}, {"Password", page.Password}} {
		switch {
		case of.is.Value != "":
			text += fmt.Sprintf("%s: %s\n", of.name, of.is.Value)
		case of.is.Secret != "":
			text += fmt.Sprintf("%s: %s\n", of.name, o.reading(page.Namespace, of.is))
		}
	}
	return text + "Press Ctrl+C to stop.\n"
}

// reading is the command that prints a key of a Secret, with the cluster that this command uses.
func (o *openOptions) reading(namespace string, from inspect.Credential) string {
	command := "kubectl"
	if in := o.connection.flags.Context; in != nil && *in != "" {
		command += " --context " + *in
	}
	return fmt.Sprintf("%s get secret %s -n %s -o jsonpath='{.data.%s}' | base64 -d; echo",
		command, from.Secret, namespace, strings.ReplaceAll(from.Key, ".", `\.`))
}
