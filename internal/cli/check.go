package cli

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/check"
	"github.com/fluxmonitoring/operator/internal/inspect"
)

const (
	checkLong = `Check whether monitoring of Flux works in the cluster, and show what is wrong. For each
FluxMonitoring it shows the links from Flux to people, as the operator reports them in the status.
The objects are applied, Prometheus selects them, metrics of every Flux object exist, and every alert
can fire and is sent.

With --rules it also checks the alerts that others wrote on metrics of Flux. An alert on metrics that
nothing here exports cannot fire. An example is ReconciliationFailure of Flux's guide since Flux 2.5.

The command writes nothing. The exit code is 0 if every link holds, 1 if one is broken, 2 on an error,
and 3 if nothing is broken but something is not known.`
	checkExample = `  # Check every FluxMonitoring of the cluster
  kubectl fluxmon check

  # Check one, and the alerts in all PrometheusRules
  kubectl fluxmon check flux -n monitoring --rules

  # In a pipeline
  kubectl fluxmon check --rules -o junit > report.xml`
)

// checkFailed is the result of check if not every link holds. It is not a failure of the command.
type checkFailed struct{ code int }

func (f checkFailed) Error() string { return "not every link holds" }

// checkOptions are the flags of check.
type checkOptions struct {
	streams       genericiooptions.IOStreams
	connection    connection
	operator      *inspect.Operator
	output        checkFormat
	namespace     string
	fluxNamespace string
	rules         bool
}

func newCheck(streams genericiooptions.IOStreams) *cobra.Command {
	o := &checkOptions{streams: streams, output: asText}
	command := &cobra.Command{
		Use:     "check [NAME]",
		Short:   "Check whether monitoring of Flux works in the cluster",
		Long:    checkLong,
		Example: checkExample,
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(command *cobra.Command, args []string) error { return o.run(command.Context(), args) },
	}
	command.Flags().VarP(&o.output, "output", "o", "Format of the output: "+strings.Join(checkFormats, ", ")+".")
	complete(command, "output", cobra.FixedCompletions(checkFormats, cobra.ShellCompDirectiveNoFileComp))
	command.Flags().StringVarP(&o.namespace, "namespace", "n", "", "Check the FluxMonitorings of this namespace only.")
	command.Flags().BoolVar(&o.rules, "rules", false, "Also check the alerts on metrics of Flux in the PrometheusRules of all namespaces.")
	command.Flags().StringVar(&o.fluxNamespace, "flux-namespace", "flux-system",
		"Namespace that Flux runs in. --rules uses it if there is no FluxMonitoring.")
	o.operator = addOperator(command)
	o.connection = addConnection(command)
	return command
}

func (o *checkOptions) run(ctx context.Context, args []string) error {
	config, err := o.connection.config()
	if err != nil {
		return err
	}
	if isTerminal(o.streams.ErrOut) {
		fmt.Fprintln(o.streams.ErrOut, "Reading the cluster...") //nolint:errcheck // it is progress only
	}
	inspector, err := inspect.New(ctx, config, *o.operator)
	if err != nil {
		return err
	}
	subjects, err := o.subjects(ctx, inspector, args)
	if err != nil {
		return err
	}
	if err := o.print(subjects); err != nil {
		return err
	}
	return verdictOf(subjects)
}

// verdictOf is the error with the exit code for these links; nil if every one holds.
func verdictOf(subjects []check.Subject) error {
	switch count := check.Count(subjects); {
	case count[check.Broken] > 0:
		return checkFailed{1}
	case count[check.Unknown] > 0:
		return checkFailed{3}
	}
	return nil
}

// subjects are the FluxMonitorings that the arguments choose, and with --rules the PrometheusRules.
func (o *checkOptions) subjects(ctx context.Context, inspector *inspect.Inspector, args []string) ([]check.Subject, error) {
	all, err := inspector.FluxMonitorings(ctx, "")
	if err != nil {
		return nil, err
	}
	var subjects []check.Subject
	for i := range all {
		if o.chooses(&all[i], args) {
			subjects = append(subjects, check.FluxMonitoring(&all[i]))
		}
	}
	if len(subjects) == 0 && (!o.rules || len(args) > 0) {
		return nil, errors.New("no such FluxMonitoring: create one, or check the alerts that others wrote by --rules")
	}
	if !o.rules {
		return subjects, nil
	}
	rules, err := inspector.PrometheusRules(ctx)
	if err != nil {
		return nil, err
	}
	known, err := inspector.Fluxes(ctx, all, o.fluxNamespace)
	if err != nil {
		return nil, err
	}
	return append(subjects, check.PrometheusRules(rules, known)...), nil
}

