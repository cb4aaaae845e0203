package verify

import (
	"context"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/proof"
)

// binding is an object that uses another one, as prometheus-operator writes it: the plural of its kind, its namespace and name.
type binding [3]string

func bindingOf(b proof.Backend) binding {
	plural := strings.ToLower(b.Kind) + "s"
	if b.Kind == "Prometheus" {
		plural = "prometheuses"
	}
	return binding{plural, b.Namespace, b.Name}
}

// rejections are the generated objects that prometheus-operator rejects, as <kind> <name>, by who would use them. It writes that into
// status.bindings, with the feature gate StatusForConfigurationResources.
func (v *Verifier) rejections(ctx context.Context, q *proof.Question) map[binding]string {
	rejected := map[binding]string{}
	for _, o := range q.Objects {
		object := kinds.Plain(o.GroupVersionKind)
		if err := v.Live.Get(ctx, client.ObjectKey{Namespace: q.Namespace, Name: o.Name}, object); err != nil {
			continue // Ready reports that it is missing
		}
		bindings, _, _ := unstructured.NestedSlice(object.Object, "status", "bindings")
		for _, entry := range bindings {
			if to, rejects := rejection(entry, object.GetGeneration()); rejects && rejected[to] == "" {
				rejected[to] = o.Kind + " " + o.Name
			}
		}
	}
	return rejected
}

// rejection reads one binding: who uses the object, and whether it was rejected in this generation.
func rejection(entry any, generation int64) (to binding, rejects bool) {
	fields, _ := entry.(map[string]any)
	for i, name := range []string{"resource", "namespace", "name"} {
		to[i], _, _ = unstructured.NestedString(fields, name)
	}
	conditions, _, _ := unstructured.NestedSlice(fields, "conditions")
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		observed, _, _ := unstructured.NestedInt64(condition, "observedGeneration")
		rejects = rejects || condition["type"] == "Accepted" && condition["status"] == "False" && observed >= generation
	}
	return to, rejects
}
