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

func TestTheControllerADeploymentIs(t *testing.T) {
	of := func(name, app, component, version string) *flux.Controller {
		return &flux.Controller{Name: name, App: app, Component: component, Version: version}
	}
	const source = "source-controller"
	for name, c := range map[string]struct {
		deployment appsv1.Deployment
		controller *flux.Controller
	}{
		"as installed": {deployment(source), of(source, source, source, "v1.9.4")},
		"a shard": {
			deployment("source-controller-shard1", image("ghcr.io/fluxcd/source-controller:v1.9.4")),
			of("source-controller-shard1", "source-controller-shard1", source, "v1.9.4"),
		},
		"a shard that shares its pods' label": {
			deployment("source-controller-shard1", image("ghcr.io/fluxcd/source-controller:v1.9.4"), podsBy(map[string]string{"app": source, "shard": "1"})),
			of("source-controller-shard1", source, source, "v1.9.4"),
		},
		"an image by tag and digest":           {deployment(source, image("ghcr.io/fluxcd/source-controller:v1.9.4@sha256:00")), of(source, source, source, "v1.9.4")},
		"an image by digest alone":             {deployment(source, image("ghcr.io/fluxcd/source-controller@sha256:00")), of(source, source, source, "")},
		"an image of a registry with a port":   {deployment(source, image("registry:5000/mirror/source-controller:v1.9.4")), of(source, source, source, "v1.9.4")},
		"a port, no tag and a digest":          {deployment(source, image("registry:5000/source-controller@sha256:00")), of(source, source, source, "")},
		"an image without registry and tag":    {deployment(source, image("source-controller")), of(source, source, source, "")},
		"a distribution's own build":           {deployment(source, image("ghcr.io/controlplaneio/source-controller:v1.9.4-distroless")), of(source, source, source, "v1.9.4-distroless")},
		"a sidecar before it":                  {deployment(source, sidecar), of(source, source, source, "v1.9.4")},
		"no port of that name":                 {deployment(source, portless), nil},
		"a sidecar alone":                      {deployment(source, portless, sidecar), nil},
		"pods without the label app":           {deployment(source, podsBy(map[string]string{"app.kubernetes.io/name": source})), nil},
		"pods selected by expressions alone":   {deployment(source, podsBy(nil)), nil},
		"no selector":                          {deployment(source, func(d *appsv1.Deployment) { d.Spec.Selector = nil }), nil},
		"no containers":                        {deployment(source, func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers = nil }), nil},
		"labels of its own alone do not count": {deployment(source, podsBy(nil), labelled(map[string]string{"app": source})), nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			controller, ok := ControllerOf(&c.deployment)
			g.Expect(ok).To(Equal(c.controller != nil))
			if c.controller != nil {
				g.Expect(controller).To(Equal(*c.controller))
			} else {
				g.Expect(controller).To(BeZero())
			}
		})
	}
}

func TestTheFluxThatDeploymentsAre(t *testing.T) {
	source := flux.Controller{Name: "source-controller", App: "source-controller", Component: "source-controller", Version: "v1.9.4"}
	kustomize := flux.Controller{Name: "kustomize-controller", App: "kustomize-controller", Component: "kustomize-controller", Version: "v1.9.4"}
	unlabelled := labelled(map[string]string{"app.kubernetes.io/managed-by": "Helm"})
	for name, c := range map[string]struct {
		deployments []appsv1.Deployment
		version     string
		controllers []flux.Controller
	}{
		"nothing":               {nil, "", nil},
		"what is no controller": {[]appsv1.Deployment{deployment("podinfo", portless)}, "", nil},
		"controllers, in any order": {
			[]appsv1.Deployment{deployment("source-controller"), deployment("podinfo", portless), deployment("kustomize-controller")},
			"v2.9.4", []flux.Controller{kustomize, source},
		},
		"controllers whose version an image alone tells, as of the Helm chart": {
			[]appsv1.Deployment{deployment("source-controller", unlabelled), deployment("kustomize-controller", unlabelled)},
			"v2.9", []flux.Controller{kustomize, source},
		},
		"a version label that is not Flux's": {
			[]appsv1.Deployment{deployment("source-controller", labelled(map[string]string{"app.kubernetes.io/version": "v9"}))},
			"v2.9", []flux.Controller{source},
		},
		"controllers of which only one says the version": {
			[]appsv1.Deployment{deployment("kustomize-controller", unlabelled), deployment("source-controller")},
			"v2.9.4", []flux.Controller{kustomize, source},
		},
		"no sign of a version": {
			[]appsv1.Deployment{deployment("source-controller", unlabelled, image("source-controller@sha256:00"))},
			"", []flux.Controller{{Name: "source-controller", App: "source-controller", Component: "source-controller"}},
		},
		"an upgrade under way": {
			[]appsv1.Deployment{
				deployment("source-controller", labelled(map[string]string{"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/version": "v2.10.0"})),
				deployment("kustomize-controller"),
			},
			"v2.9.4", []flux.Controller{kustomize, source},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := flux.Installation{Namespace: "flux-system", Version: c.version, Controllers: c.controllers}
			NewWithT(t).Expect(InstallationOf("flux-system", c.deployments)).To(Equal(want))
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
		for _, change := range []func(*appsv1.Deployment){
			labelled(nil), podsBy(nil), portless, sidecar, func(d *appsv1.Deployment) { d.Spec.Selector = nil },
		} {
			if rapid.IntRange(0, 5).Draw(t, "changed") == 0 {
				change(&d)
			}
		}
		return d
	})
}
