package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
)

const diffUsage = `Show what the operator would change in the cluster if the FluxMonitorings in a file were applied. It looks at the cluster as the
operator does, and has the API server try every write and keep none. What the conditions would say goes to the standard error.

It writes with your own permissions, not with those of spec.serviceAccountName. It needs to read what the operator reads, and
what kubectl diff needs: to create, patch and delete the objects.

Exit code 0 means that there is no difference, 1 that there are some, and 2 that something went wrong or would.

Usage:
  operator diff --filename FILE

Examples:
  operator diff -f fluxmonitoring.yaml
  kubectl get fluxmonitoring flux -n monitoring -o yaml | operator diff -f -    # what the operator itself has yet to do
`

func diff(ctx context.Context, e *Environment, args []string) error {
	flags := flagsOf("diff")
	file, options := filename(flags), operator(flags)
	if err := parse(e, flags, diffUsage, args); err != nil {
		return err
	}
	all, err := read(e, *file)
	if err != nil {
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
	different := false
	for _, fm := range all {
		differs, err := diffOne(ctx, e, look, fm)
		if err != nil {
			return err
		}
		different = different || differs
	}
	if different {
		return ErrDifferent
	}
	return nil
}

func diffOne(ctx context.Context, e *Environment, look *controllers.Look, fm *v1alpha1.FluxMonitoring) (different bool, err error) {
	compared, err := look.Compare(ctx, fm)
	if err != nil {
		return false, err
	}
	for _, d := range compared.Differences {
		text, err := unified(d)
		if err != nil {
			return true, err
		}
		if _, err := fmt.Fprint(e.Out, text); err != nil {
			return true, err
		}
	}
	for _, f := range compared.Failures {
		err = errors.Join(err, f)
	}
	return len(compared.Differences) > 0, errors.Join(tell(e, fm, compared.Status), err)
}

// unified is a difference as diff -u has it, under the words of what would be done.
func unified(d controllers.Difference) (string, error) {
	before, err := shown(d.Before)
	if err != nil {
		return "", err
	}
	after, err := shown(d.After)
	if err != nil {
		return "", err
	}
	name := d.Kind.Kind + " " + d.Name
	text := udiff.Unified(name+" as it is", name+" as the operator would have it", before, after)
	return fmt.Sprintf("# %s %s\n%s", name, strings.ToLower(string(d.Action)), text), nil
}

// shown is an object as it is compared: without what the API server counts and notes at each write.
func shown(o *unstructured.Unstructured) (string, error) {
	if o == nil {
		return "", nil
	}
	o = o.DeepCopy()
	for _, field := range []string{"managedFields", "resourceVersion", "uid", "creationTimestamp", "generation"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	text, err := encode(o.Object)
	return string(text), err
}
