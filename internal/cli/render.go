package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/bounds"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/inspect"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/render"
)

const (
	renderLong = `Print the objects that the operator would apply for the FluxMonitorings in a file. It asks no
cluster. The conditions that a FluxMonitoring would have are printed to the standard error.

The exit code is 1 where the API server would refuse the file, or the operator could not carry out
the spec. Nothing is printed to the standard output then.

Which objects are desired depends on the cluster. Keep the output of "kubectl fluxmon facts" beside
the file, and name it by --facts. Without it, render assumes the current Flux with all its
controllers, all of prometheus-operator's APIs, one Prometheus that selects everything and one
Alertmanager.

The owner reference and the digest depend on the identity that a FluxMonitoring has in its cluster.
They are printed where the file has metadata.uid. With -o json the output is one List.`
	renderExample = `  # Print the objects for an ordinary cluster
  kubectl fluxmon render -f fluxmonitoring.yaml

  # Print them for the cluster whose facts you keep
  kubectl fluxmon render -f fluxmonitoring.yaml --facts production.yaml

  # The FluxMonitoring of a cluster, as the operator has it
  kubectl get fluxmonitoring flux -n monitoring -o yaml | kubectl fluxmon render -f -

  # The names of the alerts
  kubectl fluxmon render -f fluxmonitoring.yaml -o json | jq -r '.items[].spec.groups[]?.rules[].alert // empty'`
)

// renderOptions are the flags of render.
type renderOptions struct {
	streams  genericiooptions.IOStreams
	input    *input
	operator *inspect.Operator
	output   format
	facts    string
}

func newRender(streams genericiooptions.IOStreams) *cobra.Command {
	o := &renderOptions{streams: streams, output: asYAML}
	command := &cobra.Command{
		Use:     "render -f FILE",
		Short:   "Print the objects that the operator would apply for a FluxMonitoring, without a cluster",
		Long:    renderLong,
		Example: renderExample,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkFlags(command.Flags()); err != nil {
				return err
			}
			return o.run()
		},
	}
	o.input = addInput(command)
	addFormat(command, &o.output)
	command.Flags().StringVar(&o.facts, "facts", "", "Read the facts about the cluster from this `file`, which kubectl fluxmon facts has printed.")
	o.operator = addOperator(command)
	return command
}

// checkFlags rejects flags that the file of facts sets.
func checkFlags(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		if flags.Changed("facts") && (f.Name == "operator-namespace" || f.Name == "metrics-secure") {
			err = fmt.Errorf("the file of --facts has what --%s sets: leave the flag out, or change the file", f.Name)
		}
	})
	return err
}

func (o *renderOptions) run() error {
	all, err := o.input.read(o.streams.In, "")
	if err != nil {
		return err
	}
	clusterOf := o.defaultCluster
	if o.facts != "" {
		known, err := readFacts(o.facts)
		if err != nil {
			return err
		}
		clusterOf = func(*v1alpha1.FluxMonitoring) facts.Cluster { return known }
	}
	var objects []*unstructured.Unstructured
	var failed error
	for _, fm := range all {
		more, err := o.objects(fm, clusterOf(fm))
		objects, failed = append(objects, more...), errors.Join(failed, err)
	}
	if failed != nil {
		return failed
	}
	return o.print(objects)
}

// defaultCluster is assumed without a file of facts.
func (o *renderOptions) defaultCluster(fm *v1alpha1.FluxMonitoring) facts.Cluster {
	cluster := facts.OrdinaryCluster(fm.Spec.FluxNamespace(), o.operator.Namespace)
	cluster.MetricsSecure = o.operator.MetricsSecure
	return cluster
}

func readFacts(file string) (facts.Cluster, error) {
	opened, err := os.Open(file) //nolint:gosec // the user names it
	if err != nil {
		return facts.Cluster{}, err
	}
	defer opened.Close() //nolint:errcheck // it is only read
	text, err := bounds.Read(opened, bounds.Document)
	if err != nil {
		return facts.Cluster{}, fmt.Errorf("%s: %w", file, err)
	}
	cluster, err := facts.ReadCluster(text)
	if err != nil {
		return cluster, fmt.Errorf("%s: %w", file, err)
	}
	return cluster, nil
}

// objects are those of one FluxMonitoring. Its conditions are printed to the standard error.
func (o *renderOptions) objects(fm *v1alpha1.FluxMonitoring, cluster facts.Cluster) ([]*unstructured.Unstructured, error) {
	known, err := cluster.Facts(fm)
	if err != nil {
		return nil, err
	}
	rendered, err := render.Render(fm, known)
	if err != nil {
		return nil, err
	}
	objects := rendered.Objects
	if fm.UID == "" {
		objects = nil
		for _, object := range rendered.Objects {
			objects = append(objects, unowned(object))
		}
	}
	return objects, report(o.streams.ErrOut, fm, rendered.Status)
}

// unowned removes what depends on the owner's identity.
func unowned(o *unstructured.Unstructured) *unstructured.Unstructured {
	o = o.DeepCopy()
	o.SetOwnerReferences(nil)
	annotations := o.GetAnnotations()
	delete(annotations, mark.DigestAnnotation)
	if len(annotations) == 0 {
		annotations = nil
	}
	o.SetAnnotations(annotations)
	return o
}

// print prints the objects as YAML documents, or as one JSON List.
func (o *renderOptions) print(objects []*unstructured.Unstructured) error {
	if o.output == asJSON {
		items := make([]any, 0, len(objects))
		for _, object := range objects {
			items = append(items, object.Object)
		}
		text, err := o.output.encode(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
		if err != nil {
			return err
		}
		_, err = o.streams.Out.Write(text)
		return err
	}
	for _, object := range objects {
		text, err := o.output.encode(object.Object)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(o.streams.Out, "---\n%s", text); err != nil {
			return err
		}
	}
	return nil
}
