package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alerting"
	"github.com/fluxmonitoring/operator/internal/check"
	"github.com/fluxmonitoring/operator/internal/inspect"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

const (
	testAlertLong = `Send a test alert to Alertmanager, and show which receiver it reaches. The alert is called
FluxMonitoringTest and has the label test="true". It has the labels that the alerts of the
FluxMonitoring have, so Alertmanager routes it as it routes them. It ends automatically after 5 minutes.

The Prometheus that evaluates the alerts sends them to Alertmanagers. The command sends the test alert
to the same Alertmanagers. It connects to their pods as kubectl port-forward does. With --address it
connects to an address instead.

With --wait the command waits until Alertmanager has notified the receiver, or has failed to.

People get the notification. The command writes nothing else.

The exit code is 0 if the alert reaches a receiver, and 1 if it does not. It is 2 if the arguments are
wrong, and 3 if the cluster or an Alertmanager does not answer.`
	testAlertExample = `  # Send a critical alert, and wait until it is sent to the receiver
  kubectl fluxmon test-alert flux -n monitoring --wait

  # Test the route of warnings about objects in the namespace shop
  kubectl fluxmon test-alert flux -n monitoring --severity warning --object-namespace shop

  # Send it to an Alertmanager outside of the cluster
  kubectl fluxmon test-alert flux -n monitoring --address https://alertmanager.example.com`
)

// cannotAsk is that the cluster or an Alertmanager gave no answer, so nothing is known.
type cannotAsk struct{ error }

// testAlertOptions are the flags of test-alert.
type testAlertOptions struct {
	streams    genericiooptions.IOStreams
	connection connection
	operator   *inspect.Operator
	output     testAlertFormat
	namespace  string
	like       alerting.Imitated
	to         alertmanagerFlags
	wait       bool
	timeout    time.Duration
}

func newTestAlert(streams genericiooptions.IOStreams) *cobra.Command {
	o := &testAlertOptions{streams: streams, output: testAlertFormat(asText)}
	command := &cobra.Command{
		Use:     "test-alert [NAME]",
		Short:   "Send a test alert to Alertmanager, and show which receiver it reaches",
		Long:    testAlertLong,
		Example: testAlertExample,
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(command *cobra.Command, args []string) error { return o.run(command.Context(), args) },
	}
	flags := command.Flags()
	flags.StringVar(&o.like.Severity, "severity", "", "Severity of the alert. The default is that of spec.alerts.labels, or critical.")
	complete(command, "severity", cobra.FixedCompletions(severities(), cobra.ShellCompDirectiveNoFileComp))
	flags.StringVar(&o.like.ObjectNamespace, "object-namespace", "",
		"Namespace of the Flux object that the alert is about. The default is Flux as a whole.")
	flags.BoolVar(&o.wait, "wait", false, "Wait until Alertmanager has notified the receiver.")
	flags.DurationVar(&o.timeout, "timeout", 2*time.Minute, "How long --wait waits.")
	flags.VarP(&o.output, "output", "o", "Format of the output: text or json.")
	complete(command, "output", cobra.FixedCompletions(testAlertFormats, cobra.ShellCompDirectiveNoFileComp))
	flags.StringVarP(&o.namespace, "namespace", "n", "", "Namespace of the FluxMonitoring. The default is any, if there is only one FluxMonitoring.")
	o.to.add(command)
	o.operator = addOperator(command)
	o.connection = addConnection(command)
	return command
}

func severities() (all []string) {
	for _, severity := range v1alpha1.Severities() {
		all = append(all, string(severity))
	}
	return all
}

// tested is what test-alert prints.
type tested struct {
	check.Subject
	Alert     *alerting.Alert `json:"alert,omitempty"`
	Receivers []string        `json:"receivers"`
}

func (o *testAlertOptions) run(ctx context.Context, args []string) error {
	if err := o.to.parse(); err != nil {
		return err
	}
	config, err := o.connection.config()
	if err != nil {
		return err
	}
	o.progress("Reading the cluster...")
	fm, path, err := o.read(ctx, config, args)
	if err != nil {
		return cannotAsk{err}
	}
	result, err := o.test(ctx, config, fm, path)
	if err != nil {
		return cannotAsk{err}
	}
	if err := o.print(result); err != nil {
		return err
	}
	return verdictOf([]check.Subject{result.Subject})
}

// read reads the FluxMonitoring that the arguments choose, and the path of its alerts.
func (o *testAlertOptions) read(ctx context.Context, config *rest.Config, args []string) (*v1alpha1.FluxMonitoring, inspect.AlertPath, error) {
	inspector, err := inspect.New(ctx, config, *o.operator)
	if err != nil {
		return nil, inspect.AlertPath{}, err
	}
	return inspector.Choose(ctx, o.namespace, first(args))
}

