package apply

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/mark"
)

// owned is an object of the place with a digest that refers to the owner.
func (p *place) owned() *unstructured.Unstructured {
	p.t.Helper()
	o := p.desired(configMaps, "x", `data: {a: "1"}`)
	o.SetLabels(map[string]string{mark.OwnerLabel: p.Name})
	o.SetOwnerReferences([]metav1.OwnerReference{owning(p.Name, p.UID)})
	must(p.t, mark.SetDigest(o))
	return o
}

const (
	cleared    = `{"op":"add","path":"/metadata/managedFields","value":[{}]}`
	unlabelled = `{"op":"remove","path":"/metadata/labels"}`
	othersName = `{"op":"replace","path":"/metadata/labels/fluxmonitoring.dev~1name","value":"other"}`
	unowned    = `{"op":"remove","path":"/metadata/ownerReferences"}`
)

func (p *place) tamper(operations string) {
	p.t.Helper()
	o := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: "x"}}
	must(p.t, as("kubectl").Patch(p.t.Context(), o, client.RawPatch(types.JSONPatchType, []byte("["+operations+"]"))))
}

func TestAnObjectStaysOursAfterTampering(t *testing.T) {
	for name, operations := range map[string]string{
		"managedFields cleared":                                      cleared,
		"managedFields cleared and the label removed":                cleared + "," + unlabelled,
		"managedFields cleared and another's label":                  cleared + "," + othersName,
		"the label removed":                                          unlabelled,
		"another's label":                                            othersName,
		"the reference removed":                                      unowned,
		"the reference removed and another's label":                  unowned + "," + othersName,
		"the reference and the label removed":                        unowned + "," + unlabelled,
		"managedFields cleared, digest and label removed":            cleared + `,{"op":"remove","path":"/metadata/annotations"},` + unlabelled,
		"managedFields cleared, the reference and the label removed": cleared + "," + unowned + "," + unlabelled,
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := newPlace(t)
			w := p.owned()
			p.execute(w)
			p.tamper(operations)
			g.Expect(InSync(w, p.metadata(w))).To(BeFalse())

			g.Expect(p.execute(w)).To(Equal([]string{"restored ConfigMap/x"}))
			g.Expect(InSync(w, p.metadata(w))).To(BeTrue())
		})
	}
}

func TestACopiedLabelGivesNoOwnership(t *testing.T) {
	for name, c := range map[string]struct {
		referring  bool
		operations string
	}{
		"with a reference":                        {true, othersName},
		"with a reference, managedFields cleared": {true, othersName + "," + cleared},
		"without one":                             {false, othersName},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := newPlace(t)
			w := p.desired(configMaps, "x", `data: {a: "1"}`)
			if c.referring {
				w = p.owned()
			}
			p.execute(w)
			p.tamper(c.operations)

			other := *p
			other.Owner = Owner{Namespace: p.Namespace, Name: "other", UID: "uid-of-other"}
			before := p.version()
			done, failed := other.execute()
			g.Expect(append(done, failed...)).To(BeEmpty(), "it deletes nothing")
			g.Expect(p.version()).To(Equal(before))

			g.Expect(p.carryOut(Plan(p.Owner, []*unstructured.Unstructured{w}, nil))).To(Equal([]string{"restored ConfigMap/x"}))
		})
	}
}

func TestALaggingCacheCausesNoSecondWrite(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	w := p.owned()
	p.execute(w)
	before := p.version()
	written := func() []string { return versions(p.applier.Writes.Merge(configMaps, p.Owner, nil)) }
	g.Expect(written()).To(Equal([]string{"x@" + before}))
	g.Expect(p.carryOut(Plan(p.Owner, []*unstructured.Unstructured{w}, nil))).To(Equal([]string{"unchanged ConfigMap/x"}))
	g.Expect(p.version()).To(Equal(before))
	g.Expect(written()).To(Equal([]string{"x@" + before}))
}

func TestATerminatingNamespaceIsNotAMissingPermission(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	must(t, server.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: p.Namespace}}))
	for _, w := range []*unstructured.Unstructured{p.desired(configMaps, "x", `data: {a: "1"}`), p.desired(podMonitors, "x", podMonitorContent)} {
		done, failed := p.execute(w)
		g.Expect(done).To(BeEmpty())
		g.Expect(failed).To(Equal([]string{"Temporary " + w.GetKind() +
			" x: its namespace is being deleted: create the FluxMonitoring in another namespace"}))
	}
}
