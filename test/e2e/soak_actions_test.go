//go:build e2e && soak

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

// action is something that happens to the cluster. It does not wait for what follows from it.
type action func(context.Context, *soak) error

// content is what the fleet's repository holds.
type content struct {
	revision int
	// broken is the folder that a bad commit is in, if any.
	broken string
	// slow is how many seconds the Deployment in the folder slow takes to become ready.
	slow int
}

// configMap and deployment are what the fleet applies. A deployment is filled with the seconds until its pod counts as available,
// and a revision of the pod. brokenConfigMap cannot be built.
const (
	configMap       = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"${name}\"}\ndata: {revision: \"%d\"}\n"
	brokenConfigMap = "kind: ConfigMap\nmetadata: {name: \"${name}\"}\ndata: {revision: \"%d\"}\n"
	deployment      = `apiVersion: apps/v1
kind: Deployment
metadata: {name: "${name}"}
spec:
  replicas: 1
  minReadySeconds: %d
  selector: {matchLabels: {app: "${name}"}}
  template:
    metadata: {labels: {app: "${name}"}, annotations: {revision: "%d"}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: pause, image: "fluxmonitoring.dev/pause:1"}]
`
)

// files are the content by path.
func (c content) files() map[string]string {
	config, web := configMap, deployment
	switch c.broken {
	case "config":
		config = brokenConfigMap
	case "web":
		web = strings.ReplaceAll(deployment, "name: pause, ", "")
	}
	return map[string]string{
		"config/configmap.yaml": fmt.Sprintf(config, c.revision),
		"web/deployment.yaml":   fmt.Sprintf(web, 0, c.revision),
		"slow/deployment.yaml":  fmt.Sprintf(deployment, c.slow, c.slow),
	}
}

// publishes makes the content a new revision, in Git and in the registry.
func publishes(ctx context.Context, s *soak) error {
	s.content.revision++
	files, err := json.Marshal(s.content.files())
	if err != nil {
		return err
	}
	return s.publish(ctx, fleet, files)
}

// breaks puts a bad commit into a folder of what is published next; into none, it mends it.
func breaks(folder string) action {
	return func(_ context.Context, s *soak) error {
		s.content.broken = folder
		return nil
	}
}

// slowsDown makes the Deployment in the folder slow take so many seconds in what is published next.
func slowsDown(seconds int) action {
	return func(_ context.Context, s *soak) error {
		s.content.slow = seconds
		return nil
	}
}

// sets changes fields of an object's spec, given as YAML.
func sets(kind, namespace, name, spec string) action {
	return func(ctx context.Context, s *soak) error {
		patch, err := yaml.YAMLToJSON([]byte("{spec: " + spec + "}"))
		if err != nil {
			return err
		}
		return s.Patch(ctx, fluxObject(namespace, identity{kind, name}, "{}"), client.RawPatch("application/merge-patch+json", patch))
	}
}

// upgrades gives a HelmRelease's Deployment a new revision, whose pod counts as available after so many seconds.
func upgrades(namespace, name, revision string, seconds int) action {
	return sets("HelmRelease", namespace, name, fmt.Sprintf(`{values: {revision: %q, minReadySeconds: %d}}`, revision, seconds))
}

// upgradesCharts moves all HelmReleases to the next version of their chart.
func upgradesCharts(ctx context.Context, s *soak) error {
	for _, r := range releases {
		if err := sets("HelmRelease", r.namespace, r.name, `{chart: {spec: {version: 0.2.0}}}`)(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// rollsOut replaces the pods of a Flux controller.
func rollsOut(name string) action {
	return func(ctx context.Context, s *soak) error {
		out, err := s.command(ctx, "-n", stack.FluxNamespace, "rollout", "restart", "deployment/"+name).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
}

// deletesLeader deletes the operator's pod that leads.
func deletesLeader(ctx context.Context, s *soak) error {
	o := lease()
	if err := s.Get(ctx, client.ObjectKeyFromObject(o), o); err != nil {
		return err
	}
	holder, _, err := unstructured.NestedString(o.Object, "spec", "holderIdentity")
	if err != nil {
		return err
	}
	pod := &corev1.Pod{}
	pod.Namespace = system
	pod.Name, _, _ = strings.Cut(holder, "_")
	return s.Delete(ctx, pod)
}

// restartsPrometheus ends Prometheus's process. Its data stays, as on a volume.
func restartsPrometheus(ctx context.Context, s *soak) error {
	return s.rest.Post().AbsPath(strings.TrimSuffix(prometheusAPI, "api/v1/") + "-/quit").Do(ctx).Error()
}

// goesAway takes the origin's pod out of its Service, so that every new connection is refused; comesBack puts it in again.
// An open connection stays, and Git has one.
func goesAway(ctx context.Context, s *soak) error  { return s.selects(ctx, "none") }
func comesBack(ctx context.Context, s *soak) error { return s.selects(ctx, "origin") }

func (s *soak) selects(ctx context.Context, app string) error {
	service := &corev1.Service{}
	service.Namespace, service.Name = "origin", "origin"
	patch := fmt.Appendf(nil, `{"spec":{"selector":{"app":%q}}}`, app)
	return s.Patch(ctx, service, client.RawPatch("application/merge-patch+json", patch))
}

func createsMore(ctx context.Context, s *soak) error { return cluster.Apply(ctx, s, moreObjects()...) }

func deletesMore(ctx context.Context, s *soak) error {
	for _, o := range moreObjects() {
		if err := s.Delete(ctx, o); err != nil {
			return err
		}
	}
	return nil
}
