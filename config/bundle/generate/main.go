// Command generate writes the OLM bundle and its Dockerfile from the manifests, as `make bundle` and `make generate` do:
//
//	go run ./config/bundle/generate
//
// It fails, and writes nothing, where the bundle would break a rule that OLM or its catalogs have.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/fluxmonitoring/operator/config/bundle"
)

func main() {
	if err := generate("."); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// generate writes the bundle of the repository at root.
func generate(root string) error {
	files, err := bundle.Build(root)
	if err != nil {
		return err
	}
	template, err := os.ReadFile(root + "/" + bundle.Template)
	if err != nil {
		return err
	}
	made, err := bundle.Load(files, template)
	if err != nil {
		return err
	}
	if complaints := made.Complaints(); len(complaints) > 0 {
		return errors.New("the bundle is not as it must be:\n  " + strings.Join(complaints, "\n  "))
	}
	return files.Write(root)
}
