package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
)

func TestADefinitionThatIsBeingDeletedCountsAsAbsent(t *testing.T) {
	c := vacantCluster(t)
	c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)
	crd := &unstructured.Unstructured{}
	crd.SetGroupVersionKind(kinds.CustomResourceDefinition)
	p.must(p.Get(t.Context(), client.ObjectKey{Name: "podmonitors.monitoring.coreos.com"}, crd))
	holding := func(finalizers ...string) {
		before := crd.DeepCopy()
		crd.SetFinalizers(finalizers)
		p.must(p.Patch(t.Context(), crd, client.MergeFrom(before)))
	}
	holding("example.com/held")
	p.must(p.Delete(t.Context(), crd))
	p.settled(fm, "Ready=False/APIMissing")
	p.must(p.Get(t.Context(), client.ObjectKeyFromObject(crd), crd))
	NewWithT(t).Expect(crd.GetDeletionTimestamp()).NotTo(BeNil(), "it is still there")
	holding()
}

func TestTheOperatorsOwnDefinitionMayBeDeletedAndAppliedAgain(t *testing.T) {
	c := vacantCluster(t)
	c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	p.settled(p.create(), ready)
	p.removeCRD("fluxmonitorings.fluxmonitoring.dev")
	c.installCRDs(t, "../config/crd")
	p.settled(p.create(), ready)
}
