package observe

import (
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// deployment is a controller as `flux install` makes it.
func deployment(name string, change ...func(*appsv1.Deployment)) appsv1.Deployment {
	d := appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "flux-system", Name: name, Labels: map[string]string{
		"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/version": "v2.9.4", "app.kubernetes.io/component": name,
	}}}
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}
	d.Spec.Template.Labels = map[string]string{"app": name}
	d.Spec.Template.Spec.Containers = []corev1.Container{{
		Name: "manager", Image: "ghcr.io/fluxcd/" + name + ":v1.9.4",
		Ports: []corev1.ContainerPort{{Name: "healthz", ContainerPort: 9440}, {Name: "http-prom", ContainerPort: 8080}},
	}}
	for _, c := range change {
		c(&d)
	}
	return d
}

func image(reference string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = reference }
}

func podsBy(labels map[string]string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels} }
}

func labelled(labels map[string]string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Labels = labels }
}

func sidecar(d *appsv1.Deployment) {
	d.Spec.Template.Spec.Containers = append([]corev1.Container{{
		Name: "proxy", Image: "envoy:v1.30", Ports: []corev1.ContainerPort{{Name: "http-envoy-prom"}},
	}}, d.Spec.Template.Spec.Containers...)
}

func portless(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Ports = nil }

// hardened is a controller whose images and Deployments a builder has given other names.
func hardened(name, image string, change ...func(*appsv1.Deployment)) appsv1.Deployment {
	return deployment(name, append([]func(*appsv1.Deployment){func(d *appsv1.Deployment) {
		d.Labels, d.Spec.Template.Spec.Containers[0].Image = nil, image
	}}, change...)...)
}

// allInOne is a Deployment with a container for each of these images, and ports named by the initials.
func allInOne(name string, images ...string) appsv1.Deployment {
	d := deployment(name, labelled(nil), podsBy(map[string]string{"app.kubernetes.io/name": "flux"}))
	d.Spec.Template.Labels = map[string]string{"app.kubernetes.io/name": "flux"}
	d.Spec.Template.Spec.Containers = nil
	for _, image := range images {
		base, _ := splitImage(image)
		d.Spec.Template.Spec.Containers = append(d.Spec.Template.Spec.Containers, corev1.Container{
			Name: base, Image: image, Ports: []corev1.ContainerPort{{Name: "healthz"}, {Name: "http-prom-" + flux.Initials(base)}},
		})
	}
	return d
}

func component(labels map[string]string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.Template.Labels = labels }
}

func port(name string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		d.Spec.Template.Spec.Containers[0].Ports = []corev1.ContainerPort{{Name: name}}
	}
}

