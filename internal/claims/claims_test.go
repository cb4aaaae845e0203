package claims_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/claims"
)

// is sets the reason in the status, and whether the objects exist.
func (a *actor) is(reason fate, objects bool, change ...func(*actor)) *actor {
	a.objects = objects
	if reason != "" {
		a.report(reason)
		a.reportUses()
	}
	for _, c := range change {
		c(a)
	}
	return a
}

func near(a *actor) { a.near = true }

func edited(a *actor) { a.fm.Generation++ }

func leaving(a *actor) { a.fm.DeletionTimestamp = &metav1.Time{Time: time.Unix(9, 0)} }

func halts(a *actor) { a.fm.Spec.Suspend = true }

// notScraping reports that not all PodMonitors exist.
func notScraping(a *actor) {
	a.fm.Status.Conditions = append(a.fm.Status.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionScraped, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonApplyFailed,
	})
}

func TestTheClaimWithPriorityWins(t *testing.T) {
	older := func() *actor { return resource("older", time.Second, "p") }
	younger := func(wants ...string) *actor { return resource("younger", 2*time.Second, wants...) }
	none := claims.Decision{}
	by := func(step claims.Step) claims.Decision {
		return claims.Decision{Step: step, Winner: older().claim().Name, Use: scrape("p")}
	}
	for name, c := range map[string]struct {
		other, own *actor
		want       claims.Decision
	}{
		"nobody where they want nothing of each other": {older().is(fine, true), younger("q"), none},
		"the older, which has its objects":             {older().is(fine, true), younger("p"), by(claims.Withdraw)},
		"the older, which has none yet":                {older(), younger("p"), by(claims.Wait)},
		"who has the claim keeps it until then":        {older(), younger("p").is(fine, true), none},
		"and no longer":                                {older().is(fine, true), younger("p").is(fine, true), by(claims.Withdraw)},
		"an edit of the older is not yet seen":         {older().is(fine, true, edited), younger("p").is(fine, true), none},
		"the older, for one of two":                    {older().is(fine, true), younger("q", "p").is(fine, true), by(claims.Withdraw)},
		"the older after a fault that may pass":        {older().is(transient, false), younger("p"), by(claims.Wait)},
		"nobody who is deleted":                        {older().is(fine, true, leaving), younger("p"), none},
		"nobody who is suspended":                      {older().is(fine, true, halts), younger("p"), none},
		"nobody who is invalid":                        {older().is(invalid, true), younger("p"), none},
		"nobody who is refused":                        {older().is(forbidden, false), younger("p"), none},
		"the older that was refused before an edit":    {older().is(forbidden, false, edited), younger("p"), by(claims.Wait)},
		"nobody whose objects are rejected":            {older().is(v1alpha1.ReasonRejected, false, stalled), younger("p"), none},
		"the older, of which a dashboard is rejected":  {older().is(v1alpha1.ReasonRejected, true, stalled), younger("p"), by(claims.Withdraw)},
		"nobody who lacks a PodMonitor":                {older().is(v1alpha1.ReasonForeignObject, true, stalled, notScraping), younger("p"), none},
		"the one beside Flux, though it is younger":    {resource("older", 3*time.Second, "p").is(fine, true, near), younger("p").is(fine, true), by(claims.Withdraw)},
		"the older of two beside Flux":                 {older().is(fine, true, near), younger("p").is(fine, true, near), by(claims.Withdraw)},
		"the first by name where they are of one age":  {resource("older", 2*time.Second, "p").is(fine, true), younger("p"), by(claims.Withdraw)},
		"an invalid one has no place while another has it": {
			younger("p").is(fine, true), older().is(invalid, true), claims.Decision{Step: claims.Retry, Winner: younger().claim().Name, Use: scrape("p")}},
		"an invalid one keeps what nobody else has": {
			younger("p").is(fine, true), resource("older", time.Second, "p", "q").is(invalid, true), none},
		"a refused one may try once nobody else has it": {younger("p").is(transient, false), older().is(forbidden, false), none},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			all := world{c.other, c.own}.claims()
			g.Expect(claims.Decide(c.own.fm.UID, all)).To(Equal(c.want))
			all[0], all[1] = all[1], all[0]
			g.Expect(claims.Decide(c.own.fm.UID, all)).To(Equal(c.want), "the order does not matter")
		})
	}
}

func (a *actor) claim() claims.Claim { return world{a}.claims()[0] }

func stalled(a *actor) {
	ready := a.fm.Status.Conditions[0]
	ready.Type, ready.Status = "Stalled", metav1.ConditionTrue
	a.fm.Status.Conditions = append(a.fm.Status.Conditions, ready)
}

func TestTheMiddleOfAChainOfThreeLoses(t *testing.T) {
	w := world{resource("a", 1*time.Second, "p"), resource("b", 2*time.Second, "p", "q"), resource("c", 3*time.Second, "q")}
	NewWithT(t).Expect(w.settle(NewWithT(t))["b"].Winner.Name).To(Equal("a"))
	NewWithT(t).Expect(w.objects()).To(Equal(map[string]bool{"a": true, "b": false, "c": true}))
}

// A younger one must not take what the middle one still has.
func TestAKeptClaimKeepsAllItsUses(t *testing.T) {
	w := world{resource("a", 1*time.Second, "p").is(transient, false), resource("b", 2*time.Second, "p", "q").is(fine, true), resource("c", 3*time.Second, "q")}
	w[0].fate = transient
	NewWithT(t).Expect(w.settle(NewWithT(t))["c"].Winner.Name).To(Equal("b"))
	w[0].fate = fine
	w.settle(NewWithT(t))
	NewWithT(t).Expect(w.objects()).To(Equal(map[string]bool{"a": true, "b": false, "c": true}))
}

// As where a Prometheus for all of them arrives while they have their objects already.
func TestOfTwoHoldersOneContinues(t *testing.T) {
	w := world{
		resource("a", 1*time.Second, "p").is(transient, false), resource("b", 2*time.Second, "p").is(fine, true), resource("c", 3*time.Second, "p").is(fine, true),
	}
	w[0].fate = transient
	w.settle(NewWithT(t))
	NewWithT(t).Expect(w.objects()).To(Equal(map[string]bool{"a": false, "b": true, "c": false}))
}

func TestAnInvalidOneLosesPriorityUntilFixed(t *testing.T) {
	g := NewWithT(t)
	w := world{resource("older", time.Second, "p"), resource("younger", 2*time.Second, "p")}
	for _, of := range []fate{fine, invalid, fine, forbidden, fine, suspended} {
		w[0].fate = of
		edited(w[0])
		w[0].fm.Spec.Suspend = false
		w.settle(g)
		has := of == fine || of == suspended // what is suspended is not touched
		g.Expect(w.objects()).To(Equal(map[string]bool{"older": has, "younger": of != fine}), string(of))
	}
}

func TestAnUnlistedClaimHasNoWinner(t *testing.T) {
	NewWithT(t).Expect(claims.Decide("nobody", world{resource("a", time.Second, "p")}.claims())).To(Equal(claims.Decision{}))
}
