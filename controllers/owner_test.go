package controllers_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/rig"
)

const (
	clearedFields = `{"op":"add","path":"/metadata/managedFields","value":[{}]}`
	otherName     = `{"op":"replace","path":"/metadata/labels/fluxmonitoring.dev~1name","value":"other"}`
	noLabel       = `{"op":"remove","path":"/metadata/labels/fluxmonitoring.dev~1name"}`
	noDigest      = `{"op":"remove","path":"/metadata/annotations/fluxmonitoring.dev~1applied"}`
)

// tamperings are changes of the marks by which the operator knows that it owns an object.
var tamperings = map[string]string{
	"another's name":                          otherName,
	"a name of no FluxMonitoring":             `{"op":"replace","path":"/metadata/labels/fluxmonitoring.dev~1name","value":"nobody"}`,
	"an empty name":                           `{"op":"replace","path":"/metadata/labels/fluxmonitoring.dev~1name","value":""}`,
	"the label removed":                       noLabel,
	"managedFields cleared":                   clearedFields,
	"managedFields cleared, another's name":   clearedFields + "," + otherName,
	"managedFields cleared, no label":         clearedFields + "," + noLabel,
	"managedFields cleared, no label, digest": clearedFields + "," + noLabel + "," + noDigest,
}

// withOther adds a second FluxMonitoring to the place, named other, which selects no Prometheus.
func (p *place) withOther() *v1alpha1.FluxMonitoring {
	p.t.Helper()
	return p.settled(p.create(named("other"), func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Prometheus.Selector.MatchLabels = map[string]string{"test": "none"}
	}), ready)
}

func (p *place) tamper(kind, name, operations string) {
	p.t.Helper()
	p.must(p.Patch(p.t.Context(), p.get(kind, name), client.RawPatch(types.JSONPatchType, []byte("["+operations+"]"))))
}

// nth is the name of one of the usual objects of a kind, each in turn: of one object no more than three changes a minute are undone at once.
func (p *place) nth(kind string, i int) string {
	var names []string
	for _, object := range usual {
		if name, is := strings.CutPrefix(object, kind+"/"); is {
			names = append(names, name)
		}
	}
	return names[i%len(names)]
}

func TestTheMarksOfAnObjectAreRestored(t *testing.T) {
	c := vacantCluster(t)
	c.operator(t)
	for policy, kinds := range map[v1alpha1.DeletionPolicy][]string{v1alpha1.DeletionPolicyDelete: {"PodMonitor", "ConfigMap"}, v1alpha1.DeletionPolicyOrphan: {"PodMonitor"}} {
		p := c.in(t).withFlux()
		fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) { fm.Spec.DeletionPolicy = policy }), ready)
		other := p.withOther()
		inventories := []*v1alpha1.Inventory{fm.Status.Inventory, other.Status.Inventory}
		for _, kind := range kinds {
			for i, drift := range slices.Sorted(maps.Keys(tamperings)) {
				operations, name := tamperings[drift], p.nth(kind, i)
				if policy == v1alpha1.DeletionPolicyOrphan && operations != otherName && operations != noLabel && operations != clearedFields {
					continue
				}
				t.Run(string(policy)+" "+kind+" "+drift, func(t *testing.T) {
					want := p.get(kind, name)
					p.tamper(kind, name, operations)
					rig.Eventually(t, func() any { return content(p.get(kind, name)) }).Should(Equal(content(want)))
					rig.Eventually(t, func() any { return p.get(kind, name).GetManagedFields() }).Should(
						ContainElement(HaveField("Manager", "fluxmonitoring")))
				})
			}
		}
		p.settled(fm, ready)
		p.settled(other, ready)
		p.Expect([]*v1alpha1.Inventory{fm.Status.Inventory, other.Status.Inventory}).To(Equal(inventories))
		for _, events := range [][]string{p.events(fm), p.events(other)} {
			p.Expect(events).NotTo(ContainElement(Or(ContainSubstring("ForeignObject"), ContainSubstring("Deleted"))))
		}
	}
}

func TestMarksChangedWithoutAnOperatorAreRestoredAtItsStart(t *testing.T) {
	p := inVacantCluster(t).withFlux()
	stop := p.operator(t)
	fm := p.settled(p.create(), ready)
	other := p.withOther()
	inventories := []*v1alpha1.Inventory{fm.Status.Inventory, other.Status.Inventory}
	stop()

	p.Expect(len(tamperings)).To(Equal(len(usual)), "one for each object")
	contents := func() (all []map[string]any) {
		for _, object := range usual {
			kind, name, _ := strings.Cut(object, "/")
			all = append(all, content(p.get(kind, name)))
		}
		return all
	}
	want := contents()
	for i, drift := range slices.Sorted(maps.Keys(tamperings)) {
		kind, name, _ := strings.Cut(usual[i], "/")
		p.tamper(kind, name, tamperings[drift])
	}
	p.operator(t)
	p.Eventually(contents).Should(Equal(want))
	p.settled(fm, ready)
	p.settled(other, ready)
	p.Expect([]*v1alpha1.Inventory{fm.Status.Inventory, other.Status.Inventory}).To(Equal(inventories))
}

func TestAnObjectLabelledForAnotherIsPrunedByItsOwner(t *testing.T) {
	p := inVacantCluster(t).withFlux()
	stop := p.operator(t)
	fm := p.settled(p.create(), ready)
	p.withOther()
	stop()
	p.tamper("ConfigMap", dashboard, otherName+","+clearedFields)
	p.change(fm, onlyScraped)
	p.operator(t)
	p.eventually("it is pruned", func() bool { return p.get("ConfigMap", dashboard) == nil })
}
