//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// said are the conditions of an object, as Type=Status.
func said(o *unstructured.Unstructured) []string {
	var all []string
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions") //nolint:errcheck // It is a list in every kind.
	for _, entry := range conditions {
		if c, ok := entry.(map[string]any); ok {
			all = append(all, fmt.Sprintf("%s=%s", c["type"], c["status"]))
		}
	}
	return all
}

// controlledBy holds for objects that the garbage collector removes with that owner.
func controlledBy(owner types.UID) holds {
	return func(o metav1.PartialObjectMetadata) bool {
		c := metav1.GetControllerOfNoCopy(&o)
		return c != nil && c.UID == owner
	}
}

// controlledByNobody holds for objects without owners.
func controlledByNobody(o metav1.PartialObjectMetadata) bool { return len(o.OwnerReferences) == 0 }

// remove deletes an object and waits until it is gone.
func (c *testCluster) remove(t *testing.T, o client.Object) {
	t.Helper()
	ctx := context.Background() // It cleans up after tests too.
	must(t, client.IgnoreNotFound(c.Delete(ctx, o)))
	NewWithT(t).Eventually(func() bool { return missing(c.Get(ctx, client.ObjectKeyFromObject(o), o)) }, soon, often).
		Should(BeTrue(), "%s should be gone", o.GetName())
}
