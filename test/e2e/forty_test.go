//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

// outage has the order of the catalogue in seconds: FluxControllerDown notifies before the alerts about what fails because of it, and
// fires until that works again.
var outage = `{scrape: {interval: 5s}, alerts: {overrides: [{name: FluxControllerDown, for: 5s, keepFiringFor: 35s},
	{name: ReconciliationFailure, for: 20s, keepFiringFor: 1s}, {name: FluxManyResourcesNotReady, for: 20s, keepFiringFor: 1s}]},
	` + notifying(appsNamespace) + `}`

// namespaceOfForty has those Kustomizations. No route is for it, so the receiver is everyone.
const namespaceOfForty = "forty"

// impatient has kustomize-controller fail soon where there is nothing to fetch from, all Kustomizations side by side. As it is by
// default, it tries ten times within four minutes before it reports a failure, four at a time, and the others stay ready meanwhile. Each try
// may take seconds: the kernel refuses the connection of a pod only once a second.
var impatient = []string{"--http-retry=0", "--requeue-dependency=2s", "--concurrent=40"}

func TestSourceControllerDownSendsOneNotificationAndNotForty(t *testing.T) {
	const gone, count = "source-controller", 40
	t.Cleanup(func() { shared.restsAfterOutage(t) })
	shared.runsWith(t, "kustomize-controller", impatient)
	shared.createNamespace(t, namespaceOfForty) // It is emptied before kustomize-controller works on four objects at a time again.
	for i := range count {
		one := fmt.Sprintf("shop%02d", i)
		shared.put(t, namespaceOfForty, identity{"Kustomization", one}, applies(namespaceOfForty, one))
	}
	shared.monitored(t, outage)
	shared.loadsRules(t)
	shared.scrapesOften(t, shared.controllers(t))
	shared.exportsOften(t)
	shared.eachReady(t, namespaceOfForty, count)
	shared.listens(t, everyone)

	start := time.Now()
	shared.scale(t, stack.FluxNamespace, gone, 0)
	down := firing(map[string]string{
		"alertname": "FluxControllerDown", "severity": ourSeverity, "fluxmonitoring": namespace + "/" + name,
		"app": gone, "namespace": stack.FluxNamespace,
	})
	shared.receives(t, everyone, down)
	t.Logf("notified after %s", since(start))
	shared.firesFor(t, "ReconciliationFailure", namespaceOfForty, count)
	shared.firesForAll(t.Context(), t, "FluxManyResourcesNotReady", 1)
	t.Logf("all of them fail, and their alerts fire, after %s", since(start))
	shared.receivesOnly(t, everyone, down)

	start = time.Now()
	shared.scale(t, stack.FluxNamespace, gone, 1)
	shared.firesFor(t, "ReconciliationFailure", namespaceOfForty, 0)
	t.Logf("none of their alerts fires %s after it was scaled up", since(start))
	shared.receives(t, everyone, down, down.resolved())
	t.Logf("notified %s after it was scaled up", since(start))
	shared.receivesOnly(t, everyone, down, down.resolved())
}

// firesForAll waits until an alert about all objects together fires once, or not at all.
func (c *testCluster) firesForAll(ctx context.Context, t *testing.T, alert string, count int) {
	t.Helper()
	NewWithT(t).Eventually(func() ([]sample, error) {
		return c.prometheus.query(ctx, fmt.Sprintf(`ALERTS{alertname=%q, alertstate="firing"}`, alert))
	}, patient, often).Should(HaveLen(count), "%s should fire %d times", alert, count)
}

// restsAfterOutage waits until no alert is active that inhibits the notifications of the next test. With another spec the first fires for ten
// minutes more, and Alertmanager waits four minutes for news of the second: a controller that restarts can be down for longer than outage allows.
func (c *testCluster) restsAfterOutage(t *testing.T) {
	t.Helper()
	NewWithT(t).Eventually(func() ([]sample, error) {
		return c.prometheus.query(context.Background(), `ALERTS{alertname=~"FluxManyResourcesNotReady|FluxControllerDown"}
			or absent(up{job="`+job+`", pod=~"kustomize-controller-.*"} == 1)`)
	}, patient, often).Should(BeEmpty(), "no alert of the outage should be active")
	NewWithT(t).Eventually(func() ([]byte, error) {
		return c.rest.Get().AbsPath(alertmanagerAPI + "alerts").DoRaw(context.Background())
	}, patient, often).ShouldNot(ContainSubstring("FluxControllerDown"), "Alertmanager should have heard of it")
}

// runsWith gives a controller of Flux more arguments until the test ends, and waits until it runs with them.
func (c *testCluster) runsWith(t *testing.T, controller string, more []string) {
	t.Helper()
	d := &appsv1.Deployment{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: stack.FluxNamespace, Name: controller}, d))
	before := d.Spec.Template.Spec.Containers[0].Args
	t.Cleanup(func() { c.restarts(context.Background(), t, d, before) })
	c.restarts(t.Context(), t, d, append(before[:len(before):len(before)], more...))
}

// restarts has a Deployment's first container run with arguments, and waits until no pod with others is left.
func (c *testCluster) restarts(ctx context.Context, t *testing.T, d *appsv1.Deployment, args []string) {
	t.Helper()
	value, err := json.Marshal(args)
	must(t, err)
	patch := fmt.Appendf(nil, `[{"op": "replace", "path": "/spec/template/spec/containers/0/args", "value": %s}]`, value)
	must(t, c.Patch(ctx, d, client.RawPatch("application/json-patch+json", patch)))
	c.complete(ctx, t, d)
}
