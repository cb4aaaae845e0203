//go:build e2e

package e2e_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// The places of the tests on notifications, and the receivers that are told of what fails there.
const (
	placeOfOne    = "told-of-one"
	placeOfSource = "told-of-a-source"
)

func TestOneBrokenKustomizationIsOneNotificationThatNamesItAndIsResolvedWhenItIsMended(t *testing.T) {
	t.Parallel()
	shared.monitored(t, closely)
	shared.listens(t, placeOfOne)
	shared.place(t, placeOfOne)
	o := shared.put(t, placeOfOne, identity{"Kustomization", "shop"}, applies(placeOfOne, "shop"))
	shared.allReady(t, placeOfOne, 1)

	start := time.Now()
	shared.change(t, o, `{path: ./missing}`)
	broken := firing(map[string]string{
		"alertname": "ReconciliationFailure", "severity": ourSeverity, "fluxmonitoring": namespace + "/" + name,
		"kind": "Kustomization", "name": "shop", "namespace": placeOfOne, "exported_namespace": placeOfOne,
		"source_kind": "OCIRepository", "source_namespace": appsNamespace, "source_name": "hello",
	})
	shared.told(t, placeOfOne, broken)
	t.Logf("told %s after it broke", since(start))

	start = time.Now()
	shared.change(t, o, mended)
	shared.told(t, placeOfOne, broken, broken.resolved())
	t.Logf("told %s after it was mended", since(start))
	shared.toldNoMore(t, placeOfOne, broken, broken.resolved())
	shared.neverToldOf(t, everyone, placeOfOne)
	shared.neverToldOf(t, appsNamespace, placeOfOne)
}

func TestAFailingSourceIsOneNotificationAndNoneIsOfWhatIsMadeFromIt(t *testing.T) {
	t.Parallel()
	const made = 5
	shared.monitored(t, closely)
	shared.listens(t, placeOfSource)
	shared.place(t, placeOfSource)
	o := shared.put(t, placeOfSource, identity{"GitRepository", "shops"}, lives["GitRepository"].wrong)
	for i := range made {
		shop := fmt.Sprintf("shop%d", i)
		shared.put(t, placeOfSource, identity{"Kustomization", shop}, fmt.Sprintf(`{interval: 10s, path: ./, prune: false,
			namePrefix: %s-, targetNamespace: %s, sourceRef: {kind: GitRepository, name: shops}}`, shop, placeOfSource))
	}

	failing := firing(map[string]string{
		"alertname": "FluxSourceBlocksDependents", "severity": ourSeverity, "fluxmonitoring": namespace + "/" + name,
		"kind": "GitRepository", "name": "shops", "namespace": placeOfSource, "exported_namespace": placeOfSource,
		"source_kind": "GitRepository", "source_namespace": placeOfSource, "source_name": "shops",
	})
	shared.firesFor(t, "ReconciliationFailure", placeOfSource, made)
	shared.toldNoMore(t, placeOfSource, failing)

	shared.change(t, o, lives["GitRepository"].right)
	shared.allReady(t, placeOfSource, made)
	shared.told(t, placeOfSource, failing, failing.resolved())
	shared.toldNoMore(t, placeOfSource, failing, failing.resolved())
	shared.neverToldOf(t, everyone, placeOfSource)
}

// neverToldOf checks that a receiver has got no notification of objects in a place.
func (c *testCluster) neverToldOf(t *testing.T, receiver, place string) {
	t.Helper()
	all, err := c.notifications(t.Context(), receiver)
	must(t, err)
	for _, one := range all {
		NewWithT(t).Expect(one.GroupLabels).NotTo(HaveKeyWithValue("exported_namespace", place), "%s is told too", receiver)
	}
}
