//go:build e2e

package e2e_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestAPodMonitorThatIsDeletedIsBackAtOnceAndNoTargetIsLost(t *testing.T) {
	shared.monitored(t, "{scrape: {interval: 5s}}")
	apps := shared.controllers(t)
	shared.scrapes(t, apps)
	o := object(podMonitors.Kind)
	must(t, shared.Get(t.Context(), client.ObjectKeyFromObject(o), o))
	before := o.UID

	start := time.Now()
	must(t, shared.Delete(t.Context(), o))
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(shared.Get(t.Context(), client.ObjectKeyFromObject(o), o)).To(Succeed())
		g.Expect(o.UID).NotTo(Equal(before))
	}, 5*time.Second, 10*time.Millisecond).Should(Succeed(), "the PodMonitor should be back")
	t.Logf("back after %s", since(start))
	NewWithT(t).Consistently(func(g Gomega) { shared.scrapesNow(t, g, apps) }, atRest, often).Should(Succeed(), "no target should be lost")
}

func TestAtRestNothingIsWrittenAndWhatOthersAddStays(t *testing.T) {
	shared.monitored(t, "{}")
	shared.holds(t, everything)
	o := object(prometheusRules.Kind)
	patch := `{"metadata":{"annotations":{"prometheus-operator-validated":"true"}}}` // As its admission webhook does.
	must(t, shared.Patch(t.Context(), o, client.RawPatch("application/merge-patch+json", []byte(patch))))
	before := shared.versions(t)
	NewWithT(t).Consistently(func() map[string]string { return shared.versions(t) }, atRest, often).
		Should(Equal(before), "nothing should be written at rest")
}

// Each round changes every object and removes some, and kills the operator as soon as so many of its writes are seen.
func TestAnOperatorKilledInTheMiddleOfItsWorkCompletesItAtItsNextStart(t *testing.T) {
	const rounds = 5
	for round := range rounds {
		shared.monitored(t, "{}")
		mark := fmt.Sprintf("killed-%d-%d", time.Now().Unix(), round)
		writes := shared.writes(t, "round", mark)
		kill := shared.killer(t)

		must(t, shared.DeleteAllOf(t.Context(), metadata(configMaps.Kind), client.InNamespace(namespace), ours[1].(client.MatchingLabels)))
		fm := shared.ask(t, fmt.Sprintf("{commonMetadata: {labels: {round: %s}}}", mark))
		for range round {
			NewWithT(t).Eventually(writes, soon, time.Millisecond).Should(Receive(), "the operator should write")
		}
		kill()

		start := time.Now()
		left, err := shared.generated(t.Context())
		must(t, err)
		if round < rounds-1 { // The last round waits until the dead leader's lease has run out.
			shared.releaseLease(t)
		}
		shared.settled(t, fm, ready, scraped)
		shared.holds(t, everything, labelled("round", mark), controlledBy(fm.UID))
		t.Logf("killed at write %d, with %v done; complete after %s", round, names(left, labelled("round", mark)), since(start))
	}
	shared.scrapes(t, shared.controllers(t))
}

// object is the generated object of a kind that has one.
func object(kind string) *metav1.PartialObjectMetadata {
	o := metadata(kind)
	o.Namespace, o.Name = namespace, name
	return o
}

func metadata(kind string) *metav1.PartialObjectMetadata {
	o := &metav1.PartialObjectMetadata{}
	for _, k := range generatedKinds {
		if k.Kind == kind {
			o.SetGroupVersionKind(k)
		}
	}
	return o
}
