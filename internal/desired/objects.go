// Package desired is which objects a FluxMonitoring needs, as a pure function of its spec and the facts: the release of a stack, PodMonitors,
// the ConfigMap for kube-state-metrics, the PrometheusRule, the AlertmanagerConfig, the Provider and Alert of Flux, and the dashboards. It has
// no context, client, clock or logger, so the same input gives the same bytes. It does not know which objects exist, or how they are applied.
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

// ConfigurationError is that the spec cannot be carried out as written. A person must change it; a retry does not help.
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

// builder builds the objects for one purpose; none if the spec turns it off, or the facts make it useless.
type builder func(*v1alpha1.FluxMonitoring, facts.Facts) ([]*unstructured.Unstructured, error)

// Objects are the desired objects with their digests, in the order in which they are described. The only error is a *ConfigurationError.
func Objects(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for _, build := range []builder{
		stackObjects, podMonitor, statePodMonitor, operatorPodMonitor, stateMetricsConfigMap, prometheusRule, alertmanagerConfig,
		grafanaAnnotations, dashboardObjects,
	} {
		built, err := build(fm, facts)
		if err != nil {
			return nil, err
		}
		objects = append(objects, built...)
	}
	objects, err := applyPatches(objects, fm.Spec.Patches)
	if err != nil {
		return nil, err
	}
	if err := keepStackAccount(fm, facts, objects); err != nil {
		return nil, err
	}
	dropAlertsOnAbsence(fm, facts, objects)
	for _, o := range objects {
		setOwner(o, fm)
		if err := mark.SetDigest(o); err != nil {
			return nil, &ConfigurationError{Field: "spec.patches", Err: err}
		}
		if err := validateSize(o); err != nil {
			return nil, &ConfigurationError{Field: "spec", Err: err}
		}
	}
	return objects, nil
}

// newObject starts an object with the metadata that all have. It does not copy labels and annotations of the FluxMonitoring: Argo CD would
// take the object for its own and prune it.
func newObject(kind schema.GroupVersionKind, fm *v1alpha1.FluxMonitoring, suffix string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{}}
	o.SetGroupVersionKind(kind)
	o.SetNamespace(fm.Namespace)
	o.SetName(fm.Name + suffix)
	o.SetLabels(mergeMaps(map[string]string{
		"app.kubernetes.io/component": "monitoring",
		"app.kubernetes.io/part-of":   "flux",
	}, fm.Spec.CommonMetadata.Labels))
	if len(fm.Spec.CommonMetadata.Annotations) > 0 {
		o.SetAnnotations(maps.Clone(fm.Spec.CommonMetadata.Annotations))
	}
	return o
}

// setOwner marks an object as the FluxMonitoring's. It runs after the patches, so that no patch can change the owner.
func setOwner(o *unstructured.Unstructured, fm *v1alpha1.FluxMonitoring) {
	o.SetLabels(mergeMaps(o.GetLabels(), map[string]string{
		"app.kubernetes.io/managed-by": ManagedBy,
		mark.OwnerLabel:                fm.Name,
	}))
	if fm.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan {
		o.SetOwnerReferences(nil)
		return
	}
	o.SetOwnerReferences([]metav1.OwnerReference{mark.OwnerReference(fm.Name, fm.UID)})
}

// mergeMaps is the first map with the entries of the second over it.
func mergeMaps(base, over map[string]string) map[string]string {
	result := make(map[string]string, len(base)+len(over))
	maps.Copy(result, base)
	maps.Copy(result, over)
	return result
}
