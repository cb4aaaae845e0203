package observe

import (
	"path"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/flux"
)

const (
	// MetricsPort is the name of the container port on which Flux's controllers serve metrics.
	MetricsPort = "http-prom"
	// appLabel is in the pod selector of every controller of a Flux install, and tells shards apart.
	appLabel = "app"
	// versionLabel holds the distribution's version on every object of a Flux install.
	versionLabel = "app.kubernetes.io/version"
	// partOfLabel is flux on every object of a Flux install.
	partOfLabel = "app.kubernetes.io/part-of"
)

// ControllerOf returns the Flux controller a Deployment is: it has a container port named http-prom, and its pod selector
// fixes the label app, as every Flux install does.
func ControllerOf(d *appsv1.Deployment) (flux.Controller, bool) {
	if d.Spec.Selector == nil || d.Spec.Selector.MatchLabels[appLabel] == "" {
		return flux.Controller{}, false
	}
	for _, c := range d.Spec.Template.Spec.Containers {
		if slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.Name == MetricsPort }) {
			component, version := splitImage(c.Image)
			return flux.Controller{
				Name: d.Name, App: d.Spec.Selector.MatchLabels[appLabel], Component: component, Version: version,
			}, true
		}
	}
	return flux.Controller{}, false
}

// splitImage returns the last path element of an image reference without tag and digest, and the tag.
func splitImage(image string) (component, tag string) {
	image, _, _ = strings.Cut(image, "@")
	component, tag, _ = strings.Cut(path.Base(image), ":")
	return component, tag
}

// InstallationOf returns the Flux that these Deployments of a namespace are. Its version is the distribution's label, of the
// first by name where they differ; where that is missing, as with the community's Helm chart, it is told from the
// controllers' own versions.
func InstallationOf(namespace string, deployments []appsv1.Deployment) flux.Installation {
	installation := flux.Installation{Namespace: namespace}
	told := ""
	for _, d := range byName(deployments) {
		c, ok := ControllerOf(d)
		if !ok {
			continue
		}
		installation.Controllers = append(installation.Controllers, c)
		if d.Labels[partOfLabel] == "flux" && installation.Version == "" {
			installation.Version = d.Labels[versionLabel]
		}
		if told == "" {
			told = flux.DistributionOf(c.Component, c.Version)
		}
	}
	if installation.Version == "" {
		installation.Version = told
	}
	return installation
}

// byName orders Deployments by name: a cache lists them in any order, and what is told of them must not change with it.
func byName(deployments []appsv1.Deployment) []*appsv1.Deployment {
	ordered := make([]*appsv1.Deployment, 0, len(deployments))
	for i := range deployments {
		ordered = append(ordered, &deployments[i])
	}
	slices.SortFunc(ordered, func(a, b *appsv1.Deployment) int { return strings.Compare(a.Name, b.Name) })
	return ordered
}

// StripDeployment is what a cache keeps of a Deployment: of a Flux controller what ControllerOf and InstallationOf read, of
// any other its name alone, so that memory hardly grows with what else a cluster runs.
func StripDeployment(in any) (any, error) {
	d, ok := in.(*appsv1.Deployment)
	if !ok {
		return in, nil
	}
	kept := &appsv1.Deployment{ObjectMeta: bare(d)}
	for _, c := range d.Spec.Template.Spec.Containers {
		i := slices.IndexFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.Name == MetricsPort })
		if i < 0 {
			continue
		}
		kept.Labels = map[string]string{partOfLabel: d.Labels[partOfLabel], versionLabel: d.Labels[versionLabel]}
		kept.Spec.Selector = d.Spec.Selector
		kept.Spec.Template.Spec.Containers = []corev1.Container{{
			Name: c.Name, Image: c.Image, Ports: []corev1.ContainerPort{{Name: MetricsPort}},
		}}
		break
	}
	return kept, nil
}

// bare is the metadata that identifies an object's state, and nothing else.
func bare(o metav1.Object) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: o.GetName(), Namespace: o.GetNamespace(), UID: o.GetUID(),
		ResourceVersion: o.GetResourceVersion(), Generation: o.GetGeneration(),
	}
}
