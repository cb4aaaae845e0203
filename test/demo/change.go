package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/must"
)

// followSpec changes the spec, and waits until the objects have followed.
func (d *demo) followSpec(ctx context.Context) {
	alert := []string{"get", "prometheusrule", "flux", "-n", "monitoring", "-o", "jsonpath=" +
		`{range .spec.groups[*].rules[?(@.alert=="FluxReconcileStuck")]}{.expr}{"\n"}for {.for}, {.labels.severity}{"\n"}{end}`}
	d.kubectl(ctx, alert...)
	took := d.stopwatch(ctx, resource(changes), podMonitor(scrapedEvery("15s")))
	d.patch(ctx, d.kubectl, `{"spec":{"scrape":{"interval":"15s"},"alerts":{"overrides":[`+
		`{"name":"FluxReconcileStuck","threshold":"1800","for":"10m","severity":"critical"}]}}}`)
	d.screen.measured("applied after %s", short(took()))
	d.kubectl(ctx, alert...)
	d.kubectl(ctx, "get", "podmonitor", "flux", "-n", "monitoring", "-o", "jsonpath="+interval)
}

// explainMistakes makes mistakes, and shows the answers of the API server and the operator.
func (d *demo) explainMistakes(ctx context.Context) {
	d.screen.say("The API server refuses a spec that cannot work, and says what to correct:")
	for _, mistake := range []string{
		`{"spec":{"scrape":{"timeout":"45s"}}}`,
		`{"spec":{"alerts":{"overrides":[{"name":"FluxControllerDown","severity":"page"}]}}}`,
	} {
		d.patch(ctx, d.refused, mistake)
	}
	d.screen.say("The operator reports what the API server cannot check, here a wrong PromQL expression. It keeps the existing objects:")
	d.awaiting(ctx, isNotReady, `{"spec":{"alerts":{"additionalGroups":[{"name":"mine","rules":[`+
		`{"alert":"Slow","expr":"rate(gotk_reconcile_duration_seconds_sum[5m) > 1"}]}]}}}`)
	d.kubectl(ctx, "get", "fluxmonitoring", "-n", "monitoring", "-o", "wide")
	d.awaiting(ctx, isReady, `{"spec":{"alerts":{"additionalGroups":null}}}`)
	d.screen.measured("Ready again after the correction")
}

// followShard adds a shard of source-controller to Flux, and sees it scraped.
func (d *demo) followShard(ctx context.Context) {
	const shard = "source-controller-shard1"
	file := filepath.Join(d.folder, "shard.yaml")
	writeShard(ctx, file)
	deployment := moment{"apps/v1", "Deployment", "flux-system", shard, appears}
	took := d.stopwatch(ctx, deployment, podMonitor(scrapes(shard)))
	d.kubectl(ctx, "apply", "-f", file)
	d.screen.measured("the PodMonitor selects the shard after %s", short(took()))
	d.kubectl(ctx, "get", "podmonitor", "flux", "-n", "monitoring", "-o", "jsonpath="+scraped)
}

// writeShard writes what a user would, following Flux's documentation on sharding.
func writeShard(ctx context.Context, file string) {
	var content []byte
	for _, o := range must.Get(cluster.Shard(ctx, "flux-system", "source-controller", "shard1")) {
		content = append(append(content, "---\n"...), must.Get(yaml.Marshal(o.Object))...)
	}
	must.Succeed(os.WriteFile(file, content, 0o600))
}

// patch patches the FluxMonitoring.
func (d *demo) patch(ctx context.Context, run func(context.Context, ...string), patch string) {
	run(ctx, "patch", "fluxmonitoring", "flux", "-n", "monitoring", "--type=merge", "-p", patch)
}

// awaiting patches the FluxMonitoring, and waits until its status reports something.
func (d *demo) awaiting(ctx context.Context, until happens, patch string) {
	took := d.stopwatch(ctx, resource(changes), resource(until))
	d.patch(ctx, d.kubectl, patch)
	took()
}

// changes is any change.
func changes(t watch.EventType, _ *unstructured.Unstructured) bool { return t == watch.Modified }

// scrapes holds of a PodMonitor that selects this controller.
func scrapes(app string) happens {
	return func(_ watch.EventType, o *unstructured.Unstructured) bool {
		expressions, _, _ := unstructured.NestedSlice(o.Object, "spec", "selector", "matchExpressions")
		if len(expressions) == 0 {
			return false
		}
		expression, _ := expressions[0].(map[string]any)
		values, _ := expression["values"].([]any)
		return slices.Contains(values, any(app))
	}
}
