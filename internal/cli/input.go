package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/admission"
)

// input has the flags that name FluxMonitorings.
type input struct {
	files     []string
	namespace string
}

func addInput(command *cobra.Command) *input {
	i := &input{}
	command.Flags().StringSliceVarP(&i.files, "filename", "f", nil,
		"Read FluxMonitorings from this `file`, - for standard input. It may be given several times. Objects of other kinds are ignored.")
	command.Flags().StringVarP(&i.namespace, "namespace", "n", "", "Namespace of a FluxMonitoring for which the file has none.")
	if err := command.MarkFlagFilename("filename", "yaml", "yml", "json"); err != nil {
		panic(err) // there is no such flag
	}
	return i
}

// read returns the FluxMonitorings of all files, in order; each file must have one. The namespace is that of the
// file, the flag, or the default given here.
func (i *input) read(stdin io.Reader, otherwise string) ([]*v1alpha1.FluxMonitoring, error) {
	if len(i.files) == 0 {
		return nil, errors.New("name a file with a FluxMonitoring by --filename, or - for standard input")
	}
	var all []*v1alpha1.FluxMonitoring
	for _, file := range i.files {
		found, err := readFile(stdin, file)
		if err != nil {
			return nil, err
		}
		for _, fm := range found {
			if err := i.setNamespace(fm, otherwise); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
		all = append(all, found...)
	}
	return all, nil
}

// readFile returns the FluxMonitorings of a file.
func readFile(stdin io.Reader, file string) ([]*v1alpha1.FluxMonitoring, error) {
	in := stdin
	if file != "-" {
		opened, err := os.Open(file) //nolint:gosec // the user names it
		if err != nil {
			return nil, err
		}
		defer opened.Close() //nolint:errcheck // it is only read
		in = opened
	}
	found, err := admission.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: it has no %s %s", file, v1alpha1.GroupVersion, v1alpha1.Kind)
	}
	return found, nil
}

// setNamespace sets the namespace of a FluxMonitoring that has none. Like kubectl it rejects a flag that contradicts
// the file.
func (i *input) setNamespace(fm *v1alpha1.FluxMonitoring, otherwise string) error {
	namespace := cmp.Or(fm.Namespace, i.namespace, otherwise)
	switch {
	case fm.Name == "":
		return errors.New("a FluxMonitoring has no metadata.name")
	case namespace == "":
		return fmt.Errorf("FluxMonitoring %s has no metadata.namespace: add it, or use --namespace", fm.Name)
	case i.namespace != "" && namespace != i.namespace:
		return fmt.Errorf("FluxMonitoring %s is in namespace %s, not in that of --namespace: leave the flag out, or change the file", fm.Name, namespace)
	}
	fm.Namespace = namespace
	return nil
}
