package desired

import (
	"fmt"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// podMonitor selects the controllers by the labels of their pods. honorLabels stays off: with it the label namespace would be the Flux
// object's and not the controller's.
func podMonitor(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	if !v1alpha1.On(fm.Spec.Scrape.Enabled) || len(facts.Flux.Controllers) == 0 {
		return nil, nil
	}
	if err := checkTimeout(&fm.Spec.Scrape); err != nil {
		return nil, err
	}
	if err := checkRelabelings(&fm.Spec.Scrape); err != nil {
		return nil, err
	}
	controllers := facts.Flux.Controllers
	spec := monitoringv1.PodMonitorSpec{
		NamespaceSelector: monitoringv1.NamespaceSelector{MatchNames: []string{facts.Flux.Namespace}},
		Selector:          selectorOf(controllers),
	}
	if len(withAppLabel(controllers)) > 0 {
		spec.PodTargetLabels = []string{flux.LabelApp}
	}
	for _, t := range targetsOf(controllers) {
		endpoint := endpointOf(fm, t.port)
		endpoint.RelabelConfigs = slices.Concat(t.relabelings, endpoint.RelabelConfigs, fm.Spec.Scrape.Relabelings)
		endpoint.MetricRelabelConfigs = append(dropRelabelings(fm, facts), fm.Spec.Scrape.MetricRelabelings...)
		spec.PodMetricsEndpoints = append(spec.PodMetricsEndpoints, endpoint)
	}
	return podMonitorOf(fm, facts, "", spec)
}

// checkTimeout refuses a timeout above the interval, which Prometheus would refuse with its whole configuration. The CRD compares the two only
// if neither has days, weeks or years.
func checkTimeout(spec *v1alpha1.ScrapeSpec) error {
	interval, err := spec.IntervalInEffect().Parse()
	if err != nil {
		return &ConfigurationError{Field: "spec.scrape.interval", Err: err}
	}
	timeout, err := spec.TimeoutInEffect().Parse()
	if err == nil && timeout > interval {
		err = fmt.Errorf("%s is above the interval %s: lower timeout or raise interval", spec.TimeoutInEffect(), spec.IntervalInEffect())
	}
	if err != nil {
		return &ConfigurationError{Field: "spec.scrape.timeout", Err: err}
	}
	return nil
}

// endpointOf is a port of a pod with the settings of spec.scrape.
func endpointOf(fm *v1alpha1.FluxMonitoring, port string) monitoringv1.PodMetricsEndpoint {
	return monitoringv1.PodMetricsEndpoint{
		Port:           &port,
		Path:           "/metrics",
		Interval:       monitoringv1.Duration(fm.Spec.Scrape.IntervalInEffect()),
		ScrapeTimeout:  monitoringv1.Duration(fm.Spec.Scrape.TimeoutInEffect()),
		RelabelConfigs: clusterRelabeling(fm),
	}
}

// clusterRelabeling sets the label cluster on scraped series, as the recording rules do, so that the variable of a dashboard matches both.
func clusterRelabeling(fm *v1alpha1.FluxMonitoring) []monitoringv1.RelabelConfig {
	if fm.Spec.ClusterName == "" {
		return nil
	}
	name := strings.ReplaceAll(fm.Spec.ClusterName, "$", "$$") // which would refer to a part of a match
	return []monitoringv1.RelabelConfig{{Action: "replace", TargetLabel: flux.LabelCluster, Replacement: &name}}
}

// The limits of a sample's labels, in number and in bytes. Some managed services require these limits and allow no higher ones. A sample
// beyond one of them fails the whole scrape; the exporter's samples have less than half as many labels.
const (
	labelLimit            = 63
	labelNameLengthLimit  = 511
	labelValueLengthLimit = flux.MaxLabelValue
)

// podMonitorOf is a PodMonitor with the labels that the Prometheus instances require, and with limits.
func podMonitorOf(
	fm *v1alpha1.FluxMonitoring, facts facts.Facts, suffix string, spec monitoringv1.PodMonitorSpec,
) ([]*unstructured.Unstructured, error) {
	names, nameLength, valueLength := int64(labelLimit), int64(labelNameLengthLimit), int64(labelValueLengthLimit)
	spec.LabelLimit, spec.LabelNameLengthLimit, spec.LabelValueLengthLimit = &names, &nameLength, &valueLength
	o := newObject(kinds.PodMonitor, fm, suffix)
	addPrometheusLabels(o, fm, facts, func(i selection.Instance) selection.Selectors { return i.PodMonitors })
	return []*unstructured.Unstructured{o}, setSpec(o, spec)
}

// dropRelabelings drops the series that cardinality drops, as one relabeling, and the metrics of Flux's guide that old controllers export
// while the exporter exports them too, so that each object has them once.
func dropRelabelings(fm *v1alpha1.FluxMonitoring, facts facts.Facts) []monitoringv1.RelabelConfig {
	names := flux.Cardinality(fm.Spec.Scrape.CardinalityInEffect()).Drops()
	if facts.Flux.MayExposeState() && pipeline.Exposure(fm, facts).State == flux.Exporter {
		names = append(names, flux.StateCondition, flux.StateSuspended)
	}
	if len(names) == 0 {
		return nil
	}
	return []monitoringv1.RelabelConfig{{
		Action:       "drop",
		SourceLabels: []monitoringv1.LabelName{"__name__"},
		Regex:        strings.Join(names, "|"),
	}}
}

// addPrometheusLabels adds the labels that the selectors of the selected Prometheus objects require, if the Prometheus selects objects of
// this namespace.
func addPrometheusLabels(
	o *unstructured.Unstructured, fm *v1alpha1.FluxMonitoring, facts facts.Facts,
	of func(selection.Instance) selection.Selectors,
) {
	var selectors []*metav1.LabelSelector
	for _, i := range facts.Prometheuses {
		c := selection.Candidate{Namespace: fm.Namespace, NamespaceLabels: facts.NamespaceLabels}
		if i.ReachesNamespace(of(i), c) {
			selectors = append(selectors, of(i).Objects)
		}
	}
	addLabels(o, fm, selectors)
}

// addLabels adds the labels that selectors require, unless the spec leaves that to the user.
func addLabels(o *unstructured.Unstructured, fm *v1alpha1.FluxMonitoring, selectors []*metav1.LabelSelector) {
	if fm.Spec.Prometheus.LabelPolicyInEffect() == v1alpha1.LabelPolicyAuto {
		o.SetLabels(mergeMaps(o.GetLabels(), selection.RequiredLabels(o.GetLabels(), selectors)))
	}
}

// setSpec writes a typed spec into an object as plain data, without the zero values that some types of prometheus-operator write although
// nothing is set.
func setSpec(o *unstructured.Unstructured, spec any) error {
	content, err := json.Marshal(spec)
	if err != nil {
		return &ConfigurationError{Field: "spec", Err: err}
	}
	var plain map[string]any
	if err := json.Unmarshal(content, &plain); err != nil {
		return &ConfigurationError{Field: "spec", Err: err}
	}
	o.Object["spec"] = withoutEmpty(plain)
	return nil
}

// withoutEmpty removes null, empty objects and references to a key of no Secret from nested maps and lists.
func withoutEmpty(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			member = withoutEmpty(member)
			if m, ok := member.(map[string]any); member == nil || ok && (len(m) == 0 || len(m) == 1 && m["key"] == "") {
				delete(v, key)
				continue
			}
			v[key] = member
		}
		return v
	case []any:
		for i := range v {
			v[i] = withoutEmpty(v[i])
		}
		return v
	}
	return value
}
