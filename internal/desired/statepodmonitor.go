package desired

import (
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// The pods of a metrics source, by the label app.kubernetes.io/name, and the name of the port that exports the state of objects.
const (
	nameLabel = "app.kubernetes.io/name"

	exporterName = ManagedBy

	fluxOperatorName = "flux-operator"
	fluxOperatorPort = "http-metrics"
)

// statePodMonitor scrapes the metrics source, unless that is the controllers or a kube-state-metrics.
func statePodMonitor(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	source := pipeline.Exposure(fm, facts).State
	suffix := pipeline.StateSuffix(source)
	if suffix == "" || !v1alpha1.On(fm.Spec.Scrape.Enabled) || !facts.FluxFound() {
		return nil, nil
	}
	if source == flux.OperatorReport {
		spec := scrapeOf(fm, facts.FluxOperatorNamespace, fluxOperatorName, fluxOperatorPort)
		spec.PodMetricsEndpoints[0].MetricRelabelConfigs = reportRelabelings()
		return podMonitorOf(fm, facts, suffix, spec)
	}
	spec := scrapeOf(fm, facts.Exporter.Namespace, exporterName, pipeline.ExporterPort)
	endpoint := &spec.PodMetricsEndpoints[0]
	secure(endpoint, facts)
	// The exporter writes the object's own namespace into the families of Flux's guide, and that must win over the namespace of the
	// operator's pod.
	endpoint.HonorLabels = true
	endpoint.MetricRelabelConfigs = exporterRelabelings(fm)
	return podMonitorOf(fm, facts, suffix, spec)
}

// scrapeOf scrapes one port of the pods with a name. It does not use the relabelings of spec.scrape: they are written for the controllers,
// and one that keeps only these would drop everything here.
func scrapeOf(fm *v1alpha1.FluxMonitoring, namespace, name, port string) monitoringv1.PodMonitorSpec {
	return monitoringv1.PodMonitorSpec{
		NamespaceSelector:   monitoringv1.NamespaceSelector{MatchNames: []string{namespace}},
		Selector:            metav1.LabelSelector{MatchLabels: map[string]string{nameLabel: name}},
		PodMetricsEndpoints: []monitoringv1.PodMetricsEndpoint{endpointOf(fm, port)},
	}
}

// secure scrapes by HTTPS if the operator serves HTTPS. The certificate is self-signed unless one was supplied, so Prometheus does not
// verify it. The operator does not know the token or the CA: the user names Secrets with them by spec.patches.
func secure(endpoint *monitoringv1.PodMetricsEndpoint, facts facts.Facts) {
	if !facts.MetricsSecure {
		return
	}
	https, unverified := monitoringv1.Scheme("https"), true // so written, every version of the CRD takes it
	endpoint.Scheme = &https
	endpoint.TLSConfig = &monitoringv1.SafeTLSConfig{InsecureSkipVerify: &unverified}
}

// exporterInstance is the label instance of every series of the exporter. OpenTelemetry's Prometheus receiver refuses a scrape in which a
// sample has none or, since 2024, uses that of the pod.
const exporterInstance = exporterName

// exporterRelabelings make an object's series the same whichever replica of the operator exports them, so that a change of leader neither
// doubles nor renames them; and they add the label exported_namespace beside namespace to the families of Flux's guide, so that rules and
// dashboards of both spellings work. A Prometheus that overrides honorLabels has already moved it there, and has put the namespace of the
// pod into namespace.
//
// They relabel samples, not targets: Prometheus scrapes only one of several targets whose labels are the same, and that would
// seldom be the leader.
func exporterRelabelings(fm *v1alpha1.FluxMonitoring) []monitoringv1.RelabelConfig {
	guide := flux.StateCondition + "|" + flux.StateSuspended
	instance := exporterInstance
	relabelings := []monitoringv1.RelabelConfig{
		{Action: "labeldrop", Regex: flux.LabelPod},
		{Action: "replace", TargetLabel: flux.LabelInstance, Replacement: &instance},
	}
	if !fm.Spec.ResourceMetrics.HasLegacyMetrics() {
		return append(relabelings, monitoringv1.RelabelConfig{
			Action: "drop", SourceLabels: []monitoringv1.LabelName{"__name__"}, Regex: guide,
		})
	}
	separator, namespace := ";", "$2"
	return append(relabelings, monitoringv1.RelabelConfig{
		Action:       "replace",
		SourceLabels: []monitoringv1.LabelName{"__name__", flux.LabelObjectNamespace, "namespace"}, Separator: &separator,
		Regex: "(" + guide + ");;(.+)", Replacement: &namespace, TargetLabel: flux.LabelObjectNamespace,
	})
}

// reportTexts are the labels of flux-operator's families whose values can have any length: users write them, and flux-operator does not
// truncate them.
var reportTexts = []monitoringv1.LabelName{"path", "reason", "ref", "registry", "revision", "source_name", "url"}

// reportRelabelings truncate what flux-operator exports to 255 characters, at most 1,020 bytes: a longer value of one object would reach a
// limit at which Prometheus drops the state of all.
func reportRelabelings() []monitoringv1.RelabelConfig {
	var relabelings []monitoringv1.RelabelConfig
	for _, label := range reportTexts {
		start := "$1"
		relabelings = append(relabelings, monitoringv1.RelabelConfig{
			Action: "replace", SourceLabels: []monitoringv1.LabelName{label}, Regex: "(?s)(.{255}).+", Replacement: &start,
			TargetLabel: string(label),
		})
	}
	return relabelings
}
