//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

const (
	// gitOpsNamespace is the namespace into which Flux applies the example, and the example's name in the origin.
	gitOpsNamespace = "gitops"
	// gitOpsTimeout is how long Flux waits for health: longer than anything here may take, so that nothing ends by it.
	gitOpsTimeout = 4 * time.Minute
	// fluxManager is whose fields are what Flux applies.
	fluxManager = "kustomize-controller"
)

// gitOpsSpec is what the test has Flux change in the example: it selects a Prometheus of its own, so that it meets no other
// FluxMonitoring of this Flux, and has a short interval, because each run could write.
const gitOpsSpec = `{"interval": "10s", "prometheus": {"selector": {"matchLabels": {"for": "gitops"}}, "verify": {"interval": "10s"}}}`

// gitOps is the example as Flux applies it from the origin, in a namespace of its own.
type gitOps struct {
	*testCluster
	seen *sightings
}

// gitOps makes the namespace, and the source of what the example has Flux apply. They are there until the test ends.
func (c *testCluster) gitOps(t *testing.T) *gitOps {
	t.Helper()
	o := &gitOps{c, &sightings{versions: map[string]int64{}}}
	c.remove(t, named("v1", "Namespace", "", gitOpsNamespace)) // of a run that was killed
	c.createNamespace(t, gitOpsNamespace)
	t.Cleanup(func() { c.remove(t, o.kustomization()) }) // while what it applies is there to be pruned
	files := map[string]string{}
	for _, file := range []string{"kustomization.yaml", "fluxmonitoring.yaml"} {
		content, err := os.ReadFile(filepath.Join(source, "examples", "flux", "monitoring", file))
		must(t, err)
		files[file] = string(content)
	}
	body, err := json.Marshal(files)
	must(t, err)
	must(t, c.publish(t.Context(), gitOpsNamespace, body))
	c.put(t, gitOpsNamespace, identity{"OCIRepository", gitOpsNamespace},
		`{interval: 1m, url: "oci://origin.origin.svc.cluster.local:5000/gitops", insecure: true, ref: {tag: latest}}`)
	return o
}

// origin is what test/cluster/origin serves, through the API server.
const origin = "/api/v1/namespaces/origin/services/origin:5000/proxy/"

// publish makes files, as JSON by their names, the newest revision of a source of the origin.
func (c *testCluster) publish(ctx context.Context, name string, files []byte) error {
	return c.rest.Put().AbsPath(origin + "published/" + name).Body(files).Do(ctx).Error()
}

// exampleHealthChecks are the healthCheckExprs of the example.
func exampleHealthChecks(t *testing.T) []any {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(source, "examples", "flux", "monitoring.yaml"))
	must(t, err)
	example := &unstructured.Unstructured{}
	must(t, yaml.Unmarshal(content, &example.Object))
	checks, found, err := unstructured.NestedSlice(example.Object, "spec", "healthCheckExprs")
	must(t, err)
	NewWithT(t).Expect(found).To(BeTrue())
	return checks
}

// applied has Flux apply the example every ten seconds and wait, with these healthCheckExprs.
func (o *gitOps) applied(t *testing.T, checks []any) {
	t.Helper()
	k := fluxObject(gitOpsNamespace, identity{"Kustomization", gitOpsNamespace}, fmt.Sprintf(`{interval: 10s, retryInterval: 5s, timeout: %s,
		path: ./, prune: true, wait: true, targetNamespace: %s, sourceRef: {kind: OCIRepository, name: gitops},
		patches: [{target: {kind: FluxMonitoring}, patch: '[{"op": "replace", "path": "/spec", "value": %s}]'}]}`, gitOpsTimeout, gitOpsNamespace, gitOpsSpec))
	if checks != nil {
		must(t, unstructured.SetNestedSlice(k.Object, checks, "spec", "healthCheckExprs"))
	}
	must(t, cluster.Apply(t.Context(), o, k))
}

func (o *gitOps) kustomization() *unstructured.Unstructured {
	return named(reconciled["Kustomization"], "Kustomization", gitOpsNamespace, gitOpsNamespace)
}

func (o *gitOps) fluxMonitoring() *unstructured.Unstructured {
	return named(v1alpha1.GroupVersion.String(), v1alpha1.Kind, gitOpsNamespace, name)
}

func (o *gitOps) key() client.ObjectKey { return client.ObjectKeyFromObject(o.fluxMonitoring()) }

func (o *gitOps) live(t *testing.T, of *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	must(t, o.Get(t.Context(), client.ObjectKeyFromObject(of), of))
	return of
}

// condition returns a condition of the Kustomization.
func (o *gitOps) condition(t *testing.T, condition string) metav1.Condition {
	t.Helper()
	if c := meta.FindStatusCondition(conditionsOf(o.live(t, o.kustomization())), condition); c != nil {
		return *c
	}
	return metav1.Condition{}
}

// children are the metadata of what is generated.
func (o *gitOps) children(t *testing.T) (all []metav1.PartialObjectMetadata) {
	t.Helper()
	for _, kind := range generatedKinds {
		list := listOf(kind)
		must(t, o.List(t.Context(), list, client.InNamespace(gitOpsNamespace), client.MatchingLabels{mark.OwnerLabel: name}))
		for _, child := range list.Items {
			child.SetGroupVersionKind(kind)
			all = append(all, child)
		}
	}
	return all
}

// withPrometheus adds a Prometheus like that of the bed, which has only what is in the namespace of the test.
func (o *gitOps) withPrometheus(t *testing.T) {
	t.Helper()
	like := named("monitoring.coreos.com/v1", "Prometheus", stack.MonitoringNamespace, "kube-prometheus-stack-prometheus")
	must(t, o.Get(t.Context(), client.ObjectKeyFromObject(like), like))
	spec, _, err := unstructured.NestedMap(like.Object, "spec")
	must(t, err)
	delete(spec, "serviceMonitorSelector")
	for _, kind := range []string{"podMonitor", "rule"} {
		spec[kind+"Selector"] = map[string]any{}
		spec[kind+"NamespaceSelector"] = map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": gitOpsNamespace}}
	}
	p := named("monitoring.coreos.com/v1", "Prometheus", stack.MonitoringNamespace, gitOpsNamespace)
	p.Object["spec"] = spec
	p.SetLabels(map[string]string{"for": gitOpsNamespace})
	t.Cleanup(func() { o.remove(t, p) })
	must(t, cluster.Apply(t.Context(), o, p.DeepCopy()))
}