func TestControllersAreRecognisedInADeployment(t *testing.T) {
	const source = "source-controller"
	of := func(name, app, component, version string) []flux.Controller {
		return []flux.Controller{{Name: name, App: app, Component: component, Version: version}}
	}
	shard := func(change ...func(*appsv1.Deployment)) appsv1.Deployment {
		return deployment("source-controller-shard1", append(change, image("ghcr.io/fluxcd/source-controller:v1.9.4"))...)
	}
	sourceOf := func(version string) []flux.Controller { return of(source, source, source, version) }
	by := func(pods map[string]string) []flux.Controller {
		return []flux.Controller{{Name: source, App: source, Component: source, Version: "v1.9.4", Pods: pods}}
	}
	pods := map[string]string{"app.kubernetes.io/name": "flux"}
	for name, c := range map[string]struct {
		deployment  appsv1.Deployment
		controllers []flux.Controller
	}{
		"as installed": {deployment(source), sourceOf("v1.9.4")},
		"a shard":      {shard(), of("source-controller-shard1", "source-controller-shard1", source, "v1.9.4")},
		"a shard that shares its pods' label": {
			shard(podsBy(map[string]string{"app": source, "shard": "1"})), of("source-controller-shard1", source, source, "v1.9.4")},
		"an image by tag and digest":         {deployment(source, image("ghcr.io/fluxcd/source-controller:v1.9.4@sha256:00")), sourceOf("v1.9.4")},
		"an image by digest alone":           {deployment(source, image("ghcr.io/fluxcd/source-controller@sha256:00")), sourceOf("")},
		"an image of a registry with a port": {deployment(source, image("registry:5000/mirror/source-controller:v1.9.4")), sourceOf("v1.9.4")},
		"a port, no tag and a digest":        {deployment(source, image("registry:5000/source-controller@sha256:00")), sourceOf("")},
		"an image without registry and tag":  {deployment(source, image("source-controller")), sourceOf("")},
		"a distribution's own build":         {deployment(source, image("ghcr.io/controlplaneio/source-controller:v1.9.4-distroless")), sourceOf("v1.9.4-distroless")},
		"an image of another name":           {deployment(source, image("registry.example.com/flux-source-controller:v1.9.6-fips")), sourceOf("v1.9.6-fips")},
		"an image of no name at all":         {deployment(source, image("registry.example.com/a1b2:v1.9.6_hardened")), sourceOf("v1.9.6_hardened")},
		"the label wins over name and image": {
			deployment("helm-controller", labelled(map[string]string{"app.kubernetes.io/component": source})), of("helm-controller", "helm-controller", source, "v1.9.4")},
		"the label of the pods": {
			hardened("gitops-a", "acme/a:1.9.6", component(map[string]string{"app.kubernetes.io/component": source})), of("gitops-a", "gitops-a", source, "1.9.6")},
		"a label with other words in it":  {deployment(source, labelled(map[string]string{"app.kubernetes.io/component": "gitops"}), image("acme/a:v1")), sourceOf("v1")},
		"the name of the Deployment":      {hardened("acme-source-controller-eu", "acme/a:v1"), of("acme-source-controller-eu", "acme-source-controller-eu", source, "v1")},
		"the label app of the Deployment": {hardened("gitops-a", "acme/a:v1", labelled(map[string]string{"app": "flux-source-controller"})), of("gitops-a", "gitops-a", source, "v1")},
		"the label app of the pods":       {hardened("gitops-a", "acme/a:v1", podsBy(map[string]string{"app": "source-controller-shard1"})), of("gitops-a", "source-controller-shard1", source, "v1")},
		"the image alone":                 {hardened("gitops-a", "acme/hardened-source-controller-fips:v1"), of("gitops-a", "gitops-a", source, "v1")},
		"nothing that names a component":  {hardened("gitops-a", "acme/a:v1"), of("gitops-a", "gitops-a", "", "v1")},
		"a sidecar before it":             {deployment(source, sidecar), sourceOf("v1.9.4")},
		"a port that begins so": {deployment(source, port("http-prometheus")), []flux.Controller{
			{Name: source, App: source, Component: source, Version: "v1.9.4", Port: "http-prometheus"}}},
		"a sidecar with such a port": {
			deployment(source, image("acme/a:v1"), func(d *appsv1.Deployment) {
				d.Spec.Template.Spec.Containers = append([]corev1.Container{{Name: "proxy", Ports: []corev1.ContainerPort{{Name: "http-prom-proxy"}}}}, d.Spec.Template.Spec.Containers...)
			}), sourceOf("v1")},
		"pods without the label app":         {deployment(source, podsBy(map[string]string{"app.kubernetes.io/name": source})), by(map[string]string{"app.kubernetes.io/name": source})},
		"pods selected by expressions alone": {deployment(source, podsBy(nil)), sourceOf("v1.9.4")},
		"pods with other labels, selected by expressions alone": {
			deployment(source, podsBy(nil), component(map[string]string{"name": source})), by(map[string]string{"name": source})},
		"no port of that name": {deployment(source, portless), nil},
		"a sidecar alone":      {deployment(source, portless, sidecar), nil},
		"pods without labels":  {deployment(source, func(d *appsv1.Deployment) { d.Spec.Selector, d.Spec.Template.Labels = nil, nil }), nil},
		"no containers":        {deployment(source, func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers = nil }), nil},
		"a container for each": {allInOne("flux", "acme/source-controller:v1.9.4", "acme/kustomize-controller:v1.9.5"), []flux.Controller{
			{Name: "flux", App: "kustomize-controller", Component: "kustomize-controller", Version: "v1.9.5", Port: "http-prom-kc", Pods: pods, Container: "kustomize-controller"},
			{Name: "flux", App: source, Component: source, Version: "v1.9.4", Port: "http-prom-sc", Pods: pods, Container: source},
		}},
		"a container for each, of no known component": {allInOne("flux", "acme/a:v1", "acme/b:v2"), []flux.Controller{
			{Name: "flux", App: "flux-a", Version: "v1", Port: "http-prom-a", Pods: pods, Container: "a"},
			{Name: "flux", App: "flux-b", Version: "v2", Port: "http-prom-b", Pods: pods, Container: "b"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(ControllersOf(&c.deployment)).To(Equal(c.controllers))
		})
	}
}

func TestControllersOfTwoDeploymentsHaveNamesOfTheirOwn(t *testing.T) {
	g := NewWithT(t)
	found := InstallationOf("flux-system", []appsv1.Deployment{
		allInOne("flux", "a/helm-controller:v1.6.3", "a/source-controller:v1.9.4"), allInOne("flux-eu", "a/source-controller:v1.9.4", "a/source-watcher"),
	})
	g.Expect(found.Apps()).To(Equal([]string{"flux-eu-source-controller", "flux-source-controller", "helm-controller", "source-watcher"}))
}

