//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// server is one process of the node.
type server struct {
	Name string
	Path string
	Args []string
}

// servers are all the processes of the node, in the order they are started. Each waits for those it needs.
func servers(f folders) []server {
	pki := func(file string) string { return inState("pki", file) }
	return []server{
		{"etcd", f.apiserver + "/etcd", []string{
			"--name=default", "--data-dir=" + inState("etcd"), "--unsafe-no-fsync",
			"--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379",
			"--listen-peer-urls=http://127.0.0.1:2380", "--initial-advertise-peer-urls=http://127.0.0.1:2380",
			"--initial-cluster=default=http://127.0.0.1:2380",
		}},
		{"kube-apiserver", f.apiserver + "/kube-apiserver", apiserverArgs(pki)},
		{"containerd", f.runtime + "/containerd", []string{"--config=" + inState("containerd.toml")}},
		{"kube-controller-manager", f.node + "/kube-controller-manager", []string{
			"--kubeconfig=" + pki("controller-manager.kubeconfig"), "--leader-elect=false", "--bind-address=127.0.0.1",
			"--service-account-private-key-file=" + pki("serviceaccount.key"), "--root-ca-file=" + pki("ca.crt"),
			"--cluster-signing-cert-file=" + pki("ca.crt"), "--cluster-signing-key-file=" + pki("ca.key"),
			"--cert-dir=" + inState("controller-manager"),
			"--use-service-account-credentials=true", "--node-monitor-grace-period=20s",
		}},
		{"kube-scheduler", f.node + "/kube-scheduler", []string{
			"--kubeconfig=" + pki("scheduler.kubeconfig"), "--leader-elect=false", "--bind-address=127.0.0.1",
			"--cert-dir=" + inState("scheduler"),
		}},
		{"kubelet", f.node + "/kubelet", []string{
			"--config=" + inState("kubelet.yaml"), "--kubeconfig=" + pki("node.kubeconfig"), "--hostname-override=" + nodeName,
			"--node-ip=" + nodeIP, "--root-dir=" + inState("kubelet"), "--cert-dir=" + inState("kubelet-certificates"),
		}},
		{"kube-proxy", f.node + "/kube-proxy", []string{"--config=" + inState("kube-proxy.yaml"), "--hostname-override=" + nodeName}},
	}
}

func apiserverArgs(pki func(string) string) []string {
	return []string{
		"--bind-address=0.0.0.0", "--advertise-address=" + nodeIP, "--secure-port=" + apiPort,
		"--etcd-servers=http://127.0.0.1:2379", "--service-cluster-ip-range=" + serviceCIDR, "--profiling=false",
		"--authorization-mode=Node,RBAC", "--allow-privileged=true",
		"--client-ca-file=" + pki("ca.crt"), "--cert-dir=" + inState("apiserver"),
		"--tls-cert-file=" + pki("apiserver.crt"), "--tls-private-key-file=" + pki("apiserver.key"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + pki("serviceaccount.key"),
		"--service-account-signing-key-file=" + pki("serviceaccount.key"),
		"--kubelet-certificate-authority=" + pki("ca.crt"),
		"--kubelet-client-certificate=" + pki("kubelet-client.crt"), "--kubelet-client-key=" + pki("kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP,Hostname",
		"--audit-policy-file=" + inState("audit-policy.yaml"), "--audit-log-path=" + filepath.Join(logs(), "audit.log"), "--audit-log-mode=blocking",
	}
}

// plan is what the init process of the node reads: what to start, and where to look for commands.
type plan struct {
	Servers []server
	Path    string
}

func writePlan(f folders) error {
	data, err := json.Marshal(plan{servers(f), f.runtime + ":/usr/sbin:/usr/bin:/sbin:/bin"})
	if err != nil {
		return err
	}
	return os.WriteFile(inState("plan.json"), data, 0o644)
}

func readPlan() (plan, error) {
	data, err := os.ReadFile(inState("plan.json"))
	if err != nil {
		return plan{}, err
	}
	var p plan
	return p, json.Unmarshal(data, &p)
}
