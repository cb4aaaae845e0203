package desired

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/internal/kinds"
)

const (
	// maxDataBytes is what the API server allows the values of a ConfigMap's data to come to. It does not count the keys.
	maxDataBytes = 1 << 20
	// maxStoredBytes is what etcd takes up of one object, 1.5 MiB, but for what others write into it: managedFields and what
	// else the API server adds, the status and finalizers of grafana-operator. A custom resource is stored as JSON, so every quote
	// of a dashboard in it counts twice.
	maxStoredBytes = 3<<19 - 1<<15
)

// storable holds when the API server takes up an object that carries a dashboard, as far as its size goes. A refusal that names
// the limit of etcd helps nobody; and what a dashboard grew by is in the spec.
func storable(o *unstructured.Unstructured) error {
	size, limit := 0, 0
	switch o.GroupVersionKind() {
	case kinds.ConfigMap:
		size, limit = dataBytes(o), maxDataBytes
	case kinds.GrafanaDashboard:
		content, err := json.Marshal(o.Object)
		if err != nil {
			return err
		}
		size, limit = len(content), maxStoredBytes
	}
	if size <= limit {
		return nil
	}
	return fmt.Errorf("%s %s would be of %d bytes, more than the %d that can be stored: take away of what patches, annotations and "+
		"commonMetadata add to it, or leave it out by dashboards.include", o.GetKind(), o.GetName(), size, limit)
}

// dataBytes is the size of a ConfigMap's values.
func dataBytes(o *unstructured.Unstructured) int {
	size := 0
	data, _, _ := unstructured.NestedStringMap(o.Object, "data")
	for _, value := range data {
		size += len(value)
	}
	return size
}
