package apply

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/mark"
)

const (
	foreignMessage  = "it exists and is managed by kubectl: delete it, or set spec.adoptionPolicy to Adopt"
	appearedMessage = "it exists and is managed by somebody else: delete it, or set spec.adoptionPolicy to Adopt"
)

func TestAppliedObjectsNeedNoFurtherChange(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	config, monitor := p.desired(configMaps, "x", `data: {a: "1"}`), p.desired(podMonitors, "y", podMonitorContent)
	g.Expect(p.execute(config, monitor)).To(Equal([]string{"created ConfigMap/x", "created PodMonitor/y"}))
	g.Expect(InSync(config, p.metadata(config))).To(BeTrue())
	g.Expect(p.execute(config, monitor)).To(BeEmpty())
	g.Expect(p.execute(p.desired(configMaps, "x", `data: {a: "2"}`))).To(Equal([]string{"configured ConfigMap/x", "deleted PodMonitor/y"}))
}

func TestAnUndesiredFieldIsRemovedAndForeignOnesStay(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	w := p.desired(configMaps, "x", `data: {a: "1", b: "2"}`)
	p.execute(w)
	p.patch("kubectl", w.GetName(), `{"data":{"c":"3"}}`)
	p.execute(p.desired(configMaps, "x", `data: {a: "1"}`))
	g.Expect(p.data("x")).To(Equal(map[string]string{"a": "1", "c": "3"}))
}

func TestAForeignObjectIsNotChanged(t *testing.T) {
	for name, foreign := range map[string]*corev1.ConfigMap{
		"made by hand":                  {Data: map[string]string{"a": "theirs"}},
		"a copy of ours, label and all": {ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{mark.OwnerLabel: "flux"}}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := newPlace(t)
			foreign.Namespace, foreign.Name = p.Namespace, "x"
			must(t, as("kubectl").Create(t.Context(), foreign))
			w := p.desired(configMaps, "x", `data: {a: "1"}`)

			done, failed := p.execute(w)
			g.Expect(done).To(BeEmpty())
			g.Expect(failed).To(Equal([]string{"Foreign ConfigMap x: " + foreignMessage}))
			g.Expect(p.version()).To(Equal(foreign.ResourceVersion))

			p.Adopt = true
			g.Expect(p.execute(w)).To(Equal([]string{"adopted ConfigMap/x"}))
			g.Expect(p.data("x")).To(HaveKeyWithValue("a", "1"))
		})
	}
}

func TestAnotherFluxMonitoringsObjectIsNotAdopted(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	w := p.desired(configMaps, "x", `data: {a: "1"}`)
	p.execute(w)
	before := p.version()

	p.Name, p.UID, p.Adopt = "other", "uid-of-other", true
	done, failed := p.carryOut(Plan(p.Owner, []*unstructured.Unstructured{p.desired(configMaps, "x", `data: {a: "2"}`)}, nil))
	g.Expect(done).To(BeEmpty())
	g.Expect(failed).To(Equal([]string{
		"Foreign ConfigMap x: it exists and belongs to another FluxMonitoring: rename one of the two",
	}))
	g.Expect(p.version()).To(Equal(before))
}

func TestAnObjectThatAppearsMeanwhileIsNotOverwritten(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	p.applier.Live = blind{server}
	theirs := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: "x"}, Data: map[string]string{"a": "theirs"}}
	must(t, as("kubectl").Create(t.Context(), theirs))
	done, failed := p.execute(p.desired(configMaps, "x", `data: {a: "1"}`))
	g.Expect(done).To(BeEmpty())
	g.Expect(failed).To(Equal([]string{"Foreign ConfigMap x: " + appearedMessage}))
	g.Expect(p.version()).To(Equal(theirs.ResourceVersion))
}

func TestOnlyTheObservedObjectIsDeleted(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	w := p.desired(configMaps, "x", `data: {a: "1"}`)
	p.execute(w)
	deletion := Change{Action: Deleted, Kind: configMaps, Name: "x", Live: p.metadata(w)}

	must(t, server.Delete(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: "x"}}))
	g.Expect(p.carryOut([]Change{deletion})).To(Equal([]string{"gone ConfigMap/x"}), "somebody else has deleted it")

	must(t, as("kubectl").Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: "x"}}))
	_, failed := p.carryOut([]Change{deletion})
	g.Expect(failed).To(BeEmpty())
	g.Expect(p.version()).NotTo(BeEmpty(), "another of its name stays")
}

func TestOneFailureStopsNoOtherChange(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t)
	unserved := podMonitors
	unserved.Kind = "Probes"
	done, failed := p.execute(
		p.desired(podMonitors, "bad", `spec: {colour: blue}`), p.desired(configMaps, "x", `data: {a: "1"}`), p.desired(unserved, "y", ""),
	)
	g.Expect(done).To(Equal([]string{"created ConfigMap/x"}))
	g.Expect(failed).To(HaveLen(2))
	g.Expect(failed[0]).To(HavePrefix("Rejected PodMonitor bad: failed to create typed patch object"))
	g.Expect(failed[1]).To(HavePrefix("Missing Probes y: "))
}

const podMonitorContent = `spec: {selector: {matchLabels: {app: a}}, podMetricsEndpoints: [{port: http-prom, relabelings: [{targetLabel: a, replacement: b}]}]}`

// blind is a reader to which nothing exists, as when an object appears just after it was asked.
type blind struct{ client.Reader }

func (blind) Get(_ context.Context, key client.ObjectKey, _ client.Object, _ ...client.GetOption) error {
	return apierrors.NewNotFound(corev1.Resource("configmaps"), key.Name)
}

func (p *place) patch(by, name, patch string) {
	p.t.Helper()
	o := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: name}}
	must(p.t, as(by).Patch(p.t.Context(), o, client.RawPatch(types.MergePatchType, []byte(patch))))
}

func (p *place) read(name string) *corev1.ConfigMap {
	p.t.Helper()
	o := &corev1.ConfigMap{}
	must(p.t, server.Get(p.t.Context(), client.ObjectKey{Namespace: p.Namespace, Name: name}, o))
	return o
}

func (p *place) data(name string) map[string]string { return p.read(name).Data }

// version is the resourceVersion of the ConfigMap x.
func (p *place) version() string { return p.read("x").ResourceVersion }
