//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// initCommand makes this program the first process of the node's namespaces.
const initCommand = "init"

// private are the folders that the node's servers write to wherever they run: theirs are empty and in memory.
var private = []string{"/run", "/var/lib/cni", "/var/log/containers", "/var/log/pods", "/var/lib/kubelet", "/var/lib/containerd", "/etc/cni"}

// kernelWide are settings that the kubelet sets for the whole machine: it is given files to write instead.
var kernelWide = []string{
	"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
}

// runInit waits until the network is made, which closes its input, then starts all servers and keeps them running. It
// never returns unless something fails: the end of the node is to kill it.
func runInit() error {
	if os.Getpid() != 1 {
		return errors.New("this command is for `up` to call")
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	if err := mounts(); err != nil {
		return err
	}
	if err := innerNetwork(); err != nil {
		return err
	}
	p, err := readPlan()
	if err != nil {
		return err
	}
	k := keeper{path: p.Path, running: map[int]server{}}
	for _, s := range p.Servers {
		if err := k.start(s); err != nil {
			return err
		}
	}
	return k.keep()
}

// mounts gives the node its own view of the machine's folders.
func mounts() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED, ""); err != nil {
		return fmt.Errorf("sharing mounts among pods: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mounting /proc: %w", err)
	}
	for _, folder := range private {
		if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "mode=755"); err != nil {
			return fmt.Errorf("mounting a tmpfs on %s: %w", folder, err)
		}
	}
	if err := os.MkdirAll("/run/netns", 0o755); err != nil {
		return err
	}
	for _, key := range kernelWide {
		if err := detach(key); err != nil {
			return fmt.Errorf("detaching %s: %w", key, err)
		}
	}
	return nil
}

// detach puts a file with the same content in place of a kernel setting.
func detach(key string) error {
	setting := filepath.Join("/proc/sys", key)
	value, err := os.ReadFile(setting)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	file := inState("fakesys", strings.ReplaceAll(key, "/", "_"))
	if err := os.WriteFile(file, value, 0o644); err != nil {
		return err
	}
	return syscall.Mount(file, setting, "", syscall.MS_BIND, "")
}

// keeper keeps servers running.
type keeper struct {
	path string

	sync.Mutex
	running map[int]server
}

// start starts a server with its output in a log of its name.
func (k *keeper) start(s server) error {
	log, err := os.OpenFile(filepath.Join(logs(), s.Name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // The server has its own handle.
	k.Lock()
	defer k.Unlock()
	process, err := os.StartProcess(s.Path, append([]string{s.Path}, s.Args...), &os.ProcAttr{
		Env:   []string{"PATH=" + k.path, "HOME=/root"},
		Files: []*os.File{nil, log, log},
	})
	if err != nil {
		return fmt.Errorf("starting %s: %w", s.Name, err)
	}
	k.running[process.Pid] = s
	return process.Release()
}

// keep collects every process that ends, and restarts servers.
func (k *keeper) keep() error {
	for {
		var state syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &state, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("waiting for servers: %w", err)
		}
		k.Lock()
		s, ours := k.running[pid]
		delete(k.running, pid)
		k.Unlock()
		if !ours {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s %s ended (exit status %d, signal %d): restarting it\n",
			time.Now().Format(time.TimeOnly), s.Name, state.ExitStatus(), state.Signal())
		time.AfterFunc(time.Second, func() {
			if err := k.start(s); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		})
	}
}