// first is the first argument; empty if there is none.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// test sends the alert. If no Prometheus sends alerts to an Alertmanager that can be reached, there is nothing to test.
func (o *testAlertOptions) test(ctx context.Context, config *rest.Config, fm *v1alpha1.FluxMonitoring, path inspect.AlertPath) (tested, error) {
	result := tested{Subject: check.Subject{Kind: v1alpha1.Kind, Namespace: fm.Namespace, Name: fm.Name}, Receivers: []string{}}
	var by *monitoringv1.Prometheus
	if len(path.Prometheuses) > 0 {
		by = &path.Prometheuses[0]
	}
	to := o.to.replicas()
	if len(to) == 0 {
		link := prometheusLink(fm, path)
		result.Links = append(result.Links, link)
		if link.Verdict != check.Holds {
			return result, nil
		}
		var err error
		if to, err = o.to.behind(ctx, config, path.Alertmanagers); err != nil {
			return result, err
		}
	}
	alert := alerting.NewAlert(fm, path.Facts, by, o.like, newID(), time.Now())
	test := alerting.Test{Alert: alert, Alertmanagers: to, Advice: problem(path.Status, metav1.ConditionFalse), Progress: o.progress}
	if pipeline.HasReceivers(fm) {
		test.Own = pipeline.OwnerOf(fm) + "/"
	}
	if o.wait {
		test.Wait = o.timeout
	}
	ran := test.Run(ctx)
	result.Alert, result.Links = &alert, append(result.Links, ran.Links...)
	result.Receivers = append(result.Receivers, ran.Receivers...)
	return result, nil
}

// prometheusLink is the link from the rules to the Alertmanagers.
func prometheusLink(fm *v1alpha1.FluxMonitoring, path inspect.AlertPath) check.Link {
	link := check.Link{Name: "Prometheus", Verdict: check.Broken}
	var by, to []string
	for _, p := range path.Prometheuses {
		by = append(by, p.Namespace+"/"+p.Name)
	}
	for _, a := range path.Alertmanagers {
		to = append(to, a.Namespace+"/"+a.Name)
	}
	switch {
	case !v1alpha1.On(fm.Spec.Alerts.Enabled):
		link.Message = "spec.alerts.enabled is false, so there are no alerts."
	case len(by) == 0:
		link.Message = "No Prometheus object evaluates the alerts. " + problem(path.Status, metav1.ConditionFalse)
		if unknown := problem(path.Status, metav1.ConditionUnknown); unknown != "" && problem(path.Status, metav1.ConditionFalse) == "" {
			link.Verdict = check.Unknown
			link.Message = "No Prometheus object evaluates the alerts. " + unknown + " If something else does, name the --address of its Alertmanager."
		}
	case len(to) == 0:
		link.Verdict = check.Unknown
		link.Message = fmt.Sprintf("%s evaluates the alerts, and sends them to no Alertmanager object that runs. Name its --address. %s",
			pipeline.Listed(by), problem(path.Status, metav1.ConditionFalse))
	default:
		link.Verdict = check.Holds
		link.Message = fmt.Sprintf("%s evaluates the alerts and sends them to Alertmanager %s.", pipeline.Listed(by), pipeline.Listed(to))
		if differences := alerting.Differences(fm, &path.Prometheuses[0]); len(differences) > 0 {
			link.Message += fmt.Sprintf(" A real alert can have other labels: %s.", pipeline.Listed(differences))
		}
	}
	link.Message = strings.TrimSpace(link.Message)
	return link
}

// problem is what the operator reports about the alerts, or else about the whole, with this status; empty if it reports nothing of the kind.
func problem(of v1alpha1.FluxMonitoringStatus, status metav1.ConditionStatus) string {
	for _, name := range []string{v1alpha1.ConditionAlertsEffective, fluxmeta.ReadyCondition} {
		if c := meta.FindStatusCondition(of.Conditions, name); c != nil && c.Status == status {
			return c.Reason + ": " + strings.TrimSuffix(c.Message, ".") + "."
		}
	}
	return ""
}

// newID distinguishes the tests of one FluxMonitoring.
func newID() string {
	var id [4]byte
	_, _ = rand.Read(id[:]) // it never fails
	return hex.EncodeToString(id[:])
}

// progress shows a person what the command does.
func (o *testAlertOptions) progress(text string) {
	if isTerminal(o.streams.ErrOut) {
		fmt.Fprintln(o.streams.ErrOut, text) //nolint:errcheck // it is progress only
	}
}

func (o *testAlertOptions) print(result tested) error {
	if o.output == testAlertFormat(asText) {
		return printText(o.streams.Out, []check.Subject{result.Subject}, inColour(o.streams.Out))
	}
	encoding := asJSON
	text, err := encoding.encode(result)
	if err != nil {
		return err
	}
	_, err = o.streams.Out.Write(text)
	return err
}

// testAlertFormat is the value of the flag --output of test-alert.
type testAlertFormat string

var testAlertFormats = []string{string(asText), string(asJSON)}

// String satisfies pflag.Value.
func (f *testAlertFormat) String() string { return string(*f) }

// Type satisfies pflag.Value.
func (f *testAlertFormat) Type() string { return "format" }

// Set satisfies pflag.Value.
func (f *testAlertFormat) Set(name string) error {
	if !slices.Contains(testAlertFormats, name) {
		return errors.New("must be text or json")
	}
	*f = testAlertFormat(name)
	return nil
}