func TestUnscrapableControllersAreObserved(t *testing.T) {
	g := NewWithT(t)
	unlabelled := labelled(nil)
	found := InstallationOf("flux-system", []appsv1.Deployment{
		deployment("source-controller"), deployment("helm-controller", portless), deployment("podinfo", portless, unlabelled),
		deployment("a", portless, unlabelled, image("acme/flux-kustomize-controller:v1")),
		deployment("ui", portless, labelled(map[string]string{"app.kubernetes.io/part-of": "flux"}), image("acme/ui")),
	})
	g.Expect(found.Unscraped).To(Equal([]flux.Unscraped{
		{Name: "a", Component: "kustomize-controller"}, {Name: "helm-controller", Component: "helm-controller"}, {Name: "ui"},
	}))
	g.Expect(found.IsComplete()).To(BeFalse())
}

func TestAnInstallationIsRecognisedByItsDeployments(t *testing.T) {
	controller := func(name string) flux.Controller {
		return flux.Controller{Name: name, App: name, Component: name, Version: "v1.9.4"}
	}
	source, kustomize := controller("source-controller"), controller("kustomize-controller")
	untagged := source
	untagged.Version = ""
	installed := func(version string, controllers ...flux.Controller) flux.Installation {
		return flux.Installation{Namespace: "flux-system", Version: version, Controllers: controllers}
	}
	of := func(deployments ...appsv1.Deployment) []appsv1.Deployment { return deployments }
	podinfo := deployment("podinfo", portless, labelled(nil))
	byHelm := labelled(map[string]string{"app.kubernetes.io/managed-by": "Helm"})
	versioned := func(version string) func(*appsv1.Deployment) {
		return func(d *appsv1.Deployment) { d.Labels["app.kubernetes.io/version"] = version }
	}
	for name, c := range map[string]struct {
		deployments []appsv1.Deployment
		want        flux.Installation
	}{
		"nothing":       {nil, installed("")},
		"no controller": {of(podinfo), installed("")},
		"controllers, in any order": {
			of(deployment("source-controller"), podinfo, deployment("kustomize-controller")), installed("v2.9.4", kustomize, source)},
		"controllers whose version only an image has, as of the Helm chart": {
			of(deployment("source-controller", byHelm), deployment("kustomize-controller", byHelm)), installed("v2.9", kustomize, source)},
		"a version label that is not Flux's": {of(deployment("source-controller", labelled(map[string]string{"app.kubernetes.io/version": "v9"}))), installed("v2.9", source)},
		"controllers of which only one has the version": {
			of(deployment("kustomize-controller", byHelm), deployment("source-controller")), installed("v2.9.4", kustomize, source)},
		"no version": {of(deployment("source-controller", byHelm, image("source-controller@sha256:00"))), installed("", untagged)},
		"hardened images, all else as installed": {
			of(deployment("source-controller", image("registry.example.com/flux-source-controller:v1.9.4"))), installed("v2.9.4", source)},
		"an upgrade under way": {
			of(deployment("source-controller", versioned("v2.10.0")), deployment("kustomize-controller")), installed("v2.9.4", kustomize, source)},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(InstallationOf("flux-system", c.deployments)).To(Equal(c.want))
		})
	}
}

func TestTheOrderOfDeploymentsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		deployments := rapid.SliceOfNDistinct(anyDeployment(), 0, 6, func(d appsv1.Deployment) string { return d.Name }).Draw(t, "deployments")
		shuffled := rapid.Permutation(deployments).Draw(t, "shuffled")
		NewWithT(t).Expect(InstallationOf("flux-system", shuffled)).To(Equal(InstallationOf("flux-system", deployments)))
	})
}

func anyDeployment() *rapid.Generator[appsv1.Deployment] {
	return rapid.Custom(func(t *rapid.T) appsv1.Deployment {
		component := rapid.SampledFrom(append(flux.Components(), "podinfo")).Draw(t, "component")
		d := deployment(component + rapid.SampledFrom([]string{"", "-shard1", "-shard2"}).Draw(t, "shard"))
		tag := rapid.SampledFrom([]string{"", ":v1.9.4", ":v1.4.0", ":latest", ":v1.6.1@sha256:00", "@sha256:00"}).Draw(t, "tag")
		image(rapid.SampledFrom([]string{"", "ghcr.io/fluxcd/", "registry:5000/"}).Draw(t, "registry") + component + tag)(&d)
		d.Labels["app.kubernetes.io/version"] = rapid.SampledFrom([]string{"v2.9.4", "v2.4.0", ""}).Draw(t, "version")
		if rapid.IntRange(0, 5).Draw(t, "all in one") == 0 {
			d = allInOne(component, "acme/source-controller"+tag, "acme/"+component+tag)
		}
		for _, change := range []func(*appsv1.Deployment){
			labelled(nil), podsBy(nil), portless, sidecar, func(d *appsv1.Deployment) { d.Spec.Selector = nil }, port("http-prom-sc"),
			podsBy(map[string]string{"name": "flux"}), func(d *appsv1.Deployment) { d.Spec.Template.Labels = nil },
		} {
			if rapid.IntRange(0, 5).Draw(t, "changed") == 0 {
				change(&d)
			}
		}
		return d
	})
}
