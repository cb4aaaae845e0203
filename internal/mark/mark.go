// Package mark marks the objects that the operator applies: with their owner, the field manager, and a digest. It
// does not know how objects are applied, or what they contain.
package mark

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

const (
	// FieldManager is the operator's field manager.
	FieldManager = "fluxmonitoring"
	// OwnerLabel holds the name of the FluxMonitoring that owns an object, which is in the same namespace.
	OwnerLabel = "fluxmonitoring.dev/name"
	// DigestAnnotation holds the digest of the desired object.
	DigestAnnotation = "fluxmonitoring.dev/applied"
)

// Owned selects the objects that have the owner label.
func Owned() labels.Selector {
	exists, err := labels.NewRequirement(OwnerLabel, selection.Exists, nil)
	if err != nil {
		panic(err) // the label is a constant
	}
	return labels.NewSelector().Add(*exists)
}

// SetDigest completes an object for applying: its digest is written to DigestAnnotation. It must be the last change to it.
func SetDigest(o *unstructured.Unstructured) error {
	annotations := o.GetAnnotations()
	delete(annotations, DigestAnnotation)
	if len(annotations) == 0 {
		annotations = nil // no annotations and an empty map of them are the same content
	}
	o.SetAnnotations(annotations)
	content, err := json.Marshal(o.Object)
	if err != nil {
		return fmt.Errorf("digesting %s %s: %w", o.GetKind(), o.GetName(), err)
	}
	sum := sha256.Sum256(content)
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[DigestAnnotation] = "sha256:" + hex.EncodeToString(sum[:])
	o.SetAnnotations(annotations)
	return nil
}

// OwnerReference is the ownerReference to a FluxMonitoring. It does not set blockOwnerDeletion, which needs one more
// permission, of tenants too, with the admission plugin OwnerReferencesPermissionEnforcement, as in OpenShift.
func OwnerReference(name string, uid types.UID) metav1.OwnerReference {
	yes := true
	return metav1.OwnerReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.Kind, Name: name, UID: uid, Controller: &yes,
	}
}
