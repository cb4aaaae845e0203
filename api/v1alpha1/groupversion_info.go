// Package v1alpha1 is what a user can say: the FluxMonitoring resource of API group fluxmonitoring.dev, its validation,
// its condition types and reasons. It knows what a value may be and what its default is; it knows nothing of how the
// wish is carried out.
//
// +kubebuilder:object:generate=true
// +groupName=fluxmonitoring.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion of this API.
var GroupVersion = schema.GroupVersion{Group: "fluxmonitoring.dev", Version: "v1alpha1"}

// AddToScheme registers this API's kinds.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &FluxMonitoring{}, &FluxMonitoringList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
