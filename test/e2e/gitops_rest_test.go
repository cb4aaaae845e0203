//go:build e2e

package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// rests expects that for so long nothing is written to the FluxMonitoring and to what is generated, that there are no events, and
// that Flux, which reconciles again and again meanwhile, finds nothing to change.
func (o *gitOps) rests(t *testing.T, length time.Duration) {
	t.Helper()
	g := NewWithT(t)
	before, start, rounds := unchanged(t, o.state), time.Now(), 0
	written := o.written(t, gitOpsNamespace)
	for rounds == 0 || time.Since(start) < length {
		rounds++
		o.reconciles(t, fmt.Sprintf("%s %d", start.Format(time.RFC3339Nano), rounds))
		g.Expect(o.state(t)).To(Equal(before), "after %d reconciliations", rounds)
		o.unchanged(t)
	}
	g.Expect(o.written(t, gitOpsNamespace)).To(Equal(written), "the operator has written")
	t.Logf("%d objects and events were not written in %s, through %d reconciliations that Flux was asked for", len(before), since(start), rounds)
	g.Expect(o.condition(t, "Ready")).To(HaveField("Status", metav1.ConditionTrue))
	managers := map[string]string{}
	for _, m := range o.live(t, o.fluxMonitoring()).GetManagedFields() {
		managers[m.Manager] = fmt.Sprintf("%s %s", m.Operation, m.Subresource)
	}
	g.Expect(managers).To(Equal(map[string]string{fluxManager: "Apply ", "operator": "Update status"}), "who has written the FluxMonitoring")
}

// state is what writes would change: uid and version of the FluxMonitoring, of what is generated, and of the events about either.
func (o *gitOps) state(t *testing.T) map[string]string {
	t.Helper()
	fm := o.live(t, o.fluxMonitoring())
	all := map[string]string{fm.GetKind(): string(fm.GetUID()) + " " + fm.GetResourceVersion()}
	for _, child := range o.children(t) {
		all[child.Kind+"/"+child.Name] = string(child.UID) + " " + child.ResourceVersion
	}
	events := &corev1.EventList{}
	must(t, o.List(t.Context(), events, client.InNamespace(gitOpsNamespace)))
	for _, e := range events.Items {
		if e.InvolvedObject.Kind != "OCIRepository" && e.Reason != "ReconciliationSucceeded" { // which Flux sends each time
			all["event "+e.Name+": "+e.Message] = e.ResourceVersion
		}
	}
	return all
}

// reconciles asks Flux for a reconciliation, as `flux reconcile` does, and waits until it is done.
func (o *gitOps) reconciles(t *testing.T, at string) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{"reconcile.fluxcd.io/requestedAt":%q}}}`, at)
	must(t, o.Patch(t.Context(), o.kustomization(), client.RawPatch("application/merge-patch+json", patch)))
	NewWithT(t).Eventually(func(g Gomega) {
		k := o.live(t, o.kustomization())
		handled, _, err := unstructured.NestedString(k.Object, "status", "lastHandledReconcileAt")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(handled).To(Equal(at))
		g.Expect(statesOf(k)).To(ConsistOf("Ready=True", "Healthy=True"))
	}, soon, often).Should(Succeed(), "Flux should reconcile and find it healthy")
}

// unchanged fails the test where applying what Flux applies would change something.
func (o *gitOps) unchanged(t *testing.T) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(source, "examples", "flux", "monitoring", "fluxmonitoring.yaml"))
	must(t, err)
	fm := &unstructured.Unstructured{}
	must(t, yaml.Unmarshal(content, &fm.Object))
	spec := map[string]any{}
	must(t, yaml.Unmarshal([]byte(gitOpsSpec), &spec))
	fm.Object["spec"] = spec
	fm.SetNamespace(gitOpsNamespace)
	fm.SetLabels(map[string]string{"kustomize.toolkit.fluxcd.io/name": gitOpsNamespace, "kustomize.toolkit.fluxcd.io/namespace": gitOpsNamespace})
	stream, err := json.Marshal(fm.Object)
	must(t, err)
	cmd := o.command(t.Context(), "diff", "--server-side", "--field-manager="+fluxManager, "-f", "-")
	cmd.Stdin = bytes.NewReader(stream)
	if difference, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("kubectl diff: %s\n%s", err, difference)
	}
}

// sightings are the versions in which objects first had a condition of a generation, as "Kind generation Type=Status".
// Versions grow from write to write, whatever is written, so they show which of two was first.
type sightings struct {
	mu       sync.Mutex
	versions map[string]int64
}

func (s *sightings) note(o *unstructured.Unstructured) {
	version, err := strconv.ParseInt(o.GetResourceVersion(), 10, 64)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range conditionsOf(o) {
		what := fmt.Sprintf("%s %d %s=%s", o.GetKind(), c.ObservedGeneration, c.Type, c.Status)
		if s.versions[what] == 0 {
			s.versions[what] = version
		}
	}
}

// first is the version in which a condition was first observed; 0 if it never was.
func (s *sightings) first(what string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.versions[what]
}

// follow records all conditions of an object until the test ends.
func (o *gitOps) follow(t *testing.T, of *unstructured.Unstructured) {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(of.GroupVersionKind())
	watcher, err := o.Watch(t.Context(), list, client.InNamespace(gitOpsNamespace))
	must(t, err)
	t.Cleanup(watcher.Stop)
	go func() {
		for event := range watcher.ResultChan() {
			if changed, ok := event.Object.(*unstructured.Unstructured); ok && event.Type != watch.Error {
				o.seen.note(changed)
			}
		}
	}()
}

// passes waits until a condition was observed.
func (o *gitOps) passes(t *testing.T, what string) {
	t.Helper()
	NewWithT(t).Eventually(func() int64 { return o.seen.first(what) }, gitOpsTimeout, often).ShouldNot(BeZero(), what)
}

// inOrder expects that one condition was observed before another.
func (o *gitOps) inOrder(t *testing.T, one, other string) {
	t.Helper()
	g := NewWithT(t)
	g.Expect(o.seen.first(one)).NotTo(BeZero(), one)
	g.Expect(o.seen.first(one)).To(BeNumerically("<", o.seen.first(other)), "%s before %s", one, other)
}
