package desired

import (
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// parts are pieces of specs, of which any combination is a spec.
var parts = map[string][]string{
	"scrape": {
		"{}", "{enabled: false}", "{interval: 5s, cardinality: Minimal}", "{cardinality: Full}",
		"{relabelings: [{targetLabel: a, replacement: b}], metricRelabelings: [{action: drop, regex: x.*, sourceLabels: [__name__]}]}",
	},
	"dashboards": {
		"{}", "{enabled: false}", "{include: [flux-cluster]}", `{labels: {}, folder: "", annotations: {a: b}}`, "{datasources: {prometheus: {uid: prometheus}}}",
		"{format: GrafanaDashboard, datasources: {loki: {uid: loki}}}", "{eventAnnotations: {address: 'http://grafana'}}",
		"{enabled: false, eventAnnotations: {address: 'http://grafana', namespaces: [a, b], secretRef: {name: d}, events: Errors}}",
		"{format: GrafanaDashboard, labels: {a: b}, folder: '', instanceSelector: {matchExpressions: [{key: a, operator: Exists}]}}",
	},
	"alerts": {
		"{}", "{enabled: false}", "{labels: {a: b, c: d}, annotations: {e: f}}",
		"{overrides: [{name: FluxControllerDown, for: '0', severity: info}, {name: FluxControllerNotReconciling, enabled: false}]}",
		"{additionalGroups: [{name: mine, rules: [{record: 'a:b', expr: up}, {alert: A, expr: up, for: 5m}]}]}",
	},
	"notifications": {
		"null", "{receivers: [{name: a, pagerdutyConfigs: [{routingKey: {name: a, key: b}}]}]}",
		"{receivers: [{name: a, rocketchatConfigs: [{channel: '#a'}]}, {name: b}], defaultReceiver: b, severities: [critical, warning, info], " +
			"routes: [{receiver: a, namespaces: [c]}], heartbeat: {urlSecretRef: {name: c, key: d}, interval: 1m}}",
		"{heartbeat: {urlSecretRef: {name: c, key: d}}}",
	},
	"commonMetadata": {"{}", "{labels: {team: a}, annotations: {note: b}}"},
	"prometheus":     {"{}", "{labelPolicy: Manual}"},
	"deletionPolicy": {"Delete", "Orphan"},
	"clusterName":    {`""`, "production"},
	"patches": {
		"[]", "[]", "[]",
		"[{target: {labelSelector: app.kubernetes.io/part-of=flux}, patch: '- {op: add, path: /metadata/annotations, value: {a: b}}'}]",
		"[{target: {kind: PodMonitor}, patch: '- {op: add, path: /spec/sampleLimit, value: 5}'}]",
	},
}

func anyFluxMonitoring() *rapid.Generator[*v1alpha1.FluxMonitoring] {
	return rapid.Custom(func(t *rapid.T) *v1alpha1.FluxMonitoring {
		var spec []string
		for _, part := range []string{"scrape", "dashboards", "alerts", "notifications", "commonMetadata", "prometheus", "deletionPolicy", "clusterName", "patches"} {
			spec = append(spec, part+": "+rapid.SampledFrom(parts[part]).Draw(t, part))
		}
		fm := &v1alpha1.FluxMonitoring{}
		fm.Namespace, fm.Name, fm.UID = "monitoring", "flux", "uid-of-flux"
		if err := yaml.UnmarshalStrict([]byte("{"+strings.Join(spec, ", ")+"}"), &fm.Spec); err != nil {
			t.Fatal(err)
		}
		return fm
	})
}

func anyFacts() *rapid.Generator[facts.Facts] {
	return rapid.Custom(func(t *rapid.T) facts.Facts {
		version := rapid.SampledFrom([]string{"v2.9.4", "v2.4.0", ""}).Draw(t, "version")
		names := rapid.SliceOfDistinct(rapid.SampledFrom(append(flux.Components(), "source-controller-shard1")), rapid.ID[string]).Draw(t, "controllers")
		slices.Sort(names)
		facts := facts.Facts{Flux: fluxOf(version, names...)}
		if rapid.Bool().Draw(t, "a Prometheus") {
			facts.Prometheuses = []selection.Instance{selecting("one", "release", "kps")}
		}
		if rapid.Bool().Draw(t, "metrics of its own") {
			facts.MetricsNamespace = "fluxmonitoring-system"
		}
		if rapid.Bool().Draw(t, "the newer version alone") {
			facts.Served = map[schema.GroupVersionKind]bool{kinds.AlertmanagerConfigBeta: true}
		}
		return facts
	})
}

func anyDeployment() *rapid.Generator[appsv1.Deployment] {
	return rapid.Custom(func(t *rapid.T) appsv1.Deployment {
		component := rapid.SampledFrom(flux.Components()).Draw(t, "component")
		d := appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: component + rapid.SampledFrom([]string{"", "-shard1"}).Draw(t, "shard")}}
		d.Labels = map[string]string{
			"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/version": rapid.SampledFrom([]string{"v2.9.4", "v2.4.0", ""}).Draw(t, "version"),
		}
		d.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": d.Name}}
		d.Spec.Template.Spec.Containers = []corev1.Container{{
			Image: component + rapid.SampledFrom([]string{":v1.9.4", ":v1.4.0", ""}).Draw(t, "tag"), Ports: []corev1.ContainerPort{{Name: "http-prom"}},
		}}
		return d
	})
}
