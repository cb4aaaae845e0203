//go:build linux

package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
)

// The names of a node, whichever of those of this machine it is.
const (
	nodeName = "node1"
	apiPort  = "6443"
	family   = "fluxmonitoring" // the names of all nodes begin with it
)

// instance is the number of the node, up to 9, in NODE_INSTANCE. Several nodes can run on one machine at once. The number is in the names
// of what is on the machine and in all addresses.
var instance = func() string {
	if text := os.Getenv("NODE_INSTANCE"); len(text) == 1 && text >= "1" && text <= "9" {
		return text
	}
	return "0"
}()

// The addresses and names of this node. The link to it is a network of two, the machine and the node.
var (
	name        = family + strings.TrimPrefix(instance, "0") // of its cgroups and its folder
	link        = "fluxmon" + instance                       // its end on the machine
	hostIP      = "10.200." + instance + ".1"
	nodeIP      = "10.200." + instance + ".2"
	podCIDR     = "10.244." + instance + ".0/24"
	serviceCIDR = "10.9" + instance + ".0.0/16"
	apiIP       = "10.9" + instance + ".0.1"
	dnsIP       = "10.9" + instance + ".0.10"
)

// state is the folder of everything the node writes.
func state() string { return filepath.Join(os.TempDir(), name+"-node") }

func inState(path ...string) string { return filepath.Join(append([]string{state()}, path...)...) }

func kubeconfig() string { return inState("pki", "admin.kubeconfig") }

func logs() string { return inState("log") }

// running returns the process that the node runs under, or 0.
func running() (int, error) {
	data, err := os.ReadFile(inState("pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", inState("pid"), err)
	}
	// The number may be another process's by now.
	line, gone := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if gone == nil && strings.HasPrefix(string(line), inState("node")+"\x00"+initCommand) {
		return pid, nil
	}
	return 0, nil
}

// folders of what the node is made of.
type folders struct{ apiserver, node, runtime string }

//go:embed files
var files embed.FS

// writeFiles makes the state folder with the configuration of all servers.
func writeFiles(f folders) error {
	for _, folder := range []string{"log", "cni", "containerd", "kubelet", "volumeplugins", "podlogs", "fakesys"} {
		if err := os.MkdirAll(inState(folder), 0o755); err != nil {
			return err
		}
	}
	values := map[string]string{
		"State": state(), "Name": name, "Runtime": f.runtime, "Pause": pauseImage, "Snapshotter": snapshotter(),
		"PodCIDR": podCIDR, "DNS": dnsIP,
	}
	for from, to := range map[string]string{
		"containerd.toml": "containerd.toml", "10-bridge.conflist": "cni/10-bridge.conflist",
		"kubelet.yaml": "kubelet.yaml", "kube-proxy.yaml": "kube-proxy.yaml", "audit-policy.yaml": "audit-policy.yaml",
	} {
		text, err := template.ParseFS(files, "files/"+from)
		if err != nil {
			return err
		}
		var filled bytes.Buffer
		if err := text.Execute(&filled, values); err != nil {
			return err
		}
		if err := os.WriteFile(inState(to), filled.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(inState("resolv.conf"), nil, 0o644)
}
