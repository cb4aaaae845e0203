package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Prometheuses is, for each Prometheus and PrometheusAgent that the spec selects, whether it selects the desired objects, and what is
// missing if it does not.
func Prometheuses(
	fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured,
) []v1alpha1.PrometheusStatus {
	monitors, rule := candidates(objects, facts)
	statuses := make([]v1alpha1.PrometheusStatus, 0, len(facts.Prometheuses))
	for _, i := range facts.Prometheuses {
		s := v1alpha1.PrometheusStatus{Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
		if len(monitors) > 0 {
			missing := notScraped(i, fm, facts, monitors)
			s.PodMonitorsSelected = isEmpty(missing)
			s.Missing = append(s.Missing, missing...)
		}
		if rule != nil && i.EvaluatesRules() {
			missing := notEvaluated(i, fm, facts, *rule)
			s.RulesSelected = isEmpty(missing)
			s.Missing = append(s.Missing, missing...)
		}
		if idle := i.Idle(); idle != "" {
			s.Missing = []string{idle}
		}
		statuses = append(statuses, s)
	}
	return statuses
}

// candidates are the PodMonitors and the PrometheusRule among the objects, as selectors see them.
func candidates(objects []*unstructured.Unstructured, facts facts.Facts) (monitors []selection.Candidate, rule *selection.Candidate) {
	for _, o := range objects {
		c := selection.Candidate{
			Kind: o.GetKind(), Namespace: o.GetNamespace(), NamespaceLabels: facts.NamespaceLabels, Labels: o.GetLabels(),
		}
		switch o.GroupVersionKind() {
		case kinds.PodMonitor:
			c.ScrapeClass, _, _ = unstructured.NestedString(o.Object, "spec", "scrapeClass")
			monitors = append(monitors, c)
		case kinds.PrometheusRule:
			rule = &c
		}
	}
	return monitors, rule
}

// notScraped is what keeps an instance from scraping through the PodMonitors, each thing once: they have the same labels,
// unless a patch has changed one of them.
func notScraped(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts facts.Facts, monitors []selection.Candidate) []string {
	if idle := i.Idle(); idle != "" {
		return []string{idle}
	}
	var missing []string
	for _, monitor := range monitors {
		for _, sentence := range append(notSelected(i, fm, facts, monitorsOf, "podMonitor", monitor), lacksScrapeClass(i, monitor)...) {
			if !slices.Contains(missing, sentence) {
				missing = append(missing, sentence)
			}
		}
	}
	if controllers := int64(len(facts.Flux.Controllers)); i.TargetLimit > 0 && controllers > i.TargetLimit {
		missing = append(missing, fmt.Sprintf("it scrapes at most %d targets of a PodMonitor, and none where there are more, such as the %d "+
			"controllers: raise spec.enforcedTargetLimit or spec.targetLimit", i.TargetLimit, controllers))
	}
	return append(missing, namespaceSelectorIgnored(i, fm, facts)...)
}

// lacksScrapeClass is that an instance does not have the scrape class that a PodMonitor names: prometheus-operator then leaves out the PodMonitor.
func lacksScrapeClass(i selection.Instance, monitor selection.Candidate) []string {
	if _, is := i.Class(monitor.ScrapeClass); is || monitor.ScrapeClass == "" {
		return nil
	}
	return []string{fmt.Sprintf("spec.scrapeClasses has no class %s, which the PodMonitor names: add it, or correct spec.patches",
		monitor.ScrapeClass)}
}

// notEvaluated is what keeps an instance from evaluating the PrometheusRule.
func notEvaluated(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts facts.Facts, rule selection.Candidate) []string {
	if idle := i.Idle(); idle != "" {
		return []string{idle}
	}
	return notSelected(i, fm, facts, alertsOf, "rule", rule)
}

func monitorsOf(i selection.Instance) selection.Selectors { return i.PodMonitors }
func alertsOf(i selection.Instance) selection.Selectors   { return i.Rules }

// notSelected is what keeps an instance from selecting an object. It does not ask people for a label that the operator adds by itself, and
// has omitted because the instance does not select the namespace, or because another instance requires a label that excludes it.
func notSelected(
	i selection.Instance, fm *v1alpha1.FluxMonitoring, facts facts.Facts,
	of func(selection.Instance) selection.Selectors, field string, c selection.Candidate,
) []string {
	missing := i.Missing(of(i), field, c)
	if len(missing) == 0 || fm.Spec.Prometheus.LabelPolicyInEffect() != v1alpha1.LabelPolicyAuto {
		return missing
	}
	if namespace := i.MissingNamespace(of(i), field, c); namespace != "" {
		if selection.Attainable(c.Labels, of(i).Objects) {
			return []string{namespace}
		}
		return missing
	}
	for _, other := range facts.Prometheuses {
		if selection.Contradict(of(i).Objects, of(other).Objects) && len(other.Missing(of(other), field, c)) == 0 {
			return []string{fmt.Sprintf("no label serves both its spec.%sSelector and that of %s %s/%s: widen one of them, or have "+
				"spec.prometheus select one of the two", field, other.Kind, other.Namespace, other.Name)}
		}
	}
	return missing
}

// namespaceSelectorIgnored is what an instance does not scrape because it ignores the namespace selectors of PodMonitors.
func namespaceSelectorIgnored(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts facts.Facts) []string {
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
		{facts.Exporter.Namespace, StateSuffix(flux.Exporter), ExporterPort, Exposure(fm, facts).State == flux.Exporter},
		{facts.MetricsNamespace, OperatorSuffix, OperatorPort, OperatorJob(fm, facts) != ""},
	} {
		if of.scraped && fm.Namespace != of.namespace {
			sentences = append(sentences, fmt.Sprintf("spec.ignoreNamespaceSelectors is true, so PodMonitor %s does not find the "+
				"operator in namespace %s: scrape its port %s by a PodMonitor there, or run the operator in namespace %s",
				fm.Name+of.suffix, of.namespace, of.port, fm.Namespace))
		}
	}
	return sentences
}

func isEmpty(missing []string) *bool {
	selected := len(missing) == 0
	return &selected
}

// NotSelecting puts what the statuses miss in one sentence each, with the instance's name; nothing if each selects every object.
func NotSelecting(statuses []v1alpha1.PrometheusStatus) []string {
	var sentences []string
	for _, s := range statuses {
		if len(s.Missing) > 0 {
			sentences = append(sentences, fmt.Sprintf("%s %s/%s: %s", s.Kind, s.Namespace, s.Name, strings.Join(s.Missing, "; ")))
		}
	}
	return sentences
}

// Paused names the instances that prometheus-operator does not update, so that it is not known which of the objects they use.
func Paused(facts facts.Facts) []string {
	var names []string
	for _, i := range facts.Prometheuses {
		if i.Paused && i.Idle() == "" {
			names = append(names, fmt.Sprintf("%s %s/%s", i.Kind, i.Namespace, i.Name))
		}
	}
	return names
}
