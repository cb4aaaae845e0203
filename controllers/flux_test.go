package controllers_test

import (
	"path"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// changeDeployments changes those of the place's Flux.
func (p *place) changeDeployments(change func(*appsv1.Deployment)) {
	p.t.Helper()
	var all appsv1.DeploymentList
	p.must(p.List(p.t.Context(), &all, client.InNamespace(p.flux)))
	for i := range all.Items {
		before := all.Items[i].DeepCopy()
		change(&all.Items[i])
		p.must(p.Patch(p.t.Context(), &all.Items[i], client.MergeFrom(before)))
	}
}

func TestHardenedImagesChangeNoObject(t *testing.T) {
	p, fm := inOwnCluster(t).monitored("ResourceMetrics=True/Served")
	before := p.get("PrometheusRule", "flux")
	p.changeDeployments(func(d *appsv1.Deployment) {
		container := &d.Spec.Template.Spec.Containers[0]
		name, tag, _ := strings.Cut(path.Base(container.Image), ":")
		container.Image = "registry.example.com/flux-" + name + ":" + tag + "-hardened"
	})
	p.eventually("the images are seen", func() bool {
		p.must(p.Get(t.Context(), client.ObjectKeyFromObject(fm), fm))
		for _, found := range fm.Status.Flux.Controllers {
			if !strings.HasSuffix(found.Version, "-hardened") {
				return false
			}
		}
		return true
	})
	p.settled(fm, ready, "ResourceMetrics=True/Served")
	p.Expect(fm.Status.ResourceMetrics.Source).To(Equal(v1alpha1.ResourceMetricsSourceExporter))
	p.Expect(p.generated()).To(Equal(usual))
	p.Expect(p.get("PrometheusRule", "flux").Object["spec"]).To(Equal(before.Object["spec"]))
}

func TestAnUnrecognisedControllerIsReported(t *testing.T) {
	p := shared.in(t).withPrometheus()
	p.must(p.Create(t.Context(), anyDeployment(p.flux, "gitops-a", map[string]string{
		"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/version": "v2.4.0",
	})))
	fm := p.settled(p.create(), ready)
	p.Expect(fm.Status.ResourceMetrics).To(Equal(&v1alpha1.ResourceMetricsStatus{
		Source: v1alpha1.ResourceMetricsSourceExporter, Message: "the operator does not know which controller Deployment gitops-a is",
	}))
	p.Expect(message(fm, "Scraped")).To(HaveSuffix(". But the operator does not know which controller of Flux Deployment " + p.flux +
		"/gitops-a is: label it app.kubernetes.io/component with the controller's name, such as source-controller"))
}

// anyDeployment has one container, whose image does not name a controller, that serves metrics.
func anyDeployment(namespace, name string, labels map[string]string) *appsv1.Deployment {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels}}
	pods := map[string]string{"app.kubernetes.io/name": name}
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: pods}
	d.Spec.Template.Labels = pods
	d.Spec.Template.Spec.Containers = []corev1.Container{{
		Name: "manager", Image: "registry.example.com/a:v1", Ports: []corev1.ContainerPort{{Name: "http-prom", ContainerPort: 8080}},
	}}
	return d
}

func TestObjectsAreMonitoredWithoutControllers(t *testing.T) {
	p := inOwnCluster(t).withPrometheus()
	fm := p.settled(p.create(), "Ready=False/FluxNotFound")
	p.withKustomizations()
	p.settled(fm, ready, "ResourceMetrics=True/Served", "Scraped=False/TargetsMissing", "AlertsEffective=True/Effective")
	p.Expect(p.generated()).To(Equal(but(usual, "PodMonitor/flux", "ConfigMap/flux-dashboard-control-plane")))
	p.Expect(message(fm, "Scraped")).To(Equal("namespace " + p.flux + " has no controller of Flux (a Deployment with a container port " +
		"whose name begins with http-prom): set spec.flux.namespace to where they run"))

	p.withFlux("source-controller", "kustomize-controller")
	p.settled(fm, ready, "Scraped=Unknown/Selected")
	p.Expect(p.generated()).To(Equal(usual))

	p.deleteDeployment("source-controller")
	p.Eventually(p.scraped).Should(Equal([]string{"kustomize-controller"}))
	p.deleteDeployment("kustomize-controller")
	p.settled(fm, "Ready=False/ControllersGone", "Scraped=False/ControllersGone", "ResourceMetrics=True/Served")
	p.Expect(p.generated()).To(Equal(usual), "FluxControllerDown is to fire")
	p.must(p.Delete(t.Context(), p.get("PodMonitor", "flux")))
	p.settled(fm, ready)
	p.Expect(p.generated()).To(Equal(but(usual, "PodMonitor/flux", "ConfigMap/flux-dashboard-control-plane")))
}

