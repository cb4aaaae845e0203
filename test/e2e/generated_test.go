//go:build e2e

package e2e_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/mark"
)

// The kinds that are generated.
var (
	configMaps          = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}
	podMonitors         = schema.GroupVersionKind{Group: "monitoring.coreos.com", Version: "v1", Kind: "PodMonitor"}
	prometheusRules     = schema.GroupVersionKind{Group: "monitoring.coreos.com", Version: "v1", Kind: "PrometheusRule"}
	alertmanagerConfigs = schema.GroupVersionKind{Group: "monitoring.coreos.com", Version: "v1alpha1", Kind: "AlertmanagerConfig"}
	fluxProviders       = schema.GroupVersionKind{Group: "notification.toolkit.fluxcd.io", Version: "v1beta3", Kind: "Provider"}
	fluxAlerts          = schema.GroupVersionKind{Group: "notification.toolkit.fluxcd.io", Version: "v1beta3", Kind: "Alert"}

	generatedKinds = []schema.GroupVersionKind{configMaps, podMonitors, prometheusRules, alertmanagerConfigs, fluxProviders, fluxAlerts}
)

// everything is what the sample's resource generates on a Flux of source-controller, kustomize-controller and helm-controller.
var everything = []string{
	"ConfigMap/flux-dashboard-cluster", "ConfigMap/flux-dashboard-control-plane", "ConfigMap/flux-dashboard-fluxmonitoring",
	"ConfigMap/flux-dashboard-resource",
	"PodMonitor/flux", "PodMonitor/flux-exporter", "PodMonitor/flux-fluxmonitoring", "PrometheusRule/flux",
}

// everythingAnd is all of that and more, sorted.
func everythingAnd(more ...string) []string {
	all := slices.Concat(everything, more)
	slices.Sort(all)
	return all
}

// ours selects what belongs to the sample's resource.
var ours = []client.ListOption{client.InNamespace(namespace), client.MatchingLabels{mark.OwnerLabel: name}}

// generated lists the metadata of what belongs to the sample's resource.
func (c *testCluster) generated(ctx context.Context) ([]metav1.PartialObjectMetadata, error) {
	var all []metav1.PartialObjectMetadata
	for _, kind := range generatedKinds {
		list := listOf(kind)
		if err := c.List(ctx, list, ours...); err != nil {
			return nil, err
		}
		for _, o := range list.Items {
			o.SetGroupVersionKind(kind)
			all = append(all, o)
		}
	}
	return all, nil
}

func listOf(kind schema.GroupVersionKind) *metav1.PartialObjectMetadataList {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
	return list
}

// holds is a condition on an object.
type holds func(metav1.PartialObjectMetadata) bool

// names are those of some objects with their kinds, sorted; of the objects for which all conditions hold.
func names(objects []metav1.PartialObjectMetadata, conditions ...holds) []string {
	found := []string{}
	for _, o := range objects {
		if !slices.ContainsFunc(conditions, func(c holds) bool { return !c(o) }) {
			found = append(found, o.Kind+"/"+o.Name)
		}
	}
	slices.Sort(found)
	return found
}

// labelled holds for objects with a label of that value.
func labelled(key, value string) holds {
	return func(o metav1.PartialObjectMetadata) bool { return o.Labels[key] == value }
}

// controlledBy holds for objects that the garbage collector removes with that owner.
func controlledBy(owner types.UID) holds {
	return func(o metav1.PartialObjectMetadata) bool {
		c := metav1.GetControllerOfNoCopy(&o)
		return c != nil && c.UID == owner
	}
}

// controlledByNobody holds for objects without owners.
func controlledByNobody(o metav1.PartialObjectMetadata) bool { return len(o.OwnerReferences) == 0 }

// versions are the generated objects with their uids and resource versions.
func (c *testCluster) versions(t *testing.T) map[string]string {
	t.Helper()
	objects, err := c.generated(t.Context())
	must(t, err)
	versions := map[string]string{}
	for _, o := range objects {
		versions[o.Kind+"/"+o.Name] = string(o.UID) + " " + o.ResourceVersion
	}
	return versions
}

// rested waits until no generated object is written any more, and returns their versions.
func (c *testCluster) rested(t *testing.T) map[string]string {
	t.Helper()
	return unchanged(t, c.versions)
}

// unchanged waits until a state has stayed as it is for some seconds, and returns it.
func unchanged(t *testing.T, state func(*testing.T) map[string]string) map[string]string {
	t.Helper()
	last, since := state(t), time.Now()
	NewWithT(t).Eventually(func() time.Duration {
		if now := state(t); !maps.Equal(now, last) {
			last, since = now, time.Now()
		}
		return time.Since(since)
	}, patient, often).Should(BeNumerically(">", 3*time.Second), "the operator should come to rest")
	return last
}

// holds waits until exactly these objects are generated, for which the conditions hold.
func (c *testCluster) holds(t *testing.T, desired []string, conditions ...holds) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		objects, err := c.generated(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(names(objects)).To(Equal(desired))
		g.Expect(names(objects, conditions...)).To(Equal(desired), "the conditions should hold for these")
	}, patient, often).Should(Succeed(), "the generated objects should be complete")
}

// gone waits until nothing generated is left.
func (c *testCluster) gone(t *testing.T) {
	t.Helper()
	c.holds(t, []string{})
}

// writes returns the events on generated objects for which a condition holds, until the test ends.
func (c *testCluster) writes(t *testing.T, condition holds) <-chan string {
	t.Helper()
	seen := make(chan string, 100)
	for _, kind := range generatedKinds {
		watcher, err := c.Watch(t.Context(), listOf(kind), ours...)
		must(t, err)
		t.Cleanup(watcher.Stop)
		go forward(watcher, kind.Kind, condition, seen)
	}
	return seen
}

func forward(watcher watch.Interface, kind string, condition holds, to chan<- string) {
	for event := range watcher.ResultChan() {
		if o, ok := event.Object.(*metav1.PartialObjectMetadata); ok && condition(*o) {
			to <- kind + "/" + o.Name
		}
	}
}
