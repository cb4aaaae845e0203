// Command bundle makes bundle/, by which the Operator Lifecycle Manager installs the operator, out of config/manifests and the catalog's
// template. It does for this layout what `operator-sdk generate bundle` does; docs/decisions/0014-olm-bundle.md says why it is ours.
// `make bundle` and `make generate` run it:
//
//	go run ./hack/bundle
//
// It fails, and writes nothing, where an object has no place in a bundle.
package main

import (
	"fmt"
	"os"
)

func main() {
	files, err := Build(".")
	if err == nil {
		err = files.Write(".")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
