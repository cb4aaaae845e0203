package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/bounds"
	"github.com/fluxmonitoring/operator/internal/observe"
)

const renderUsage = `Print the objects that the operator would apply for the FluxMonitorings in a file, as YAML, without asking a cluster. What
the conditions would say goes to the standard error. A file that the API server would refuse, and a spec that the operator
cannot carry out, end with exit code 1.

What the objects are depends on the cluster. Keep what "operator facts" prints of it beside the file, and give it by --facts.
Without it the current Flux is assumed with all its controllers, all of prometheus-operator's APIs, one Prometheus that takes
up everything and one Alertmanager.

The owner reference and the digest follow from the identity that a FluxMonitoring gets in its cluster. They are printed where
the file has metadata.uid, as one read from a cluster does.

Usage:
  operator render --filename FILE [--facts FILE]

Examples:
  operator render -f fluxmonitoring.yaml
  operator render -f fluxmonitoring.yaml --facts production.yaml > rendered.yaml
  kubectl get fluxmonitoring flux -n monitoring -o yaml | operator render -f -
`

func render(_ context.Context, e *Environment, args []string) error {
	flags := flagsOf("render")
	file := filename(flags)
	known := flags.String("facts", "", "`file` that \"operator facts\" has printed of the cluster")
	options := operator(flags)
	if err := parse(e, flags, renderUsage, args); err != nil {
		return err
	}
	if err := saidTwice(flags, *known); err != nil {
		return err
	}
	all, err := read(e, *file)
	if err != nil {
		return err
	}
	clusterOf := func(fm *v1alpha1.FluxMonitoring) observe.Cluster {
		cluster := observe.Ordinary(fm.Spec.FluxNamespace(), options.Namespace)
		cluster.MetricsSecure = options.MetricsSecure
		return cluster
	}
	if *known != "" {
		told, err := readFacts(*known)
		if err != nil {
			return err
		}
		clusterOf = func(*v1alpha1.FluxMonitoring) observe.Cluster { return told }
	}
	for _, fm := range all {
		if err := renderOne(e, fm, clusterOf(fm)); err != nil {
			return err
		}
	}
	return nil
}

// saidTwice is an error where flags say what the file of facts says.
func saidTwice(flags *flag.FlagSet, facts string) (err error) {
	flags.Visit(func(f *flag.Flag) {
		if facts != "" && (f.Name == "operator-namespace" || f.Name == "metrics-secure") {
			err = fmt.Errorf("%s says what --%s is: leave the flag out, or change the file", facts, f.Name)
		}
	})
	return err
}

func readFacts(file string) (observe.Cluster, error) {
	opened, err := os.Open(file) //nolint:gosec // the user says which
	if err != nil {
		return observe.Cluster{}, err
	}
	defer opened.Close() //nolint:errcheck // it is only read
	text, err := bounds.Read(opened, bounds.Document)
	if err != nil {
		return observe.Cluster{}, fmt.Errorf("%s: %w", file, err)
	}
	cluster, err := observe.ReadCluster(text)
	if err != nil {
		return cluster, fmt.Errorf("%s: %w", file, err)
	}
	return cluster, nil
}

func renderOne(e *Environment, fm *v1alpha1.FluxMonitoring, cluster observe.Cluster) error {
	known, err := cluster.Facts(fm)
	if err != nil {
		return err
	}
	foreseen, err := controllers.Foresee(fm, known)
	if err != nil {
		return err
	}
	for _, o := range foreseen.Objects {
		if fm.UID == "" {
			o = unowned(o)
		}
		if err := writeYAML(e.Out, o); err != nil {
			return err
		}
	}
	return tell(e, fm, foreseen.Status)
}

// unowned is an object without what follows from the identity of its owner.
func unowned(o *unstructured.Unstructured) *unstructured.Unstructured {
	o = o.DeepCopy()
	o.SetOwnerReferences(nil)
	annotations := o.GetAnnotations()
	delete(annotations, apply.DigestAnnotation)
	if len(annotations) == 0 {
		annotations = nil
	}
	o.SetAnnotations(annotations)
	return o
}

func writeYAML(out io.Writer, o *unstructured.Unstructured) error {
	text, err := encode(o.Object)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "---\n%s", text)
	return err
}