func TestAControllerWithoutAMetricsPortIsReported(t *testing.T) {
	p := shared.in(t).withFlux("source-controller", "helm-controller").withPrometheus()
	fm := p.settled(p.create(), ready, "Scraped=Unknown/Selected")
	p.changeDeployments(func(d *appsv1.Deployment) {
		if d.Name == "helm-controller" {
			d.Spec.Template.Spec.Containers[0].Ports = nil
		}
	})
	p.settled(fm, ready, "Scraped=False/TargetsMissing")
	p.Expect(message(fm, "Scraped")).To(Equal("Deployment " + p.flux + "/helm-controller looks like helm-controller and is not scraped: " +
		"give it a container port whose name begins with http-prom"))
	p.Expect(p.scraped()).To(Equal([]string{"source-controller"}))
}

func TestSeveralControllersInOneDeploymentAreScraped(t *testing.T) {
	p := shared.in(t).withPrometheus()
	d := anyDeployment(p.flux, "flux", nil)
	d.Spec.Template.Spec.Containers = nil
	for port, name := range map[string]string{"http-prom-kc": "kustomize-controller", "http-prom-sc": "source-controller"} {
		d.Spec.Template.Spec.Containers = append(d.Spec.Template.Spec.Containers, corev1.Container{
			Name: name, Image: "registry.example.com/" + name + ":v1.9.4", Ports: []corev1.ContainerPort{{Name: port, ContainerPort: 8080}},
		})
	}
	p.must(p.Create(t.Context(), d))
	fm := p.settled(p.create(), ready, "Scraped=Unknown/Selected")
	p.Expect(p.generated()).To(Equal(usual))
	p.Expect(fm.Status.Flux.Controllers).To(Equal([]v1alpha1.ControllerStatus{
		{Name: "flux/kustomize-controller", Version: "v1.9.4"}, {Name: "flux/source-controller", Version: "v1.9.4"},
	}))
}

func (p *place) deleteDeployment(name string) {
	p.t.Helper()
	p.must(p.Delete(p.t.Context(), &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: p.flux, Name: name}}))
}

func TestEveryControllerThatExposesMetricsIsScraped(t *testing.T) {
	p, fm := shared.in(t).monitored()
	p.Expect(p.scraped()).To(Equal([]string{
		"helm-controller", "image-automation-controller", "image-reflector-controller", "kustomize-controller",
		"notification-controller", "source-controller", "source-watcher",
	}))
	p.Expect(fm.Status.Flux.Version).To(Equal("v2.9.5"))
	p.Expect(fm.Status.Flux.Controllers).To(HaveLen(7))
}

func TestThePodMonitorSelectsTheControllersAndShardsThatExist(t *testing.T) {
	p := shared.in(t).withFlux("source-controller", "kustomize-controller").withPrometheus()
	fm := p.settled(p.create(), ready)
	p.Eventually(p.scraped).Should(Equal([]string{"kustomize-controller", "source-controller"}))
	shard, err := cluster.Shard(t.Context(), p.flux, "source-controller", "shard1")
	p.must(err)
	p.must(cluster.Apply(t.Context(), p.Client, shard...))
	p.Eventually(p.scraped).Should(Equal([]string{"kustomize-controller", "source-controller", "source-controller-shard1"}))
	p.deleteDeployment("kustomize-controller")
	p.Eventually(p.scraped).Should(Equal([]string{"source-controller", "source-controller-shard1"}))
	p.settled(fm, ready)
}

func TestAMissingFluxIsReportedUntilItIsInstalled(t *testing.T) {
	p := shared.in(t).withPrometheus()
	fm := p.settled(p.create(), "Ready=False/FluxNotFound")
	p.Expect(message(fm, "Ready")).To(Equal("Flux is not found in namespace " + p.flux +
		": install Flux, or set spec.flux.namespace to where it runs"))
	p.Expect(p.generated()).To(BeEmpty())
	p.withFlux()
	p.settled(fm, ready)
}

func TestAMissingFluxNamespaceIsReported(t *testing.T) {
	p := shared.in(t)
	fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = "nowhere-at-all" }), "Ready=False/FluxNotFound")
	p.Expect(message(fm, "Ready")).To(Equal(
		"namespace nowhere-at-all does not exist: install Flux, or set spec.flux.namespace to where it runs"))
}
