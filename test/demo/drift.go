package main

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
)

// interval is the JSONPath of how often the PodMonitor has the controllers scraped.
const interval = `{.spec.podMetricsEndpoints[0].interval}{"\n"}`

// undoDrift changes a generated object by hand, and sees it restored.
func (d *demo) undoDrift(ctx context.Context) {
	took := d.stopwatch(ctx, podMonitor(scrapedEvery("5m")), podMonitor(scrapedEvery("30s")))
	d.screen.say("The demo changes the interval of the PodMonitor from 30s to 5m:")
	d.kubectl(ctx, "patch", "podmonitor", "flux", "-n", "monitoring", "--type=json",
		"-p", `[{"op":"replace","path":"/spec/podMetricsEndpoints/0/interval","value":"5m"}]`)
	d.screen.measured("the interval is 30s again after %s", short(took()))
	d.kubectl(ctx, "get", "podmonitor", "flux", "-n", "monitoring", "-o", "jsonpath="+interval)
}

// restoreDeleted deletes a generated object, and sees it come back.
func (d *demo) restoreDeleted(ctx context.Context) {
	const name = "flux-dashboard-cluster"
	took := d.stopwatch(ctx, configMap(name, vanishes), configMap(name, appears))
	d.kubectl(ctx, "delete", "configmap", name, "-n", "monitoring")
	d.screen.measured("recreated after %s", short(took()))
	d.kubectl(ctx, "get", "configmap", name, "-n", "monitoring")
}

// podMonitor is a moment of the PodMonitor.
func podMonitor(happens happens) moment {
	return moment{monitoringAPI, "PodMonitor", "monitoring", "flux", happens}
}

func configMap(name string, happens happens) moment {
	return moment{"v1", "ConfigMap", "monitoring", name, happens}
}

// scrapedEvery holds of a PodMonitor with this interval.
func scrapedEvery(interval string) happens {
	return func(_ watch.EventType, o *unstructured.Unstructured) bool {
		endpoints, _, _ := unstructured.NestedSlice(o.Object, "spec", "podMetricsEndpoints")
		if len(endpoints) == 0 {
			return false
		}
		endpoint, ok := endpoints[0].(map[string]any)
		return ok && endpoint["interval"] == interval
	}
}
