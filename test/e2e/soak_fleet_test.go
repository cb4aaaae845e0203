//go:build e2e && soak

package e2e_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// The namespaces of the fleet, each with a source of each kind of the same name.
const (
	shop     = "shop"
	platform = "platform"
	fleet    = "fleet"
)

// The specs of the fleet. Each of the first is filled with the interval, the namespace and the name.
const (
	configSpec = `{interval: %s, retryInterval: 30s, timeout: 2m, path: ./config, prune: true, targetNamespace: %s,
		postBuild: {substitute: {name: %s}}, sourceRef: {kind: GitRepository, name: fleet}}`
	webSpec = `{interval: %s, retryInterval: 1m, timeout: 5m, path: ./web, prune: true, wait: true, targetNamespace: %s,
		postBuild: {substitute: {name: %s}}, sourceRef: {kind: OCIRepository, name: fleet}, dependsOn: [{name: %s}]}`
	slowSpec = `{interval: 10m, retryInterval: 1m, timeout: 5m, path: ./slow, prune: true, wait: true, targetNamespace: %s,
		postBuild: {substitute: {name: slow-health}}, sourceRef: {kind: OCIRepository, name: fleet}}`
	releaseSpec = `{interval: %s, timeout: 5m, install: {remediation: {retries: 3}}, upgrade: {remediation: {retries: 3}},
		values: {minReadySeconds: 0, revision: "0"},
		chart: {spec: {chart: web, version: 0.1.0, interval: 1m, sourceRef: {kind: HelmRepository, name: fleet}}}}`
	gitSpec    = `{interval: %s, timeout: 20s, url: "http://origin.origin.svc.cluster.local:5000/published/fleet.git", ref: {branch: main}}`
	ociSpec    = `{interval: %s, timeout: 20s, url: "oci://origin.origin.svc.cluster.local:5000/fleet", insecure: true, ref: {tag: latest}}`
	chartsSpec = `{interval: %s, timeout: 20s, url: "http://origin.origin.svc.cluster.local:5000/charts"}`
)

// intervals of the fleet's Kustomizations and HelmReleases, in turn.
var intervals = []string{"30s", "1m", "2m", "5m", "10m"}

// fleetObjects are twelve Kustomizations a namespace that apply a ConfigMap, three in a row that wait for Deployments, and one
// that can be slow; five HelmReleases; and what they are fetched from.
func fleetObjects() []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	for i, ns := range []string{shop, platform} {
		all = append(all, named("v1", "Namespace", "", ns),
			fleetObject("GitRepository", ns, fleet, gitSpec, intervals[i]),
			fleetObject("OCIRepository", ns, fleet, ociSpec, intervals[i+1]),
			fleetObject("HelmRepository", ns, fleet, chartsSpec, intervals[i+2]))
		for n := range 12 {
			name := fmt.Sprintf("config-%02d", n+1)
			all = append(all, fleetObject("Kustomization", ns, name, configSpec, intervals[n%len(intervals)], ns, name))
		}
		before := "config-01"
		for n := range 3 {
			name := fmt.Sprintf("web-%02d", n+1)
			all = append(all, fleetObject("Kustomization", ns, name, webSpec, intervals[n+1], ns, name, before))
			before = name
		}
	}
	for i, r := range releases {
		all = append(all, fleetObject("HelmRelease", r.namespace, r.name, releaseSpec, intervals[i]))
	}
	return append(all, fleetObject("Kustomization", shop, "slow-health", slowSpec, shop))
}

// releases are the fleet's HelmReleases.
var releases = []struct{ namespace, name string }{
	{shop, "web"}, {shop, "cart"}, {shop, "slow"}, {platform, "web"}, {platform, "cache"},
}

// moreObjects are what is created and deleted in the middle of the hour.
func moreObjects() []*unstructured.Unstructured {
	return []*unstructured.Unstructured{
		fleetObject("GitRepository", shop, "more", gitSpec, "1m"),
		fleetObject("Kustomization", shop, "more-config", configSpec, "1m", shop, "more-config"),
		fleetObject("Kustomization", shop, "more-web-01", webSpec, "1m", shop, "more-web-01", "more-web-02"),
		fleetObject("Kustomization", shop, "more-web-02", webSpec, "1m", shop, "more-web-02", "more-config"),
		fleetObject("HelmRelease", shop, "more", releaseSpec, "1m"),
	}
}

// fleetObject is an object with this YAML for its spec, filled in.
func fleetObject(kind, namespace, name, spec string, fill ...any) *unstructured.Unstructured {
	return fluxObject(namespace, identity{kind, name}, fmt.Sprintf(spec, fill...))
}

// healthyFleet removes what test/cluster/stack has that is broken or suspended by design, creates the fleet, and waits until all
// is ready.
func (s *soak) healthyFleet(t *testing.T) {
	t.Helper()
	for _, id := range []identity{
		{"Kustomization", "dependent"}, {"Kustomization", "broken"}, {"Kustomization", "flapping"}, {"Kustomization", "paused"},
		{"GitRepository", "missing"}, {"GitRepository", "private"},
	} {
		s.remove(t, fluxObject(appsNamespace, id, "{}"))
	}
	must(t, publishes(t.Context(), s))
	must(t, cluster.Apply(t.Context(), s, fleetObjects()...))
	t.Cleanup(func() {
		for _, ns := range []string{shop, platform} {
			s.Delete(context.Background(), named("v1", "Namespace", "", ns)) //nolint:errcheck // The node is taken down, or the owner of the cluster sees it.
		}
	})
	start := time.Now()
	s.healthy(t)
	progress("the fleet is ready after %s", since(start))
}

// healthy waits until every Flux object is ready.
func (s *soak) healthy(t *testing.T) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		var lacking []string
		for kind := range reconciled {
			list := fluxList(kind)
			g.Expect(s.List(t.Context(), list)).To(Succeed())
			for i := range list.Items {
				if is := statusOf(&list.Items[i]); is.ready != "True" {
					lacking = append(lacking, fmt.Sprintf("%s %s/%s %s", kind, list.Items[i].GetNamespace(), list.Items[i].GetName(), is.reason))
				}
			}
		}
		g.Expect(lacking).To(BeEmpty())
	}, 3*patient, nowAndThen).Should(Succeed(), "every object should be ready")
}
