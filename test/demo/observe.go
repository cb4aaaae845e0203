package main

import (
	"context"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/fluxmonitoring/operator/test/must"
)

const (
	fluxmonitoringAPI = "fluxmonitoring.dev/v1alpha1"
	monitoringAPI     = "monitoring.coreos.com/v1"
)

// sample is what the user applies.
const sample = "config/samples/fluxmonitoring_minimal.yaml"

// applySample applies a resource that says nothing, and waits until all it means is done.
func (d *demo) applySample(ctx context.Context) {
	content := must.Get(os.ReadFile(sample))
	d.screen.command("cat " + sample)
	d.screen.output(string(content))
	took := d.stopwatch(ctx, resource(appears), resource(isReady))
	d.kubectl(ctx, "apply", "-f", sample)
	d.kubectl(ctx, "wait", "fluxmonitoring/flux", "-n", "monitoring", "--for=condition=Ready", "--timeout=30s")
	d.screen.measured("Ready %s after it was created", short(took()))
	d.kubectl(ctx, "wait", "fluxmonitoring/flux", "-n", "monitoring", "--for=condition=ResourceMetrics", "--timeout=30s")
	d.screen.say("No pods run here, so no Prometheus answers the operator. What it would show is Unknown:")
	d.kubectl(ctx, "get", "fluxmonitoring", "-A", "-o", "wide")
}

// showObjects shows what was made, and that it fits the cluster.
func (d *demo) showObjects(ctx context.Context) {
	d.screen.say("Two PodMonitors, a PrometheusRule and a ConfigMap for each dashboard. The PodMonitors and the PrometheusRule have the\n" +
		"label release, because the Prometheus of this cluster selects by it:")
	d.kubectl(ctx, "get", "podmonitor,prometheusrule,configmap", "-n", "monitoring",
		"-l", "fluxmonitoring.dev/name=flux", "-L", "release", "-L", "grafana_dashboard")
	d.screen.say("The PodMonitor flux selects the pods of the controllers that run in this cluster:")
	d.kubectl(ctx, "get", "podmonitor", "flux", "-n", "monitoring", "-o", "jsonpath="+scraped)
	d.screen.say("The PrometheusRule has these alerts. There is one FluxControllerDown for each controller:")
	d.kubectl(ctx, "get", "prometheusrule", "flux", "-n", "monitoring", "-o", "jsonpath="+
		`{range .spec.groups[*].rules[?(@.alert)]}{.labels.severity}{"\t"}{.alert}{"  "}{.labels.app}{"\n"}{end}`)
}

// scraped is the JSONPath of the controllers that the PodMonitor selects.
const scraped = `{range .spec.selector.matchExpressions[0].values[*]}{@}{"\n"}{end}`

// showStatus shows the conditions, and the events.
func (d *demo) showStatus(ctx context.Context) {
	d.kubectl(ctx, "get", "fluxmonitoring", "flux", "-n", "monitoring", "-o", "jsonpath="+
		`{range .status.conditions[*]}{.type}={.status} {.reason}{"\n    "}{.message}{"\n"}{end}`)
	d.screen.say("ResourceMetrics reports who exports the state of Flux objects. The controllers have not done so since Flux 2.5, so the\n" +
		"operator does. Prometheus scrapes the operator because of the second PodMonitor, flux-exporter.")
	d.screen.say("The events list what the operator did:")
	d.kubectl(ctx, "events", "-n", "monitoring", "--for", "fluxmonitoring/flux")
}

// resource is a moment of the FluxMonitoring.
func resource(happens happens) moment {
	return moment{fluxmonitoringAPI, "FluxMonitoring", "monitoring", "flux", happens}
}

func appears(t watch.EventType, _ *unstructured.Unstructured) bool { return t == watch.Added }

func vanishes(t watch.EventType, _ *unstructured.Unstructured) bool { return t == watch.Deleted }

// isReady holds when Ready is True and speaks of the present spec.
func isReady(_ watch.EventType, o *unstructured.Unstructured) bool {
	return ready(o) == "True"
}

// isNotReady holds when Ready is False and speaks of the present spec.
func isNotReady(_ watch.EventType, o *unstructured.Unstructured) bool {
	return ready(o) == "False"
}

func ready(o *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	observed, _, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok && c["type"] == "Ready" && observed == o.GetGeneration() {
			status, _ := c["status"].(string)
			return status
		}
	}
	return ""
}
