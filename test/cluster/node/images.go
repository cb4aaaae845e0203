//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster/image"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

// pauseImage is what holds the namespaces of every pod.
const pauseImage = "fluxmonitoring.dev/pause:1"

func pause(f folders) image.Image {
	return image.Image{Ref: pauseImage, Binary: f.runtime + "/pause", Path: "/pause"}
}

// overlayMagic identifies the file system overlay, on which there can be no other overlay.
const overlayMagic = 0x794c7630

// snapshotter returns how containerd keeps layers: as overlays, or where the state folder is on one, as in a container,
// as copies.
func snapshotter() string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(state()), &fs); err == nil && fs.Type == overlayMagic {
		return "native"
	}
	return "overlayfs"
}

// loadBinary makes an image of a binary for the pods of the running node.
func loadBinary(ctx context.Context, args []string) error {
	if len(args) < 2 || len(args) > 3 {
		return errors.New("usage: load IMAGE BINARY [PATH]")
	}
	i := image.Image{Ref: args[0], Binary: args[1], Path: "/" + filepath.Base(args[1])}
	if len(args) == 3 {
		i.Path = args[2]
	}
	return load(ctx, i)
}

// load makes images for the pods of the running node.
func load(ctx context.Context, images ...image.Image) error {
	if pid, err := running(); err != nil || pid == 0 {
		return errors.Join(err, status())
	}
	built, err := parts.Build(ctx, os.Stderr, "runtime")
	if err != nil {
		return err
	}
	for _, i := range images {
		if err := (folders{runtime: built[0]}).load(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// load hands an image to containerd as it is made.
func (f folders) load(ctx context.Context, i image.Image) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	written := make(chan error, 1)
	go func() { written <- errors.Join(i.Write(in), in.Close()) }()
	args := []string{"--namespace=k8s.io", "images", "import", "--snapshotter=" + snapshotter()}
	if snapshotter() == "native" {
		args = append(args, "--local") // The server's own unpacking knows only the snapshotter it prefers.
	}
	err = f.ctr(ctx, out, append(args, "-")...)
	// To close the pipe ends the writer, whether or not all was read.
	if err := errors.Join(err, out.Close(), <-written); err != nil {
		return fmt.Errorf("loading %s: %w", i.Ref, err)
	}
	return nil
}

// ctr calls containerd's client.
func (f folders) ctr(ctx context.Context, in io.Reader, args ...string) error {
	cmd := exec.CommandContext(ctx, f.runtime+"/ctr", append([]string{"--address=" + inState("containerd", "containerd.sock")}, args...)...)
	var failure bytes.Buffer
	cmd.Stdin, cmd.Stderr = in, &failure
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(failure.String()))
	}
	return nil
}

// installStack loads the images of the stack into the running node, and installs it, or Flux alone.
func installStack(ctx context.Context, alone bool) error {
	images, err := stack.Images(ctx, os.Stderr, alone)
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
	return stack.Install(ctx, api, dnsIP, alone, os.Stderr)
}
