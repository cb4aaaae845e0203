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
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
)

// given is a resource with its defaults on a complete Flux.
func given() (*v1alpha1.FluxMonitoring, facts.Facts) {
	fm := fluxMonitoring("monitoring", "flux-system")
	fm.UID = "7b1f6c4e-0000-4000-8000-000000000000"
	facts := facts.Facts{FluxNamespaceExists: true, Served: map[schema.GroupVersionKind]bool{kinds.ConfigMap: true}}
	for _, kind := range kinds.Optional() {
		facts.Served[kind] = true
	}
	facts.Flux = flux.Installation{Namespace: "flux-system", Version: "v2.9.5"}
	for _, name := range []string{"helm-controller", "kustomize-controller", "notification-controller", "source-controller"} {
		facts.Flux.Controllers = append(facts.Flux.Controllers, flux.Controller{Name: name, App: name, Component: name, Version: "v1.9.0"})
	}
	return fm, facts
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
	fm, facts := given()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := desired.Objects(fm, facts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlanAtRest(b *testing.B) {
	fm, facts := given()
	wanted, err := desired.Objects(fm, facts)
	if err != nil {
		b.Fatal(err)
	}
	var actual []*metav1.PartialObjectMetadata
	for _, w := range wanted {
		a, err := asApplied(w)
		if err != nil {
			b.Fatal(err)
		}
		actual = append(actual, a)
	}
	owner := apply.Owner{Namespace: fm.Namespace, Name: fm.Name, UID: fm.UID}
	b.ReportAllocs()
	for b.Loop() {
		if changes := apply.Plan(owner, wanted, actual); len(changes) > 0 {
			b.Fatalf("at rest there is nothing to do, not %v", changes)
		}
	}
}
