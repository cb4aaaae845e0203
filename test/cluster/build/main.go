// Command build makes parts of the test bed from Go modules and prints the folder of each.
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
	for _, folder := range folders {
		fmt.Println(folder)
	}
}

func usage() {
	fmt.Fprint(os.Stderr, `Build parts of the test bed from Go modules, and print the folder of each, a line a part.

usage: go run ./test/cluster/build PART...
       go run ./test/cluster/build all

What is built stays in the user's cache folder; what is already there is not built again.

parts:
`)
	for _, p := range parts.Catalogue() {
		fmt.Fprintf(os.Stderr, "  %-20s %s\n", p.Name, p.About)
	}
}
