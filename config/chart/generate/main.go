// Command generate writes the Helm chart from the manifests, as `make chart` and `make generate` do:
//
//	go run ./config/chart/generate
//
// It fails, and writes nothing, where the manifests hold something of which it is not known what it is in a release.
package main

import (
	"fmt"
	"os"

	"github.com/fluxmonitoring/operator/config/chart"
)

func main() {
	files, err := chart.Build(".")
	if err == nil {
		err = files.Write(".")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
