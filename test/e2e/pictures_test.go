//go:build e2e && pictures

package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// picturesAfter is how much there is to see on the pictures.
var picturesAfter = flag.Duration("pictures.after", 25*time.Minute, "for how long the cluster is watched before the pictures are taken")

// every is a spec that asks for every dashboard, those that only some want too, but the one that asks a Loki: there is none. An
// alert of it fires soon.
const every = `{dashboards: {include: [flux-cluster, flux-control-plane, flux-fleet, flux-resource, fluxmonitoring]},
	alerts: {overrides: [{name: ReconciliationFailure, for: 5s}]}}`

// TestPicturesOfTheDashboards writes docs/pictures: the dashboards as this cluster has them, over its Prometheus, in a browser. It
// fails where a panel shows an error, or nothing without a reason.
func TestPicturesOfTheDashboards(t *testing.T) {
	shared.monitored(t, every)
	shared.create(t, identity{"Kustomization", "held-up"},
		"{interval: 10s, path: ./, prune: false, targetNamespace: apps, sourceRef: {kind: GitRepository, name: missing}}")
	progress("watching the cluster for %s", *picturesAfter)
	select {
	case <-time.After(*picturesAfter):
	case <-t.Context().Done():
	}
	since := fmt.Sprintf("from=now-%ds", int(picturesAfter.Seconds()))
	flags := "--only flux-cluster --only flux-control-plane --only flux-resource --only fluxmonitoring --query " + since
	for _, choice := range []string{"namespace=apps", "kind=Kustomization", "name=flapping"} {
		flags += " --query flux-resource?var-" + choice
	}
	cmd := exec.CommandContext(t.Context(), "make", "--no-print-directory", "pictures", "PICTURES="+flags)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "NO_PROXY=*", "no_proxy=*",
		"PROMETHEUS_URL="+shared.addressOfPrometheus(t), "DASHBOARDS="+shared.written(t))
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	must(t, err)
}

// addressOfPrometheus is where its pod answers, as a node's pods do.
func (c *testCluster) addressOfPrometheus(t *testing.T) string {
	t.Helper()
	pods := &corev1.PodList{}
	must(t, c.List(t.Context(), pods, client.InNamespace(namespace), client.MatchingLabels{"app.kubernetes.io/name": "prometheus"}))
	NewWithT(t).Expect(pods.Items).NotTo(BeEmpty())
	return "http://" + pods.Items[0].Status.PodIP + ":9090"
}

// written is a folder with the dashboards as Grafana's sidecar would write them.
func (c *testCluster) written(t *testing.T) string {
	t.Helper()
	list := &corev1.ConfigMapList{}
	must(t, c.List(t.Context(), list, ours...))
	folder := t.TempDir()
	for _, m := range list.Items {
		for file, model := range m.Data {
			must(t, os.WriteFile(filepath.Join(folder, file), []byte(model), 0o600))
		}
	}
	return folder
}
