package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
)

func (p *place) deleteDeployment(name string) {
	p.t.Helper()
	p.must(p.Delete(p.t.Context(), &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: p.flux, Name: name}}))
}

// scraped are the values of `app` that the PodMonitor selects.
func (p *place) scraped() []string {
	p.t.Helper()
	monitor := p.get("PodMonitor", "flux")
	if monitor == nil {
		return nil
	}
	expressions, _, err := unstructured.NestedSlice(monitor.Object, "spec", "selector", "matchExpressions")
	p.must(err)
	expression, _ := expressions[0].(map[string]any)
	var apps []string
	values, _ := expression["values"].([]any)
	for _, v := range values {
		app, _ := v.(string)
		apps = append(apps, app)
	}
	return apps
}

func TestEveryControllerThatExposesMetricsIsScraped(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)
	g.Expect(p.scraped()).To(Equal([]string{
		"helm-controller", "image-automation-controller", "image-reflector-controller", "kustomize-controller",
		"notification-controller", "source-controller", "source-watcher",
	}))
	g.Expect(fm.Status.Flux.Version).To(Equal("v2.9.5"))
	g.Expect(fm.Status.Flux.Controllers).To(HaveLen(7))
}

func TestThePodMonitorFollowsControllersAndShardsThatComeAndGo(t *testing.T) {
	p := shared.in(t).withFlux("source-controller", "kustomize-controller").withPrometheus()
	fm := p.settled(p.create(), ready)
	p.eventually("two are scraped", func() bool {
		return equal(p.scraped(), "kustomize-controller", "source-controller")
	})
	shard, err := cluster.Shard(t.Context(), p.flux, "source-controller", "shard1")
	p.must(err)
	p.must(cluster.Apply(t.Context(), p.Client, shard...))
	p.eventually("the shard is scraped too", func() bool {
		return equal(p.scraped(), "kustomize-controller", "source-controller", "source-controller-shard1")
	})
	p.deleteDeployment("kustomize-controller")
	p.eventually("the controller that left is no longer expected", func() bool {
		return equal(p.scraped(), "source-controller", "source-controller-shard1")
	})
	p.settled(fm, ready)
}

func equal(have []string, want ...string) bool {
	if len(have) != len(want) {
		return false
	}
	for i := range have {
		if have[i] != want[i] {
			return false
		}
	}
	return true
}

func TestWithoutAFluxItIsSaidAndThenFollowed(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withPrometheus()
	fm := p.settled(p.create(), "Ready=False/FluxNotFound")
	g.Expect(message(fm, "Ready")).To(Equal("namespace " + p.flux + " has no Flux controller (a Deployment with a container " +
		"port whose name begins with http-prom), and the cluster serves none of Flux's kinds: install Flux, or set spec.flux.namespace to where it runs"))
	g.Expect(p.generated()).To(BeEmpty())
	p.withFlux()
	p.settled(fm, ready)
}

func TestAMissingFluxNamespaceIsSaid(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t)
	fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = "nowhere-at-all" }), "Ready=False/FluxNotFound")
	g.Expect(message(fm, "Ready")).To(Equal(
		"namespace nowhere-at-all does not exist: install Flux, or set spec.flux.namespace to where it runs"))
}
