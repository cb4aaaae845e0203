package desired

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/dashboards"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/internal/stack"
)

const (
	// substituteLabel keeps a Flux Kustomization that applies the object from expanding Grafana's variables.
	substituteLabel = "kustomize.toolkit.fluxcd.io/substitute"
	// FolderAnnotation is the annotation in which Grafana's sidecar finds the folder.
	FolderAnnotation = "grafana_folder"
)

// dashboardObjects are the dashboards, one object each, of the kind that spec.dashboards.format names.
func dashboardObjects(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	spec := &fm.Spec.Dashboards
	if !v1alpha1.On(spec.Enabled) || !facts.FluxFound() {
		return nil, nil
	}
	carry := func(fm *v1alpha1.FluxMonitoring, d dashboards.Dashboard) (*unstructured.Unstructured, error) {
		return dashboardConfigMap(fm, d, facts.Sidecars), nil
	}
	if spec.FormatInEffect() == v1alpha1.DashboardFormatGrafanaDashboard {
		carry = grafanaDashboard
	}
	var objects []*unstructured.Unstructured
	for _, d := range dashboards.Build(dashboardParams(fm, facts)) {
		o, err := carry(fm, d)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// dashboardParams are what the dashboards depend on. Flux Fleet is generated if the spec names its cluster, because there are then several,
// or if the spec includes it.
func dashboardParams(fm *v1alpha1.FluxMonitoring, facts facts.Facts) dashboards.Params {
	spec := &fm.Spec.Dashboards
	params := dashboards.Params{
		Exposure: pipeline.Exposure(fm, facts), Job: pipeline.Job(fm), StateJob: pipeline.StateJob(fm, facts), OperatorJob: pipeline.OperatorJob(fm, facts),
		Datasource: dashboards.Datasource{UID: spec.Datasources.Prometheus.UID},
		Include:    toStrings(spec.Include),
		UIDSuffix:  facts.DashboardUIDSuffix,
		Fleet:      fm.Spec.ClusterName != "" || slices.Contains(spec.Include, v1alpha1.DashboardFleet),
	}
	if params.UIDSuffix != "" {
		params.TitleSuffix = " (" + fm.Namespace + "/" + fm.Name + ")"
	}
	if v1alpha1.On(fm.Spec.Alerts.Enabled) {
		catalogue := pipeline.AlertParams(fm, facts)
		params.Limits, params.Runbook = alerts.Thresholds(catalogue), catalogue.Runbook(dashboards.LineAlert)
	}
	if loki := spec.Datasources.Loki.UID; loki != "" || slices.Contains(spec.Include, v1alpha1.DashboardLogs) {
		params.Logs = &dashboards.Datasource{UID: loki}
	}
	return params
}

// objectDashboard is the address of the dashboard about one object; empty if there is no such dashboard.
func objectDashboard(fm *v1alpha1.FluxMonitoring, facts facts.Facts) string {
	if !v1alpha1.On(fm.Spec.Dashboards.Enabled) {
		return ""
	}
	path := dashboards.ObjectPath(dashboardParams(fm, facts), fm.Spec.ClusterName)
	if path == "" {
		return ""
	}
	return strings.TrimRight(grafanaURL(fm), "/") + path
}

// grafanaURL is the address at which people open Grafana; empty if the spec has none.
func grafanaURL(fm *v1alpha1.FluxMonitoring) string {
	if installed := stack.Of(fm); installed != nil {
		return cmp.Or(fm.Spec.Dashboards.GrafanaURL, installed.Grafana.ExternalURL)
	}
	return fm.Spec.Dashboards.GrafanaURL
}

// dashboardConfigMap is a dashboard for Grafana's sidecar, with the labels that the sidecars require.
func dashboardConfigMap(fm *v1alpha1.FluxMonitoring, d dashboards.Dashboard, sidecars []selection.Sidecar) *unstructured.Unstructured {
	annotations := map[string]string{}
	if folder := fm.Spec.Dashboards.FolderInEffect(); folder != "" {
		annotations[FolderAnnotation] = folder
	}
	o := dashboardObject(kinds.ConfigMap, fm, d, annotations)
	o.Object["data"] = map[string]any{d.UID + ".json": string(d.JSON)}
	if fm.Spec.Prometheus.LabelPolicyInEffect() == v1alpha1.LabelPolicyAuto {
		fixed, preset := o.GetLabels(), map[string]string{}
		if fm.Spec.Dashboards.Labels == nil {
			preset = fm.Spec.Dashboards.LabelsInEffect()
			maps.DeleteFunc(fixed, func(key, value string) bool { return preset[key] == value })
		}
		o.SetLabels(selection.SidecarLabels(sidecars, fm.Namespace, fixed, preset))
	}
	return o
}

// IsDashboard reports whether an object has a dashboard.
func IsDashboard(o *unstructured.Unstructured) bool {
	return o.GetKind() == kinds.GrafanaDashboard.Kind || o.GetKind() == kinds.ConfigMap.Kind && !IsStateMetrics(o) && !IsStackValues(o)
}

// grafanaDashboard is a dashboard for grafana-operator. It always has an instanceSelector, because grafana-operator refuses none; an empty
// one selects all.
func grafanaDashboard(fm *v1alpha1.FluxMonitoring, d dashboards.Dashboard) (*unstructured.Unstructured, error) {
	spec := &fm.Spec.Dashboards
	selector, err := runtime.DefaultUnstructuredConverter.ToUnstructured(spec.InstanceSelectorInEffect())
	if err != nil {
		return nil, &ConfigurationError{Field: "spec.dashboards.instanceSelector", Err: err}
	}
	o := dashboardObject(kinds.GrafanaDashboard, fm, d, nil)
	content := map[string]any{
		"allowCrossNamespaceImport": v1alpha1.On(spec.AllowCrossNamespaceImport),
		"instanceSelector":          selector,
		"json":                      string(d.JSON),
	}
	if folder := spec.FolderInEffect(); folder != "" {
		content["folder"] = folder
	}
	o.Object["spec"] = content
	return o, nil
}

// dashboardObject starts the object of a dashboard. The user's annotations win over the given ones.
func dashboardObject(
	kind schema.GroupVersionKind, fm *v1alpha1.FluxMonitoring, d dashboards.Dashboard, annotations map[string]string,
) *unstructured.Unstructured {
	spec := &fm.Spec.Dashboards
	o := newObject(kind, fm, "-dashboard-"+strings.TrimPrefix(d.Name, "flux-"))
	o.SetLabels(mergeMaps(mergeMaps(o.GetLabels(), spec.LabelsInEffect()), map[string]string{substituteLabel: "disabled"}))
	if all := mergeMaps(mergeMaps(o.GetAnnotations(), annotations), spec.Annotations); len(all) > 0 {
		o.SetAnnotations(all)
	}
	return o
}
