// Command apiserver is what an API needs to exist, in one binary that acts by the name it is called by: etcd,
// kube-apiserver and kubectl. These are the three names envtest looks for in KUBEBUILDER_ASSETS. It is Kubernetes' own
// code, linked from the module proxy; ours are only this switch and the leash that ends the servers with their parent.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/fluxmonitoring/operator/test/cluster/kube/leash"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	switch name := filepath.Base(os.Args[0]); name {
	case "etcd":
		leash.Hold()
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		leash.Hold()
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kubectl":
		if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
			util.CheckErr(err)
		}
	default:
		fmt.Fprintf(os.Stderr, "%s: call this binary as etcd, kube-apiserver or kubectl\n", name)
		os.Exit(2)
	}
}
