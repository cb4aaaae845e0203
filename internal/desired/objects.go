// Package desired says which objects a FluxMonitoring wants, as a pure function of its spec and the facts: the PodMonitors,
// what brings the state of Flux objects to Prometheus, the PrometheusRule, who is told of alerts and events, the dashboards.
// No context, no client, no clock, no logger: the same input gives the same bytes. It knows nothing of what exists
// already, or how objects get into a cluster.
package desired

import (
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/mark"
)

// ConfigurationError says that the spec cannot be carried out as written. A human must change it; trying again is vain.
type ConfigurationError struct {
	// Field of the spec, such as spec.alerts.additionalGroups[0].rules[1].expr.
	Field string
	// Err says what is wrong with it, and what to write instead.
	Err error
}

// Error names the field and what is wrong with it.
func (e *ConfigurationError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns the error beneath.
func (e *ConfigurationError) Unwrap() error { return e.Err }

// ManagedBy is the value of the label app.kubernetes.io/managed-by on every object.
const ManagedBy = "fluxmonitoring-operator"

// builder makes the objects for one purpose; none where they are turned off, or cannot be of use.
type builder func(*v1alpha1.FluxMonitoring, facts.Facts) ([]*unstructured.Unstructured, error)

// Objects returns the objects wanted, sealed and ready to apply, sorted by the order in which they are described. The only
// error is a *ConfigurationError.
func Objects(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for _, build := range []builder{
		podMonitor, statePodMonitor, operatorPodMonitor, stateMetricsConfigMap, prometheusRule, alertmanagerConfig,
		grafanaAnnotations, dashboardObjects,
	} {
		built, err := build(fm, facts)
		if err != nil {
			return nil, err
		}
		objects = append(objects, built...)
	}
	objects, err := patched(objects, fm.Spec.Patches)
	if err != nil {
		return nil, err
	}
	dropAlertsOnAbsence(fm, facts, objects)
	for _, o := range objects {
		own(o, fm)
		if err := mark.Seal(o); err != nil {
			return nil, &ConfigurationError{Field: "spec.patches", Err: err}
		}
		if err := storable(o); err != nil {
			return nil, &ConfigurationError{Field: "spec", Err: err}
		}
	}
	return objects, nil
}

// newObject starts an object with the metadata that all have. Labels and annotations of the resource itself are not
// copied: Argo CD would take the object for one of its own and prune it.
func newObject(kind schema.GroupVersionKind, fm *v1alpha1.FluxMonitoring, suffix string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{}}
	o.SetGroupVersionKind(kind)
	o.SetNamespace(fm.Namespace)
	o.SetName(fm.Name + suffix)
	o.SetLabels(merged(map[string]string{
		"app.kubernetes.io/component": "monitoring",
		"app.kubernetes.io/part-of":   "flux",
	}, fm.Spec.CommonMetadata.Labels))
	if len(fm.Spec.CommonMetadata.Annotations) > 0 {
		o.SetAnnotations(maps.Clone(fm.Spec.CommonMetadata.Annotations))
	}
	return o
}

// own marks an object as the resource's. It comes after the patches, so that no patch can take an object from its owner.
func own(o *unstructured.Unstructured, fm *v1alpha1.FluxMonitoring) {
	o.SetLabels(merged(o.GetLabels(), map[string]string{
		"app.kubernetes.io/managed-by": ManagedBy,
		mark.OwnerLabel:                fm.Name,
	}))
	if fm.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan {
		o.SetOwnerReferences(nil)
		return
	}
	o.SetOwnerReferences([]metav1.OwnerReference{mark.Reference(fm.Name, fm.UID)})
}

// merged is the second map over the first.
func merged(base, over map[string]string) map[string]string {
	result := make(map[string]string, len(base)+len(over))
	maps.Copy(result, base)
	maps.Copy(result, over)
	return result
}
