//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

// installStack loads the images of the stack into the running node, and installs it.
func installStack(ctx context.Context) error {
	images, err := stack.Images(ctx, os.Stderr)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := load(ctx, images...); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "loaded %d images in %s\n", len(images), time.Since(start).Round(100*time.Millisecond))
	api, err := connect()
	if err != nil {
		return err
	}
	return stack.Install(ctx, api, dnsIP, os.Stderr)
}
