package cluster_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// patience is how long a test waits for a first build, which a cold machine takes minutes for.
const patience = 15 * time.Minute

var must = rig.Must

func TestControlPlaneAcceptsFluxAndAShard(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	plane, err := cluster.Start(ctx, cluster.WithCRDs(cluster.FluxCRDs, cluster.MonitoringCRDs), cluster.WithAuditLog())
	must(t, err)
	t.Cleanup(func() { must(t, plane.Stop()) })
	c, err := client.New(plane.Config, client.Options{})
	must(t, err)

	must(t, cluster.InstallFlux(ctx, c, "gitops"))
	shard, err := cluster.Shard(ctx, "gitops", "source-controller", "shard1")
	must(t, err)
	must(t, cluster.Apply(ctx, c, shard...))

	var deployments appsv1.DeploymentList
	must(t, c.List(ctx, &deployments, client.InNamespace("gitops")))
	var found []string
	for _, d := range deployments.Items {
		found = append(found, d.Spec.Selector.MatchLabels["app"]+" "+d.Spec.Template.Spec.Containers[0].Image)
		if d.Labels["app.kubernetes.io/instance"] != "gitops" || d.Spec.Template.Labels["app.kubernetes.io/part-of"] != "flux" {
			t.Errorf("%s lacks the labels of an installation: %v, %v", d.Name, d.Labels, d.Spec.Template.Labels)
		}
	}
	want := `helm-controller ghcr.io/fluxcd/helm-controller:v1.6.4
image-automation-controller ghcr.io/fluxcd/image-automation-controller:v1.2.5
image-reflector-controller ghcr.io/fluxcd/image-reflector-controller:v1.2.5
kustomize-controller ghcr.io/fluxcd/kustomize-controller:v1.9.5
notification-controller ghcr.io/fluxcd/notification-controller:v1.9.4
source-controller ghcr.io/fluxcd/source-controller:v1.9.6
source-controller-shard1 ghcr.io/fluxcd/source-controller:v1.9.6
source-watcher ghcr.io/fluxcd/source-watcher:v2.2.4`
	if got := strings.Join(found, "\n"); got != want {
		t.Errorf("Deployments are\n%s\nnot\n%s", got, want)
	}
	log, err := os.ReadFile(plane.AuditLog)
	must(t, err)
	if !strings.Contains(string(log), `"verb":"patch"`) {
		t.Error("the audit log misses the patches this test made")
	}
}
