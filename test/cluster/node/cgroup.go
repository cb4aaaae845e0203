//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster"
)

const cgroupRoot = "/sys/fs/cgroup"

// controllers the kubelet asks for.
var controllers = []string{"cpu", "cpuset", "memory", "pids", "hugetlb", "io"}

// hierarchies returns the roots of the machine's cgroups: one with version 2, one a controller with version 1.
func hierarchies() ([]string, error) {
	if unified() {
		return []string{cgroupRoot}, nil
	}
	entries, err := os.ReadDir(cgroupRoot)
	if err != nil {
		return nil, err
	}
	var roots []string
	for _, e := range entries {
		if e.IsDir() {
			roots = append(roots, filepath.Join(cgroupRoot, e.Name()))
		}
	}
	return roots, nil
}

func unified() bool {
	_, err := os.Stat(filepath.Join(cgroupRoot, "cgroup.controllers"))
	return err == nil
}

// makeCgroups makes the node's cgroup in every hierarchy: the kubelet wants it to exist.
func makeCgroups() error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	for _, root := range roots {
		if unified() {
			if err := delegate(root); err != nil {
				return err
			}
		}
		if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
			return err
		}
		// With version 1 a new cpuset is empty, and nothing can run in it.
		for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
			value, err := os.ReadFile(filepath.Join(root, file))
			if err != nil || unified() {
				continue
			}
			if err := os.WriteFile(filepath.Join(root, name, file), value, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// delegate has children of a version 2 root account for the controllers the kubelet needs. The root of a container's
// cgroups may not do so while processes are in it: they are moved to a child first.
func delegate(root string) error {
	has, err := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	if err != nil {
		return err
	}
	var enabled []string
	for _, c := range strings.Fields(string(has)) {
		if slices.Contains(controllers, c) {
			enabled = append(enabled, "+"+c)
		}
	}
	enable := func() error {
		return os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte(strings.Join(enabled, " ")), 0o644)
	}
	if err := enable(); !errors.Is(err, syscall.EBUSY) {
		return err
	}
	leaf := filepath.Join(root, name+"-others")
	if err := os.MkdirAll(leaf, 0o755); err != nil {
		return err
	}
	pids, err := os.ReadFile(filepath.Join(root, "cgroup.procs"))
	if err != nil {
		return err
	}
	for _, pid := range strings.Fields(string(pids)) {
		// One that has ended meanwhile needs no move.
		if err := os.WriteFile(filepath.Join(leaf, "cgroup.procs"), []byte(pid), 0o644); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("moving process %s out of the root cgroup: %w", pid, err)
		}
	}
	return enable()
}

// removeCgroups removes the node's cgroups, as soon as the kernel has let go of the processes in them.
func removeCgroups(ctx context.Context) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	for _, root := range roots {
		top := filepath.Join(root, name)
		err := cluster.Await(ctx, "the kernel to let go of "+top, 10*time.Second, func(context.Context) error { return removeTree(top) })
		if err != nil {
			return err
		}
	}
	return nil
}

// removeTree removes a cgroup and those in it, the innermost first.
func removeTree(top string) error {
	var folders []string
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.Reverse(folders)
	for _, folder := range folders {
		if err := syscall.Rmdir(folder); err != nil && !errors.Is(err, syscall.ENOENT) {
			return err
		}
	}
	return nil
}
