// Command generate writes what a receiver may hold into the definition of FluxMonitoring, as `make generate` does:
//
//	go run ./config/crd/generate
//
// It reads the definition that controller-gen has written from the Go types, and prometheus-operator's of AlertmanagerConfig
// in all of its versions, from the module that go.mod names.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/fluxmonitoring/operator/config/crd/receivers"
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
	ours, err := os.ReadFile(definition)
	if err != nil {
		return err
	}
	schema, err := receivers.Schema(theirs)
	if err != nil {
		return err
	}
	content, err := receivers.Into(ours, schema)
	if err != nil {
		return err
	}
	return os.WriteFile(definition, content, 0o644)
}
