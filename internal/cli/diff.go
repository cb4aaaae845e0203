package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/inspect"
)

const (
	diffLong = `Show what the operator would change in the cluster if you applied the FluxMonitorings in a file. It
reads the cluster as the operator does. It sends every write to the API server as a dry run. The
conditions that a FluxMonitoring would have are printed to the standard error.

It has your permissions, not those of spec.serviceAccountName. You need to read what the operator
reads, and what kubectl diff needs: to create, patch and delete the objects.

The exit code is 0 where there is no difference, 1 where there are differences, and 2 where
something is wrong.`
	diffExample = `  # Show what would change if you applied the file
  kubectl fluxmon diff -f fluxmonitoring.yaml

  # The same in another cluster
  kubectl fluxmon diff -f fluxmonitoring.yaml --context production

  # Show what the operator has not done yet
  kubectl get fluxmonitoring flux -n monitoring -o yaml | kubectl fluxmon diff -f -`
)

// diffOptions are the flags of diff.
type diffOptions struct {
	streams    genericiooptions.IOStreams
	input      *input
	connection connection
	operator   *inspect.Operator
}

func newDiff(streams genericiooptions.IOStreams) *cobra.Command {
	o := &diffOptions{streams: streams}
	command := &cobra.Command{
		Use:     "diff -f FILE",
		Short:   "Show what the operator would change in the cluster for a FluxMonitoring",
		Long:    diffLong,
		Example: diffExample,
		RunE:    func(command *cobra.Command, _ []string) error { return o.run(command.Context()) },
	}
	o.input = addInput(command)
	o.operator = addOperator(command)
	o.connection = addConnection(command)
	return command
}

func (o *diffOptions) run(ctx context.Context) error {
	namespace, err := o.connection.namespace()
	if err != nil {
		return err
	}
	all, err := o.input.read(o.streams.In, namespace)
	if err != nil {
		return err
	}
	inspector, _, err := o.connection.inspector(ctx, *o.operator)
	if err != nil {
		return err
	}
	different := false
	for _, fm := range all {
		differs, err := o.compare(ctx, inspector, fm)
		if err != nil {
			return err
		}
		different = different || differs
	}
	if different {
		return errDifferent
	}
	return nil
}

// compare shows the differences of one FluxMonitoring.
func (o *diffOptions) compare(ctx context.Context, inspector *inspect.Inspector, fm *v1alpha1.FluxMonitoring) (different bool, err error) {
	compared, err := inspector.Compare(ctx, fm)
	if err != nil {
		return false, err
	}
	for _, d := range compared.Differences {
		text, err := unifiedDiff(d)
		if err != nil {
			return true, err
		}
		if _, err := fmt.Fprint(o.streams.Out, text); err != nil {
			return true, err
		}
	}
	for _, f := range compared.Failures {
		err = errors.Join(err, f)
	}
	return len(compared.Differences) > 0, errors.Join(report(o.streams.ErrOut, fm, compared.Status), err)
}

// unifiedDiff is a difference as diff -u shows it, below a line that says what the operator would do.
func unifiedDiff(d inspect.Difference) (string, error) {
	live, err := normalizedYAML(d.Before)
	if err != nil {
		return "", err
	}
	desired, err := normalizedYAML(d.After)
	if err != nil {
		return "", err
	}
	name := d.Kind.Kind + " " + d.Name
	return fmt.Sprintf("# %s %s\n%s", name, strings.ToLower(string(d.Action)), udiff.Unified(name+" (live)", name+" (desired)", live, desired)), nil
}

// normalizedYAML is an object without the fields that the API server sets at each write.
func normalizedYAML(o *unstructured.Unstructured) (string, error) {
	if o == nil {
		return "", nil
	}
	o = o.DeepCopy()
	for _, field := range []string{"managedFields", "resourceVersion", "uid", "creationTimestamp", "generation"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	text, err := encodeYAML(o.Object)
	return string(text), err
}
