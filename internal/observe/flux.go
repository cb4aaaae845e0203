package observe

import (
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/flux"
)

const (
	// appLabel is in the pod selector of every controller of Flux's manifests, and differs between shards.
	appLabel = "app"
	// componentLabel holds the controller's name on every Deployment of Flux's manifests, including shards.
	componentLabel = "app.kubernetes.io/component"
	// versionLabel holds Flux's version on every object of Flux's manifests.
	versionLabel = "app.kubernetes.io/version"
	// partOfLabel is partOfFlux on every object of Flux's manifests.
	partOfLabel = "app.kubernetes.io/part-of"
	partOfFlux  = "flux"
)

// The labels of Deployments and of their pods that are read.
var (
	keptLabels    = []string{appLabel, componentLabel, versionLabel, partOfLabel, applierName, applierNamespace}
	keptPodLabels = []string{appLabel, componentLabel}
)

// InstallationOf returns the Flux that these Deployments of a namespace make up. Its version is in their version
// label, the first by name if they differ; without it, as in the community's Helm chart, it follows from the
// controllers' versions.
func InstallationOf(namespace string, deployments []appsv1.Deployment) flux.Installation {
	installation := flux.Installation{Namespace: namespace}
	shippedIn := ""
	for _, d := range byName(deployments) {
		controllers := ControllersOf(d)
		for _, c := range controllers {
			if shippedIn == "" {
				shippedIn = flux.DistributionOf(c.Component, c.Version)
			}
		}
		installation.Controllers = append(installation.Controllers, controllers...)
		if len(controllers) > 0 && d.Labels[partOfLabel] == partOfFlux && installation.Version == "" {
			installation.Version = d.Labels[versionLabel]
		}
		if u, is := unscraped(d); is {
			installation.Unscraped = append(installation.Unscraped, u)
		}
	}
	if installation.Version == "" {
		installation.Version = shippedIn
	}
	disambiguate(installation.Controllers)
	return installation
}

// disambiguate gives controllers with the same App another one, unless App is the pods' own label.
func disambiguate(controllers []flux.Controller) {
	seen := map[string]int{}
	for _, c := range controllers {
		seen[c.App]++
	}
	for i := range controllers {
		if c := &controllers[i]; seen[c.App] > 1 && c.Container != "" {
			c.App = c.Name + "-" + c.App
		}
	}
}

// byName sorts Deployments, because a cache lists them in any order.
func byName(deployments []appsv1.Deployment) []*appsv1.Deployment {
	ordered := make([]*appsv1.Deployment, 0, len(deployments))
	for i := range deployments {
		ordered = append(ordered, &deployments[i])
	}
	slices.SortFunc(ordered, func(a, b *appsv1.Deployment) int { return strings.Compare(a.Name, b.Name) })
	return ordered
}

// IsFlux reports whether a Deployment runs a Flux controller, or looks like one.
func IsFlux(d *appsv1.Deployment) bool {
	if len(ControllersOf(d)) > 0 {
		return true
	}
	_, is := unscraped(d)
	return is
}

// StripDeployment is what a cache keeps of a Deployment: of a Flux controller, and of what looks like one, what InstallationOf
// reads, of a Grafana what SidecarsOf reads, of any other its name alone, so that memory hardly grows with what else a cluster runs.
func StripDeployment(in any) (any, error) {
	d, ok := in.(*appsv1.Deployment)
	if !ok {
		return in, nil
	}
	kept := &appsv1.Deployment{ObjectMeta: identityOf(d)}
	if !IsFlux(d) {
		if kept.Spec.Template.Spec = strippedPod(&d.Spec.Template.Spec); len(kept.Spec.Template.Spec.Containers) > 0 {
			kept.Spec.Replicas = d.Spec.Replicas
			kept.Status.ObservedGeneration, kept.Status.ReadyReplicas = keptOfPods(d.Status.ObservedGeneration, d.Status.ReadyReplicas)
		}
		addStackPart(d, kept)
		return kept, nil
	}
	kept.Labels, kept.Spec.Template.Labels = pickLabels(d.Labels, keptLabels), pickLabels(d.Spec.Template.Labels, keptPodLabels)
	if d.Spec.Selector != nil && len(d.Spec.Selector.MatchLabels) > 0 {
		kept.Spec.Selector = &metav1.LabelSelector{MatchLabels: d.Spec.Selector.MatchLabels}
	} else {
		kept.Spec.Template.Labels = d.Spec.Template.Labels
	}
	kept.Spec.Template.Spec.Containers = containersOf(d)
	return kept, nil
}

// containersOf keeps what is read of the containers with a metrics port, or if there are none, of all.
func containersOf(d *appsv1.Deployment) []corev1.Container {
	if found := metricsContainers(d); len(found) > 0 {
		for i, c := range found {
			found[i] = corev1.Container{Name: c.Name, Image: c.Image, Ports: c.Ports}
		}
		return found
	}
	var kept []corev1.Container
	for _, c := range d.Spec.Template.Spec.Containers {
		kept = append(kept, corev1.Container{Name: c.Name, Image: c.Image})
	}
	return kept
}

// pickLabels returns the labels with these names; nil if there are none.
func pickLabels(labels map[string]string, names []string) map[string]string {
	var kept map[string]string
	for _, name := range names {
		if value, is := labels[name]; is {
			if kept == nil {
				kept = map[string]string{}
			}
			kept[name] = value
		}
	}
	return kept
}

// identityOf is the metadata that identifies an object and its version.
func identityOf(o metav1.Object) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: o.GetName(), Namespace: o.GetNamespace(), UID: o.GetUID(),
		ResourceVersion: o.GetResourceVersion(), Generation: o.GetGeneration(), DeletionTimestamp: o.GetDeletionTimestamp(),
	}
}
