package desired

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/internal/kinds"
)

const (
	// maxDataBytes is the largest size of the values of a ConfigMap's data that the API server accepts. Keys do not count.
	maxDataBytes = 1 << 20
	// maxStoredBytes is the largest object that etcd stores, 1.5 MiB, less what others write into it: managedFields and other fields of the
	// API server, the status and finalizers of grafana-operator. A custom resource is stored as JSON, so every quote of a dashboard counts
	// twice.
	maxStoredBytes = 3<<19 - 1<<15
)

// validateSize is the error if an object with a dashboard is larger than the API server accepts. It names the field of the spec; the API
// server's own refusal would name the limit of etcd.
func validateSize(o *unstructured.Unstructured) error {
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
	return fmt.Errorf("%s %s would have %d bytes, and %d can be stored: add less to it by patches, annotations and "+
		"commonMetadata, or omit it by dashboards.include", o.GetKind(), o.GetName(), size, limit)
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
