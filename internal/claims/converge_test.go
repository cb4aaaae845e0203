package claims_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/claims"
)

// fate is the reason that a run ends with.
type fate string

const (
	fine      fate = v1alpha1.ReasonApplied
	invalid   fate = v1alpha1.ReasonInvalidSpec
	forbidden fate = v1alpha1.ReasonForbidden
	suspended fate = v1alpha1.ReasonSuspended
	transient fate = v1alpha1.ReasonApplyFailed
)

// actor is one of a few FluxMonitorings.
type actor struct {
	fm      *v1alpha1.FluxMonitoring
	near    bool
	wants   []claims.Use
	fate    fate
	objects bool // whether it has all of them in the cluster, or none
}

type world []*actor

func (w world) claims() []claims.Claim {
	var all []claims.Claim
	for _, a := range w {
		c := claims.New(a.fm, a.wants)
		c.Privileged = a.near
		all = append(all, c)
	}
	return all
}

// reconcile is one run of the operator over a resource. It returns the decision.
func (w world) reconcile(a *actor) claims.Decision {
	if a.fate == suspended {
		a.fm.Spec.Suspend = true
		a.report(suspended)
		return claims.Decision{}
	}
	d := claims.Decide(a.fm.UID, w.claims())
	switch {
	case d.Step == claims.Withdraw, d.Step == claims.Retry && (a.fate == invalid || a.fate == forbidden):
		a.objects = false
	case d.Step == claims.Wait:
	case a.fate == fine:
		a.objects = true
	}
	if d.Lost() {
		a.fm.Status.Prometheuses = nil
		a.report(v1alpha1.ReasonConflict)
		return d
	}
	a.report(a.fate)
	if a.fate == fine || a.fate == forbidden || !a.objects {
		a.reportUses()
	}
	return d
}

// reportUses writes into the status whether the instances select its objects.
func (a *actor) reportUses() {
	a.fm.Status.Prometheuses = nil
	for _, u := range a.wants {
		a.fm.Status.Prometheuses = append(a.fm.Status.Prometheuses, v1alpha1.PrometheusStatus{
			Kind: u.Kind, Namespace: u.Namespace, Name: u.Name, PodMonitorsSelected: &a.objects,
		})
	}
}

// report writes a reason into the status.
func (a *actor) report(reason fate) {
	a.fm.Status.ObservedGeneration = a.fm.Generation
	ready := metav1.Condition{Type: fluxmeta.ReadyCondition, Status: metav1.ConditionFalse, Reason: string(reason)}
	if reason == fine {
		ready.Status = metav1.ConditionTrue
	}
	meta.SetStatusCondition(&a.fm.Status.Conditions, ready)
	meta.RemoveStatusCondition(&a.fm.Status.Conditions, fluxmeta.StalledCondition)
	if reason == invalid || reason == forbidden || reason == v1alpha1.ReasonConflict {
		meta.SetStatusCondition(&a.fm.Status.Conditions, metav1.Condition{
			Type: fluxmeta.StalledCondition, Status: metav1.ConditionTrue, Reason: string(reason),
		})
	}
}

func scrape(name string) claims.Use {
	return claims.Use{Verb: claims.Scrape, Kind: "Prometheus", Namespace: "monitoring", Name: name}
}

func resource(name string, since time.Duration, wants ...string) *actor {
	a := &actor{fate: fine, fm: &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{
		Namespace: "of-" + name, Name: name, UID: types.UID(name), Generation: 1, CreationTimestamp: metav1.Unix(int64(since.Seconds()), 0),
	}}}
	for _, p := range wants {
		a.wants = append(a.wants, scrape(p))
	}
	return a
}

// anyResource is one in any state that the operator, a crash or a restored backup can leave.
func anyResource(t *rapid.T, name string) *actor {
	a := resource(name, time.Duration(rapid.IntRange(0, 2).Draw(t, "since"))*time.Second,
		rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"p", "q", "r"}), 0, 3, rapid.ID[string]).Draw(t, "wants")...)
	a.near = rapid.Bool().Draw(t, "near")
	a.objects = rapid.Bool().Draw(t, "objects")
	if was := rapid.SampledFrom([]fate{"", fine, invalid, forbidden, transient, v1alpha1.ReasonConflict}).Draw(t, "was"); was != "" {
		a.report(was)
		if was != v1alpha1.ReasonConflict && a.objects {
			a.reportUses()
		}
	}
	if rapid.Bool().Draw(t, "edited") {
		a.fm.Generation++
	}
	a.fate = rapid.SampledFrom([]fate{fine, fine, fine, invalid, forbidden, suspended, transient}).Draw(t, "fate")
	return a
}

// neverBlind checks that another has the use that was withdrawn.
func (w world) neverBlind(g Gomega, a *actor, d claims.Decision) {
	for _, other := range w {
		for _, u := range other.wants {
			if other != a && other.objects && u == d.Use {
				return
			}
		}
	}
	g.Expect(a.fm.Name).To(BeEmpty(), "it withdraws a use that no other has: %+v", d)
}

// settle reconciles each in turn until nothing changes any more.
func (w world) settle(g Gomega) map[string]claims.Decision {
	decisions := map[string]claims.Decision{}
	for range 4 * (len(w) + 1) {
		before := fmt.Sprint(decisions, w.objects())
		for _, a := range w {
			had := a.objects
			d := w.reconcile(a)
			if had && !a.objects {
				w.neverBlind(g, a, d)
			}
			decisions[a.fm.Name] = d
		}
		if fmt.Sprint(decisions, w.objects()) == before {
			return decisions
		}
	}
	g.Expect(decisions).To(BeNil(), "it never settles")
	return nil
}

func (w world) objects() map[string]bool {
	all := map[string]bool{}
	for _, a := range w {
		all[a.fm.Name] = a.objects
	}
	return all
}

func TestClaimsConvergeFromAnyState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		var w world
		for _, name := range []string{"a", "b", "c", "d"} {
			w = append(w, anyResource(t, name))
		}
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(w)-1), 0, 12).Draw(t, "order") {
			had := w[i].objects
			if d := w.reconcile(w[i]); had && !w[i].objects {
				w.neverBlind(g, w[i], d)
			}
		}
		w = rapid.Permutation(w).Draw(t, "turns")
		w.settle(g)
		for _, a := range w {
			if a.fate == transient { // it passes
				a.fate = fine
			}
		}
		decisions := w.settle(g)
		has := map[claims.Use]string{}
		for _, a := range w {
			d := decisions[a.fm.Name]
			if a.fate == fine && !d.Lost() {
				g.Expect(a.objects).To(BeTrue())
				for _, u := range a.wants {
					g.Expect(has[u]).To(BeEmpty(), "%s has %v, and %s", has[u], u, a.fm.Name)
					has[u] = a.fm.Name
				}
			}
			if d.Lost() {
				g.Expect(decisions[d.Winner.Name].Lost()).To(BeFalse(), "a winner does not lose against another")
				winner := slices.IndexFunc(w, func(a *actor) bool { return a.fm.Name == d.Winner.Name })
				g.Expect(w[winner].fate).To(Equal(fine))
			}
		}
	})
}
