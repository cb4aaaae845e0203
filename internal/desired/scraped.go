package desired

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Prometheuses says of each selected Prometheus and PrometheusAgent whether it takes up the wanted objects, and what is
// missing where it does not.
func Prometheuses(
	fm *v1alpha1.FluxMonitoring, facts observe.Facts, objects []*unstructured.Unstructured,
) []v1alpha1.PrometheusStatus {
	monitors, rule := candidates(objects, facts)
	statuses := make([]v1alpha1.PrometheusStatus, 0, len(facts.Prometheuses))
	for _, i := range facts.Prometheuses {
		s := v1alpha1.PrometheusStatus{Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
		if len(monitors) > 0 {
			missing := unscraped(i, fm, facts, monitors)
			s.PodMonitorSelected = none(missing)
			s.Missing = append(s.Missing, missing...)
		}
		if rule != nil && i.EvaluatesRules() {
			missing := i.Missing(i.Rules, "rule", *rule)
			s.RulesSelected = none(missing)
			s.Missing = append(s.Missing, missing...)
		}
		statuses = append(statuses, s)
	}
	return statuses
}

// candidates are the PodMonitors and the PrometheusRule among the objects, as selectors see them.
func candidates(objects []*unstructured.Unstructured, facts observe.Facts) (monitors []selection.Candidate, rule *selection.Candidate) {
	for _, o := range objects {
		c := selection.Candidate{
			Kind: o.GetKind(), Namespace: o.GetNamespace(), NamespaceLabels: facts.NamespaceLabels, Labels: o.GetLabels(),
		}
		switch o.GroupVersionKind() {
		case observe.PodMonitorKind:
			monitors = append(monitors, c)
		case observe.PrometheusRuleKind:
			rule = &c
		}
	}
	return monitors, rule
}

// unscraped is what keeps an instance from scraping through the PodMonitors, each thing once: they bear the same labels,
// unless a patch has changed one of them.
func unscraped(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts observe.Facts, monitors []selection.Candidate) []string {
	var missing []string
	for _, monitor := range monitors {
		for _, sentence := range i.Missing(i.PodMonitors, "podMonitor", monitor) {
			if !slices.Contains(missing, sentence) {
				missing = append(missing, sentence)
			}
		}
	}
	return append(missing, blind(i, fm, facts)...)
}

// blind tells of a Prometheus that takes up the PodMonitors but must not look into other namespaces through them.
func blind(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts observe.Facts) []string {
	if !i.IgnoresNamespaceSelectors {
		return nil
	}
	var sentences []string
	if fm.Namespace != facts.Flux.Namespace {
		sentences = append(sentences, fmt.Sprintf("spec.ignoreNamespaceSelectors is true, so the PodMonitor finds pods in %s only: "+
			"create the FluxMonitoring in namespace %s", fm.Namespace, facts.Flux.Namespace))
	}
	for _, of := range []struct {
		namespace, suffix, port string
		scraped                 bool
	}{
		{facts.Exporter.Namespace, statePodMonitorSuffix(flux.Exporter), exporterPort, exposure(fm, facts).State == flux.Exporter},
		{facts.MetricsNamespace, operatorSuffix, operatorPort, operatorJob(fm, facts) != ""},
	} {
		if of.scraped && fm.Namespace != of.namespace {
			sentences = append(sentences, fmt.Sprintf("spec.ignoreNamespaceSelectors is true, so PodMonitor %s does not find the "+
				"operator in namespace %s: scrape its port %s by a PodMonitor there, or run the operator in namespace %s",
				fm.Name+of.suffix, of.namespace, of.port, fm.Namespace))
		}
	}
	return sentences
}

func none(missing []string) *bool {
	selected := len(missing) == 0
	return &selected
}

// Unselected puts what the statuses miss in one sentence each, with the instance's name; nothing when all is taken up.
func Unselected(statuses []v1alpha1.PrometheusStatus) []string {
	var sentences []string
	for _, s := range statuses {
		if len(s.Missing) > 0 {
			sentences = append(sentences, fmt.Sprintf("%s %s/%s: %s", s.Kind, s.Namespace, s.Name, strings.Join(s.Missing, "; ")))
		}
	}
	return sentences
}
