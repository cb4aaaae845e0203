package observe

import (
	"cmp"
	"path"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// ControllersOf returns the Flux controllers that a Deployment runs: one, or one for each container of a known
// component. Each has a container port whose name begins with http-prom.
func ControllersOf(d *appsv1.Deployment) []flux.Controller {
	exporting := metricsContainers(d)
	if len(exporting) == 0 || len(selectorOf(d)) == 0 {
		return nil
	}
	known := slices.DeleteFunc(slices.Clone(exporting), func(c corev1.Container) bool { return componentOfContainer(c) == "" })
	whole := componentOf(d)
	switch {
	case len(known) > 1:
		return several(d, known)
	case whole == "" && len(known) == 0 && len(exporting) > 1:
		return several(d, exporting)
	case len(known) == 1:
		return []flux.Controller{single(d, known[0], whole)}
	}
	return []flux.Controller{single(d, exporting[0], whole)}
}

// metricsContainers are the containers with a metrics port of Flux, each with only that port. Those whose port is
// named exactly http-prom come first.
func metricsContainers(d *appsv1.Deployment) []corev1.Container {
	var found []corev1.Container
	for _, c := range d.Spec.Template.Spec.Containers {
		ports := slices.DeleteFunc(slices.Clone(c.Ports), func(p corev1.ContainerPort) bool { return !strings.HasPrefix(p.Name, flux.MetricsPort) })
		if len(ports) == 0 {
			continue
		}
		c.Ports = []corev1.ContainerPort{{Name: slices.MinFunc(ports, func(a, b corev1.ContainerPort) int { return cmp.Compare(a.Name, b.Name) }).Name}}
		found = append(found, c)
	}
	slices.SortStableFunc(found, func(a, b corev1.Container) int {
		return cmp.Compare(min(len(a.Ports[0].Name), len(flux.MetricsPort)+1), min(len(b.Ports[0].Name), len(flux.MetricsPort)+1))
	})
	return found
}

// single is the controller of a Deployment with one. Its App is the label app of the pod selector, or the
// Deployment's name.
func single(d *appsv1.Deployment, c corev1.Container, component string) flux.Controller {
	base, version := splitImage(c.Image)
	controller := flux.Controller{
		Name: d.Name, App: selectorOf(d)[appLabel], Version: version, Port: otherPort(c),
		Component: cmp.Or(component, flux.ComponentOfImage(base), flux.ComponentIn(c.Name), flux.ComponentOfPort(c.Ports[0].Name)),
	}
	if controller.App == "" {
		controller.App, controller.Pods = d.Name, selectorOf(d)
	}
	return controller
}

// several are the controllers of a Deployment with one in each of these containers, sorted by App: the component, or
// the container's name if the component is unknown or not unique.
func several(d *appsv1.Deployment, containers []corev1.Container) []flux.Controller {
	seen := map[string]int{}
	for _, c := range containers {
		seen[componentOfContainer(c)]++
	}
	controllers := make([]flux.Controller, 0, len(containers))
	for _, c := range containers {
		_, version := splitImage(c.Image)
		controller := flux.Controller{
			Name: d.Name, Component: componentOfContainer(c), Version: version, Port: otherPort(c), Pods: selectorOf(d), Container: c.Name,
		}
		if controller.App = controller.Component; controller.App == "" || seen[controller.App] > 1 {
			controller.App = d.Name + "-" + c.Name
		}
		controllers = append(controllers, controller)
	}
	slices.SortFunc(controllers, func(a, b flux.Controller) int { return cmp.Compare(a.App, b.App) })
	return controllers
}

// otherPort is the name of a container's metrics port, unless it is the default one.
func otherPort(c corev1.Container) string {
	if name := c.Ports[0].Name; name != flux.MetricsPort {
		return name
	}
	return ""
}

// selectorOf are the labels by which a Deployment selects its pods. If it has only expressions, all labels of its
// pods match too.
func selectorOf(d *appsv1.Deployment) map[string]string {
	if d.Spec.Selector != nil && len(d.Spec.Selector.MatchLabels) > 0 {
		return d.Spec.Selector.MatchLabels
	}
	return d.Spec.Template.Labels
}

// componentOf is the component that a Deployment runs, by its labels or its name, which can have a shard's suffix;
// empty if unknown.
func componentOf(d *appsv1.Deployment) string {
	if labelled := labelledComponent(d); labelled != "" {
		return labelled
	}
	return cmp.Or(flux.ComponentIn(d.Name), flux.ComponentIn(d.Labels[appLabel]), flux.ComponentIn(selectorOf(d)[appLabel]),
		flux.ComponentIn(d.Spec.Template.Labels[appLabel]))
}

// labelledComponent is the component in the component label, if it is one of Flux's.
func labelledComponent(d *appsv1.Deployment) string {
	return cmp.Or(flux.ComponentIn(d.Labels[componentLabel]), flux.ComponentIn(d.Spec.Template.Labels[componentLabel]))
}

// componentOfContainer is the component that a container runs, by its name, image or port.
func componentOfContainer(c corev1.Container) string {
	base, _ := splitImage(c.Image)
	component := cmp.Or(flux.ComponentIn(c.Name), flux.ComponentOfImage(base))
	for _, p := range c.Ports {
		component = cmp.Or(component, flux.ComponentOfPort(p.Name))
	}
	return component
}

// unscraped returns a Deployment that looks like Flux's by its labels or an image, but has no metrics port.
func unscraped(d *appsv1.Deployment) (flux.Unscraped, bool) {
	if len(metricsContainers(d)) > 0 {
		return flux.Unscraped{}, false
	}
	component := labelledComponent(d)
	for _, c := range d.Spec.Template.Spec.Containers {
		base, _ := splitImage(c.Image)
		component = cmp.Or(component, flux.ComponentOfImage(base))
	}
	return flux.Unscraped{Name: d.Name, Component: component}, component != "" || d.Labels[partOfLabel] == partOfFlux
}

// splitImage returns the last path element of an image reference without tag and digest, and the tag.
func splitImage(image string) (base, tag string) {
	image, _, _ = strings.Cut(image, "@")
	base, tag, _ = strings.Cut(path.Base(image), ":")
	return base, tag
}
