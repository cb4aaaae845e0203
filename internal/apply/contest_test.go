package apply

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ring has contests of the PodMonitor x, which kubectl changes, by a clock that the test sets.
type ring struct {
	Contests
	now     time.Time
	x       *unstructured.Unstructured
	drifted *metav1.PartialObjectMetadata
}

func newRing(t *testing.T) *ring {
	r := &ring{now: time.Unix(1000, 0), x: desired(t, podMonitors, "x", podMonitorContent), drifted: found(podMonitors, "x", by("kubectl"))}
	r.Now = func() time.Time { return r.now }
	return r
}

// restore tries to restore an object that was found so, and reports whether that was allowed.
func (r *ring) restore(w *unstructured.Unstructured, actual *metav1.PartialObjectMetadata) bool {
	change := Change{Action: Restored, Kind: w.GroupVersionKind(), Name: w.GetName(), Desired: w, Live: actual}
	if actual == nil {
		change.Action = Created
	}
	allowed := r.allow(flux, []Change{change})
	for i := range allowed {
		r.restored(flux, &allowed[i])
	}
	return len(allowed) == 1
}

// messages are those of contested objects.
func (r *ring) messages(desired ...*unstructured.Unstructured) (all []string) {
	failures, _ := r.Contested(flux, desired)
	for _, f := range failures {
		all = append(all, f.Error())
	}
	return all
}

const contestedMessage = " and restored with backoff: let only one manage it"

func by(manager string) func(*metav1.PartialObjectMetadata) {
	return entry(manager, metav1.ManagedFieldsOperationApply, "", `{"f:spec":{}}`)
}

func TestRestoresOfAContestedObjectBackOff(t *testing.T) {
	g := NewWithT(t)
	r := newRing(t)
	began := r.now
	var restores []time.Duration
	for r.now.Sub(began) < 20*time.Minute {
		if r.restore(r.x, found(podMonitors, "x", by("kustomize-controller"))) {
			restores = append(restores, r.now.Sub(began))
		}
		r.now = r.now.Add(100 * time.Millisecond)
	}
	const ms = time.Millisecond
	g.Expect(restores).To(Equal([]time.Duration{
		0, 100 * ms, 200 * ms, 5200 * ms, 15200 * ms, 35200 * ms, 75200 * ms, 155200 * ms, 315200 * ms, 615200 * ms, 915200 * ms,
	}), "three at once, then after 5 s, 10 s, 20 s and so on up to 5 minutes")
	g.Expect(r.messages(r.x)).To(Equal([]string{"PodMonitor x: it is changed again and again by kustomize-controller" + contestedMessage}))
	g.Expect(r.Wait(found(podMonitors, "x"))).To(Equal(15200 * ms))
}

func TestAnObjectLeftAloneIsNoLongerContested(t *testing.T) {
	g := NewWithT(t)
	r := newRing(t)
	for range 4 {
		r.restore(r.x, r.drifted)
	}
	_, again := r.Contested(flux, []*unstructured.Unstructured{r.x})
	g.Expect(again).To(Equal(minPause), "then it may be restored")
	r.now = r.now.Add(again)
	g.Expect(r.restore(r.x, r.drifted)).To(BeTrue())
	r.now = r.now.Add(10 * time.Second)
	g.Expect(r.messages(r.x)).To(HaveLen(1), "it was quiet for no longer than the pause")
	_, again = r.Contested(flux, []*unstructured.Unstructured{r.x})
	g.Expect(again).To(Equal(50 * time.Second))
	r.now = r.now.Add(again)
	g.Expect(r.messages(r.x)).To(BeEmpty())
	g.Expect(r.objects).To(BeEmpty(), "at rest nothing is held")
	g.Expect(r.restore(r.x, r.drifted)).To(BeTrue())
}

func TestAFewChangesAreNoContest(t *testing.T) {
	g := NewWithT(t)
	r := newRing(t)
	g.Expect(r.restore(r.x, nil)).To(BeTrue(), "it is created")
	for range 3 {
		g.Expect(r.restore(r.x, r.drifted)).To(BeTrue())
	}
	g.Expect(r.messages(r.x)).To(BeEmpty())

	r = newRing(t)
	for range 10 {
		g.Expect(r.restore(r.x, r.drifted)).To(BeTrue())
		r.now = r.now.Add(restoreWindow / 2)
	}
	g.Expect(r.messages(r.x)).To(BeEmpty(), "two a minute")
}

func TestAContestDelaysNoOtherChange(t *testing.T) {
	g := NewWithT(t)
	r := newRing(t)
	for range 4 {
		r.restore(r.x, r.drifted)
	}
	g.Expect(r.restore(r.x, r.drifted)).To(BeFalse())
	other := desired(t, podMonitors, "y", podMonitorContent)
	g.Expect(r.restore(other, found(podMonitors, "y", by("kubectl")))).To(BeTrue(), "another object")
	g.Expect(r.restore(desired(t, podMonitors, "x", `spec: {podMetricsEndpoints: [{port: other}]}`), r.drifted)).To(BeTrue(), "something else is desired")
	removal := []Change{{Action: Deleted, Kind: podMonitors, Name: "x", Live: r.drifted}}
	g.Expect(r.allow(flux, removal)).To(Equal(removal), "it is no longer desired")
	g.Expect(r.messages(other)).To(BeEmpty())
}

func TestAnObjectThatIsDeletedRepeatedlyIsContested(t *testing.T) {
	g := NewWithT(t)
	r := newRing(t)
	for range 4 {
		g.Expect(r.restore(r.x, nil)).To(BeTrue(), "the first creates it")
	}
	g.Expect(r.restore(r.x, nil)).To(BeFalse())
	g.Expect(r.messages(r.x)).To(Equal([]string{"PodMonitor x: it is changed or deleted again and again and restored with backoff: " +
		"let only one client manage it"}))
	failures, _ := r.Contested(flux, []*unstructured.Unstructured{r.x})
	g.Expect(failures[0].Change.Live).To(BeNil(), "it does not exist")
}

func TestSeveralManagersOfOneContestAreNamed(t *testing.T) {
	g := NewWithT(t)
	r := newRing(t)
	for _, manager := range []string{"helm", "kubectl", "argocd", "helm", "a-fourth"} {
		r.restore(r.x, found(podMonitors, "x", by(manager)))
	}
	g.Expect(r.messages(r.x)).To(Equal([]string{"PodMonitor x: it is changed again and again by argocd, helm, kubectl" + contestedMessage}))
}