func (o *checkOptions) chooses(fm *v1alpha1.FluxMonitoring, args []string) bool {
	return (o.namespace == "" || o.namespace == fm.Namespace) && (len(args) == 0 || args[0] == fm.Name)
}

// checkFormat is the value of the flag --output of check.
type checkFormat string

const (
	asText  checkFormat = "text"
	asJUnit checkFormat = "junit"
)

var checkFormats = []string{string(asText), string(asJSON), string(asYAML), string(asJUnit)}

// String satisfies pflag.Value.
func (f *checkFormat) String() string { return string(*f) }

// Type satisfies pflag.Value.
func (f *checkFormat) Type() string { return "format" }

// Set satisfies pflag.Value.
func (f *checkFormat) Set(name string) error {
	if !slices.Contains(checkFormats, name) {
		return fmt.Errorf("must be one of %s", strings.Join(checkFormats, ", "))
	}
	*f = checkFormat(name)
	return nil
}

func (o *checkOptions) print(subjects []check.Subject) error {
	switch o.output {
	case asText:
		return printText(o.streams.Out, subjects, inColour(o.streams.Out))
	case asJUnit:
		return printJUnit(o.streams.Out, subjects)
	}
	encoding := format(o.output)
	text, err := encoding.encode(map[string]any{"subjects": append([]check.Subject{}, subjects...)})
	if err != nil {
		return err
	}
	_, err = o.streams.Out.Write(text)
	return err
}

// inColour reports whether to show verdicts in colour.
func inColour(stream io.Writer) bool { return isTerminal(stream) && os.Getenv("NO_COLOR") == "" }

func isTerminal(stream io.Writer) bool {
	file, is := stream.(*os.File)
	return is && term.IsTerminal(int(file.Fd())) //nolint:gosec // a file descriptor is a small number
}

// signs show a verdict by a shape, and on a terminal by a colour as well.
var signs = map[check.Verdict]struct{ shape, colour string }{
	check.Holds: {"✓", "\x1b[32m"}, check.Broken: {"✗", "\x1b[31m"}, check.Unknown: {"?", "\x1b[33m"},
}

// printText prints each subject with its links, and how many hold.
func printText(out io.Writer, subjects []check.Subject, coloured bool) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, subject := range subjects {
		fmt.Fprintf(table, "%s %s/%s\n", subject.Kind, subject.Namespace, subject.Name) //nolint:errcheck // Flush returns it
		for _, link := range subject.Links {
			sign := signs[link.Verdict].shape
			if coloured {
				sign = signs[link.Verdict].colour + sign + "\x1b[0m"
			}
			fmt.Fprintf(table, "  %s %s\t%s\n", sign, link.Name, link.Message) //nolint:errcheck // Flush returns it
		}
	}
	count := check.Count(subjects)
	fmt.Fprintf(table, "%d hold, %d broken, %d unknown\n", count[check.Holds], count[check.Broken], count[check.Unknown]) //nolint:errcheck // the same
	return table.Flush()
}

// The parts of JUnit's XML that pipelines read.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Failure *junitMessage `xml:"failure,omitempty"`
		Skipped *junitMessage `xml:"skipped,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
	}
)

// printJUnit prints a test suite for each subject: a broken link is a failure, an unknown one is skipped.
func printJUnit(out io.Writer, subjects []check.Subject) error {
	var all junitSuites
	for _, subject := range subjects {
		count := check.Count([]check.Subject{subject})
		suite := junitSuite{
			Name:  subject.Kind + " " + subject.Namespace + "/" + subject.Name,
			Tests: len(subject.Links), Failures: count[check.Broken], Skipped: count[check.Unknown],
		}
		for _, link := range subject.Links {
			one := junitCase{Class: suite.Name, Name: link.Name}
			switch link.Verdict {
			case check.Broken:
				one.Failure = &junitMessage{link.Message}
			case check.Unknown:
				one.Skipped = &junitMessage{link.Message}
			case check.Holds:
			}
			suite.Cases = append(suite.Cases, one)
		}
		all.Suites = append(all.Suites, suite)
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	_, err := io.WriteString(out, xml.Header)
	return errors.Join(err, encoder.Encode(all), encoder.Close(), endLine(out))
}

func endLine(out io.Writer) error {
	_, err := io.WriteString(out, "\n")
	return err
}
