package desired

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/dashboards"
	"github.com/fluxmonitoring/operator/internal/observe"
)

const (
	// substituteLabel keeps a Flux Kustomization that carries the ConfigMap from expanding Grafana's variables.
	substituteLabel = "kustomize.toolkit.fluxcd.io/substitute"
	// folderAnnotation is where Grafana's sidecar looks for the folder.
	folderAnnotation = "grafana_folder"
	// maxConfigMapBytes is what the API server allows in a ConfigMap's data.
	maxConfigMapBytes = 1 << 20
)

// dashboardConfigMaps are one ConfigMap a dashboard, as Grafana's sidecar takes them.
func dashboardConfigMaps(fm *v1alpha1.FluxMonitoring, facts observe.Facts) ([]*unstructured.Unstructured, error) {
	spec := &fm.Spec.Dashboards
	if !v1alpha1.On(spec.Enabled) || len(facts.Flux.Controllers) == 0 {
		return nil, nil
	}
	built := dashboards.Build(dashboards.Params{
		Exposure: exposure(fm, facts), Job: job(fm),
		Datasource: dashboards.Datasource{UID: spec.Datasource.UID},
	})
	var objects []*unstructured.Unstructured
	for _, d := range built {
		if len(spec.Include) > 0 && !slices.Contains(spec.Include, v1alpha1.DashboardName(d.Name)) {
			continue
		}
		if len(d.JSON) > maxConfigMapBytes {
			return nil, &ConfigurationError{Field: "spec.dashboards.include", Err: fmt.Errorf(
				"dashboard %s is of %d bytes, more than the %d a ConfigMap can hold: leave it out", d.Name, len(d.JSON), maxConfigMapBytes)}
		}
		objects = append(objects, dashboardConfigMap(fm, d))
	}
	return objects, nil
}

func dashboardConfigMap(fm *v1alpha1.FluxMonitoring, d dashboards.Dashboard) *unstructured.Unstructured {
	spec := &fm.Spec.Dashboards
	o := newObject(observe.ConfigMapKind, fm, "-dashboard-"+strings.TrimPrefix(d.Name, "flux-"))
	o.SetLabels(merged(merged(o.GetLabels(), spec.LabelsInEffect()), map[string]string{substituteLabel: "disabled"}))
	annotations := merged(o.GetAnnotations(), nil)
	if folder := spec.FolderInEffect(); folder != "" {
		annotations[folderAnnotation] = folder
	}
	if annotations = merged(annotations, spec.Annotations); len(annotations) > 0 {
		o.SetAnnotations(annotations)
	}
	o.Object["data"] = map[string]any{d.Name + ".json": string(d.JSON)}
	return o
}
