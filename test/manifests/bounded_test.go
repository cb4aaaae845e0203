package manifests_test

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/test/cluster"
)

const somebodys = `{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: flux, namespace: monitoring},
	spec: {selector: {}, podMetricsEndpoints: []}}`

func TestThePoliciesLetTheOperatorAdoptRestoreAndPrune(t *testing.T) {
	g := NewWithT(t)
	thief(t)
	must(t, cluster.InstallFlux(t.Context(), admin, "flux-system"))
	must(t, admin.Create(t.Context(), objectFrom(somebodys)))
	runOperator(t, operatorConfig(t))
	must(t, cluster.Apply(t.Context(), admin, sample(t, "fluxmonitoring_minimal.yaml")...))
	settled(t, "Ready=False/ForeignObject")
	change(t, `{"spec":{"adoptionPolicy":"Adopt"}}`)
	settled(t, "Ready=True/Applied")

	// From here on only what bears a mark of the operator may be written. One mark is left of each.
	adoptNowhere(t)
	for name, marks := range map[string]string{
		"flux-dashboard-cluster":       `[` + unlabelled + `,` + unowned + `,` + undigested + `]`,
		"flux-dashboard-control-plane": `[` + unlabelled + `,` + unowned + `,` + unmanaged + `]`,
		"flux-dashboard-resource":      `[` + unlabelled + `,` + undigested + `,` + unmanaged + `]`,
	} {
		tamper(t, name, marks)
		g.Eventually(func() map[string]string { return dashboard(t, name).Labels }, soon, often).Should(HaveKeyWithValue(mark.OwnerLabel, "flux"), name)
	}

	change(t, `{"spec":{"suspend":true}}`)
	settled(t, "Ready=True/Suspended")
	tamper(t, "flux-dashboard-cluster", `[`+unlabelled+`]`)
	change(t, `{"spec":{"deletionPolicy":"Orphan"}}`)
	g.Eventually(func() []metav1.OwnerReference { return dashboard(t, "flux-dashboard-cluster").OwnerReferences }, soon, often).Should(BeEmpty())

	change(t, `{"spec":{"suspend":false,"deletionPolicy":"Delete"}}`)
	settled(t, "Ready=True/Applied")
	change(t, `{"spec":{"suspend":true}}`)
	settled(t, "Ready=True/Suspended")
	tamper(t, "flux-dashboard-resource", `[`+relabelled+`]`)
	change(t, `{"spec":{"suspend":false,"scrape":{"enabled":false},"dashboards":{"enabled":false},"alerts":{"enabled":false}}}`)
	settled(t, "Ready=True/Applied")
	g.Expect(theOne(t).Status.Inventory).To(BeNil())
	g.Expect(dashboard(t, "flux-dashboard-resource").Name).To(BeEmpty(), "the label names another, the reference does not")
	must(t, admin.Delete(t.Context(), theOne(t)))
	g.Expect(refused(t)).To(BeEmpty())
}

// Operations that take a mark of the operator from an object.
const (
	unlabelled = `{"op":"remove","path":"/metadata/labels/fluxmonitoring.dev~1name"}`
	relabelled = `{"op":"replace","path":"/metadata/labels/fluxmonitoring.dev~1name","value":"other"}`
	unowned    = `{"op":"remove","path":"/metadata/ownerReferences"}`
	undigested = `{"op":"remove","path":"/metadata/annotations/fluxmonitoring.dev~1applied"}`
	unmanaged  = `{"op":"add","path":"/metadata/managedFields","value":[{}]}`
)

func tamper(t *testing.T, name, operations string) {
	t.Helper()
	must(t, admin.Patch(t.Context(), dashboard(t, name), client.RawPatch(types.JSONPatchType, []byte(operations))))
}

// dashboard is the metadata of the ConfigMap of a dashboard; empty where there is none.
func dashboard(t *testing.T, name string) *metav1.PartialObjectMetadata {
	t.Helper()
	o := kinds.Metadata(kinds.ConfigMap)
	must(t, client.IgnoreNotFound(admin.Get(t.Context(), client.ObjectKey{Namespace: "monitoring", Name: name}, o)))
	return o
}

// adoptNowhere has the policy let nothing be taken over, until the default installation is applied again.
func adoptNowhere(t *testing.T) {
	t.Helper()
	policy := policyOf(t.Context(), t, generated)
	policy.Spec.Variables[0].Expression = "[]"
	must(t, admin.Update(t.Context(), policy))
	must(t, client.IgnoreAlreadyExists(admin.Create(t.Context(), objectFrom(others))))
	c := enforced(t)
	NewWithT(t).Eventually(func() error { return takingOver(t.Context(), c) }, soon, often).
		Should(MatchError(ContainSubstring("the operator has not made this object, and does not adopt any in this namespace")))
}

const others = `{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: others, namespace: monitoring},
	spec: {selector: {}, podMetricsEndpoints: []}}`

var takingOver = patching(others, `{"metadata":{"labels":{"fluxmonitoring.dev/name":"others"}}}`)
