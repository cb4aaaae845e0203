package main

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
)

// askForStack has the operator ask Flux for a stack, and takes the request back.
func (d *demo) askForStack(ctx context.Context) {
	d.screen.say("A cluster without Prometheus needs no other tool. With spec.stack, the operator has Flux install kube-prometheus-stack:")
	release := moment{"helm.toolkit.fluxcd.io/v2", "HelmRelease", "monitoring", "flux-stack", appears}
	took := d.stopwatch(ctx, release, resource(hasCondition("StackReady")))
	d.patch(ctx, d.kubectl, `{"spec":{"stack":{"kubePrometheusStack":{}}}}`)
	d.screen.measured("reported %s after the HelmRelease was created", short(took()))
	d.kubectl(ctx, "get", "ocirepositories.source.toolkit.fluxcd.io,helmreleases.helm.toolkit.fluxcd.io", "-n", "monitoring")
	d.screen.say("The operator has written its values for the chart, so that everything that it generates fits. It has also created a Secret\n" +
		"with a random password for Grafana. No pods run here, so Flux installs nothing, and StackReady says that it is not done:")
	d.kubectl(ctx, "get", "configmap", "flux-stack-values", "-n", "monitoring", "-o", `jsonpath={.data.values\.yaml}`)
	d.kubectl(ctx, "get", "secret", "flux-grafana-admin", "-n", "monitoring")
	d.kubectl(ctx, "get", "fluxmonitoring", "flux", "-n", "monitoring", "-o", "jsonpath="+
		`{range .status.conditions[?(@.type=="StackReady")]}{.type}={.status} {.reason}{"\n    "}{.message}{"\n"}{end}`)
	release.happens = vanishes
	took = d.stopwatch(ctx, resource(changes), release)
	d.patch(ctx, d.kubectl, `{"spec":{"stack":null}}`)
	d.screen.measured("deleted %s after spec.stack was removed; helm-controller would uninstall the chart", short(took()))
}

// hasCondition holds when the status has a condition of this type.
func hasCondition(condition string) happens {
	return func(_ watch.EventType, o *unstructured.Unstructured) bool {
		conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
		for _, c := range conditions {
			if c, ok := c.(map[string]any); ok && c["type"] == condition {
				return true
			}
		}
		return false
	}
}
