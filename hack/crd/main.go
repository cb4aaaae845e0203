// Command crd writes into the definition of FluxMonitoring what its Go types cannot say, as `make generate` does:
//
//	go run ./hack/crd
//
// That is what a receiver may hold, and the limits of texts, lists and maps that are of others' types.
//
// It reads the definition that controller-gen has written from the Go types, and prometheus-operator's of AlertmanagerConfig
// in all of its versions, from the module that go.mod names.
package main

import (
	"context"
	"fmt"
	"os"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/hack/crd/limits"
	"github.com/fluxmonitoring/operator/hack/crd/receivers"
)

const definition = "config/crd/fluxmonitoring.dev_fluxmonitorings.yaml"

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// generate writes the definition in the repository that is the working directory.
func generate() error {
	theirs, err := receivers.AlertmanagerConfig(context.Background())
	if err != nil {
		return err
	}
	written, err := os.ReadFile(definition)
	if err != nil {
		return err
	}
	schema, err := receivers.Schema(theirs)
	if err != nil {
		return err
	}
	content, err := completed(written, schema)
	if err != nil {
		return err
	}
	return os.WriteFile(definition, content, 0o644)
}

// completed is the definition of FluxMonitoring, as YAML, with what its Go types cannot say.
func completed(written []byte, receiver apiextensionsv1.JSONSchemaProps) ([]byte, error) {
	var ours map[string]any
	if err := yaml.Unmarshal(written, &ours); err != nil {
		return nil, fmt.Errorf("reading the definition of FluxMonitoring: %w", err)
	}
	if err := receivers.Into(ours, receiver); err != nil {
		return nil, err
	}
	if err := limits.Set(ours); err != nil {
		return nil, err
	}
	content, err := yaml.Marshal(ours)
	return append([]byte("---\n"), content...), err
}
