package receivers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// The definition of AlertmanagerConfig in all of its versions, and the module that holds it.
const (
	module  = "github.com/prometheus-operator/prometheus-operator"
	configs = "example/prometheus-operator-crd-full/monitoring.coreos.com_alertmanagerconfigs.yaml"
)

// AlertmanagerConfig returns the definition of AlertmanagerConfig, as YAML, of the version of prometheus-operator that go.mod names.
func AlertmanagerConfig(ctx context.Context) ([]byte, error) {
	folder, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return nil, fmt.Errorf("looking for the module of prometheus-operator: %w", err)
	}
	return os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), configs))
}

// Into gives each version of the definition of FluxMonitoring that schema of its receivers. What the definition says of a receiver's own,
// which is its name and a description, stays.
func Into(definition map[string]any, schema apiextensionsv1.JSONSchemaProps) error {
	versions, _, err := unstructured.NestedSlice(definition, "spec", "versions")
	if err != nil {
		return err
	}
	for _, v := range versions {
		if err := receiversOf(v, schema); err != nil {
			return err
		}
	}
	return unstructured.SetNestedSlice(definition, versions, "spec", "versions")
}

// receiversOf gives a version of the definition that schema of its receivers.
func receiversOf(version any, schema apiextensionsv1.JSONSchemaProps) error {
	v, ok := version.(map[string]any)
	if !ok {
		return errors.New("the definition of FluxMonitoring has a version that is none")
	}
	path := []string{"schema", "openAPIV3Schema", "properties", "spec", "properties", "notifications", "properties", "receivers", "items"}
	own, found, err := unstructured.NestedMap(v, path...)
	if err != nil || !found {
		return errors.Join(errors.New("the definition of FluxMonitoring has no receivers"), err)
	}
	made, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&schema)
	if err != nil {
		return err
	}
	fields, _ := made["properties"].(map[string]any)
	ours, _ := own["properties"].(map[string]any)
	maps.Copy(fields, ours)
	own["properties"] = fields
	return unstructured.SetNestedMap(v, own, path...)
}
