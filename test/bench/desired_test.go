package main

import (
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/test/given"
)

// complete is a resource with its defaults on a complete Flux.
func complete(b *testing.B) (*v1alpha1.FluxMonitoring, facts.Facts) {
	f := given.Exporting(given.Flux("v2.9.5", "helm-controller:v1.9.0", "kustomize-controller:v1.9.0", "notification-controller:v1.9.0",
		"source-controller:v1.9.0"))
	f.FluxNamespaceExists, f.Served = true, map[schema.GroupVersionKind]bool{kinds.ConfigMap: true}
	for _, kind := range kinds.Optional() {
		f.Served[kind] = true
	}
	return given.FluxMonitoring(b, "{flux: {namespace: flux-system}}"), f
}

// asApplied is the metadata that an API server gives to an object that we applied.
func asApplied(o *unstructured.Unstructured) (*metav1.PartialObjectMetadata, error) {
	fields, err := json.Marshal(fieldsOf(o.Object))
	if err != nil {
		return nil, err
	}
	actual := kinds.Metadata(o.GroupVersionKind())
	actual.Namespace, actual.Name = o.GetNamespace(), o.GetName()
	actual.Labels, actual.Annotations = o.GetLabels(), o.GetAnnotations()
	entry := metav1.ManagedFieldsEntry{
		Manager: mark.FieldManager, Operation: metav1.ManagedFieldsOperationApply, FieldsType: "FieldsV1", FieldsV1: &metav1.FieldsV1{},
	}
	actual.ManagedFields = []metav1.ManagedFieldsEntry{entry}
	return actual, entry.FieldsV1.UnmarshalJSON(fields)
}

// fieldsOf is the set of an object's fields, with its lists as whole ones.
func fieldsOf(object map[string]any) map[string]any {
	fields := map[string]any{}
	for key, value := range object {
		members, _ := value.(map[string]any)
		fields["f:"+key] = fieldsOf(members)
	}
	return fields
}

func BenchmarkDesiredObjects(b *testing.B) {
	fm, facts := complete(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := desired.Objects(fm, facts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlanAtRest(b *testing.B) {
	fm, facts := complete(b)
	objects, err := desired.Objects(fm, facts)
	if err != nil {
		b.Fatal(err)
	}
	var actual []*metav1.PartialObjectMetadata
	for _, o := range objects {
		a, err := asApplied(o)
		if err != nil {
			b.Fatal(err)
		}
		actual = append(actual, a)
	}
	owner := apply.Owner{Namespace: fm.Namespace, Name: fm.Name, UID: fm.UID}
	b.ReportAllocs()
	for b.Loop() {
		if changes := apply.Plan(owner, objects, actual); len(changes) > 0 {
			b.Fatalf("at rest there is nothing to do, not %v", changes)
		}
	}
}
