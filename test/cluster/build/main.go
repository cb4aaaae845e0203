// Command build makes parts of the test bed and prints the folder of each.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

func main() {
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() == 0 {
		usage()
		os.Exit(2)
	}
	names := flag.Args()
	if names[0] == "all" {
		names = parts.Names()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	folders, err := parts.Build(ctx, os.Stderr, names...)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	for i, folder := range folders {
		if names[i] == "apiserver" {
			fmt.Fprintln(os.Stderr, "using", parts.Origin(folder))
		}
		fmt.Println(folder)
	}
}

func usage() {
	fmt.Fprint(os.Stderr, `Build parts of the test bed from Go modules, and print the folder of each, a line a part.

usage: go run ./test/cluster/build PART...
       go run ./test/cluster/build all

What is built stays in the user's cache folder; what is already there is not built again. The part apiserver is
taken from KUBEBUILDER_ASSETS, the cache or setup-envtest, and built only if none of them has it;
ENVTEST_INDEX is the address of another index for setup-envtest.

parts:
`)
	for _, p := range parts.Catalogue() {
		fmt.Fprintf(os.Stderr, "  %-20s %s\n", p.Name, p.About)
	}
}
