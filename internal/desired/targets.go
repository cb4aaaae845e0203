package desired

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// target is a port of pods to scrape, and which of the pods that the PodMonitor selects it is for.
type target struct {
	port        string
	relabelings []monitoringv1.RelabelConfig
}

// templateLabel is on the pods of every Deployment.
const templateLabel = "pod-template-hash"

// withAppLabel are the controllers whose pods have their own label app, as in Flux's own manifests.
func withAppLabel(controllers []flux.Controller) []flux.Controller {
	return slices.DeleteFunc(slices.Clone(controllers), func(c flux.Controller) bool { return len(c.Pods) > 0 })
}

// selectorOf selects the pods of the controllers: by the label app if all have it, else by the labels that all have. If they have none in
// common, it selects the pods of every Deployment, and the relabelings of the targets keep the right ones.
func selectorOf(controllers []flux.Controller) metav1.LabelSelector {
	values := commonLabels(controllers)
	if apps, is := values[flux.LabelApp]; is {
		values = map[string][]string{flux.LabelApp: apps}
	}
	if len(values) == 0 {
		return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{
			Key: templateLabel, Operator: metav1.LabelSelectorOpExists,
		}}}
	}
	var selector metav1.LabelSelector
	for _, key := range slices.Sorted(maps.Keys(values)) {
		selector.MatchExpressions = append(selector.MatchExpressions, metav1.LabelSelectorRequirement{
			Key: key, Operator: metav1.LabelSelectorOpIn, Values: values[key],
		})
	}
	return selector
}

// commonLabels are the labels by which the pods of all controllers are selected, with their values sorted.
func commonLabels(controllers []flux.Controller) map[string][]string {
	values := map[string][]string{}
	for key := range controllers[0].Selector() {
		for _, c := range controllers {
			if value, is := c.Selector()[key]; is {
				values[key] = append(values[key], value)
			}
		}
		if len(values[key]) < len(controllers) {
			delete(values, key)
			continue
		}
		slices.Sort(values[key])
		values[key] = slices.Compact(values[key])
	}
	return values
}

// targetsOf are what to scrape of the controllers: one port for all that have the label app, and one for each other, whose series get the
// label app from a relabeling.
func targetsOf(controllers []flux.Controller) []target {
	var targets []target
	ports := map[string][]string{}
	for _, c := range withAppLabel(controllers) {
		ports[c.PortName()] = append(ports[c.PortName()], c.App)
	}
	for _, port := range slices.Sorted(maps.Keys(ports)) {
		t := target{port: port}
		if len(ports) > 1 || len(withAppLabel(controllers)) < len(controllers) {
			slices.Sort(ports[port])
			t.relabelings = keepMatching(map[monitoringv1.LabelName][]string{podLabel(flux.LabelApp): slices.Compact(ports[port])})
		}
		targets = append(targets, t)
	}
	for _, c := range controllers {
		if len(c.Pods) > 0 {
			app := strings.ReplaceAll(c.App, "$", "$$")
			targets = append(targets, target{port: c.PortName(), relabelings: append(keepMatching(podLabels(c)), monitoringv1.RelabelConfig{
				Action: "replace", TargetLabel: flux.LabelApp, Replacement: &app,
			})})
		}
	}
	return targets
}

// podLabels are the labels of the discovery of pods that identify a controller's container.
func podLabels(c flux.Controller) map[monitoringv1.LabelName][]string {
	labels := map[monitoringv1.LabelName][]string{}
	for key, value := range c.Pods {
		labels[podLabel(key)] = []string{value}
	}
	if c.Container != "" {
		labels["__meta_kubernetes_pod_container_name"] = []string{c.Container}
	}
	return labels
}

// notInLabelNames are the characters that the discovery of pods replaces by _ in names of labels.
var notInLabelNames = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// podLabel is the name of a pod's label in the discovery of pods.
func podLabel(key string) monitoringv1.LabelName {
	return monitoringv1.LabelName("__meta_kubernetes_pod_label_" + notInLabelNames.ReplaceAllString(key, "_"))
}

// keepMatching keeps the targets whose labels each have one of these values.
func keepMatching(labels map[monitoringv1.LabelName][]string) []monitoringv1.RelabelConfig {
	keep := monitoringv1.RelabelConfig{Action: "keep", SourceLabels: slices.Sorted(maps.Keys(labels))}
	var values []string
	for _, label := range keep.SourceLabels {
		var quoted []string
		for _, value := range labels[label] {
			quoted = append(quoted, regexp.QuoteMeta(value))
		}
		if len(quoted) > 1 {
			quoted = []string{"(" + strings.Join(quoted, "|") + ")"}
		}
		values = append(values, quoted...)
	}
	keep.Regex = strings.Join(values, ";")
	return []monitoringv1.RelabelConfig{keep}
}
