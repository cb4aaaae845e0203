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

// Prometheuses is, for each Prometheus and PrometheusAgent that the spec selects, whether it selects the desired objects, with the issues
// if it does not.
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
			s.Issues = append(s.Issues, issuesOf(missing)...)
		}
		if rule != nil && i.EvaluatesRules() {
			missing := notEvaluated(i, fm, facts, *rule)
			s.RulesSelected = isEmpty(missing)
			s.Issues = append(s.Issues, issuesOf(missing)...)
		}
		if idle := notRunning(i); idle != nil {
			s.Issues = issuesOf(idle)
		}
		statuses = append(statuses, s)
	}
	return statuses
}

// candidates are the PodMonitors and the PrometheusRule among the objects.
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

// notScraped is what keeps an instance from scraping by the PodMonitors, each issue once: they have the same labels unless a patch has
// changed one of them.
func notScraped(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts facts.Facts, monitors []selection.Candidate) []selection.Issue {
	if idle := notRunning(i); idle != nil {
		return idle
	}
	var missing []selection.Issue
	for _, monitor := range monitors {
		for _, issue := range append(notSelected(i, fm, facts, monitorsOf, "podMonitor", monitor), lacksScrapeClass(i, monitor)...) {
			if !slices.Contains(missing, issue) {
				missing = append(missing, issue)
			}
		}
	}
	if controllers := int64(len(facts.Flux.Controllers)); i.TargetLimit > 0 && controllers > i.TargetLimit {
		missing = append(missing, selection.Issue{Reason: selection.TargetLimitTooLow, Field: "spec.targetLimit", Message: fmt.Sprintf(
			"it scrapes no target of a PodMonitor with more than %d targets, and there are %d controllers: raise spec.enforcedTargetLimit or "+
				"spec.targetLimit", i.TargetLimit, controllers)})
	}
	return append(missing, namespaceSelectorIgnored(i, fm, facts)...)
}

// notRunning is the issue that nothing of an instance runs; nothing if it runs.
func notRunning(i selection.Instance) []selection.Issue {
	if i.IdleReason() == "" {
		return nil
	}
	issue := selection.Issue{Reason: selection.NotRunning, Message: i.IdleReason()}
	if !i.Deleting {
		issue.Field = "spec.replicas"
	}
	return []selection.Issue{issue}
}

// lacksScrapeClass is the issue that an instance lacks the scrape class of a PodMonitor: prometheus-operator then ignores the PodMonitor.
func lacksScrapeClass(i selection.Instance, monitor selection.Candidate) []selection.Issue {
	if _, is := i.Class(monitor.ScrapeClass); is || monitor.ScrapeClass == "" {
		return nil
	}
	return []selection.Issue{{Reason: selection.ScrapeClassMissing, Field: "spec.scrapeClasses", Message: fmt.Sprintf(
		"spec.scrapeClasses has no class %s, which the PodMonitor names: add it, or correct spec.patches", monitor.ScrapeClass)}}
}

// notEvaluated is what keeps an instance from evaluating the PrometheusRule.
func notEvaluated(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts facts.Facts, rule selection.Candidate) []selection.Issue {
	if idle := notRunning(i); idle != nil {
		return idle
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
) []selection.Issue {
	missing := i.Missing(of(i), field, c)
	if len(missing) == 0 || fm.Spec.Prometheus.LabelPolicyInEffect() != v1alpha1.LabelPolicyAuto {
		return missing
	}
	if namespace := i.MissingNamespace(of(i), field, c); len(namespace) > 0 {
		if selection.CanSatisfy(c.Labels, of(i).Objects) {
			return namespace
		}
		return missing
	}
	for _, other := range facts.Prometheuses {
		if selection.AreContradictory(of(i).Objects, of(other).Objects) && len(other.Missing(of(other), field, c)) == 0 {
			return []selection.Issue{{Reason: selection.SelectorsConflict, Field: "spec." + field + "Selector", Message: fmt.Sprintf(
				"no label matches both its spec.%sSelector and that of %s %s/%s: widen one of them, or have spec.prometheus select only one "+
					"of the two", field, other.Kind, other.Namespace, other.Name)}}
		}
	}
	return missing
}

// namespaceSelectorIgnored is what an instance does not scrape because it ignores the namespace selectors of PodMonitors.
func namespaceSelectorIgnored(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts facts.Facts) []selection.Issue {
	if !i.IgnoresNamespaceSelectors {
		return nil
	}
	var issues []selection.Issue
	add := func(format string, args ...any) {
		issues = append(issues, selection.Issue{Reason: selection.NamespaceSelectorIgnored, Field: "spec.ignoreNamespaceSelectors",
			Message: fmt.Sprintf("spec.ignoreNamespaceSelectors is true, so "+format, args...)})
	}
	if fm.Namespace != facts.Flux.Namespace {
		add("the PodMonitor finds pods in %s only: create the FluxMonitoring in namespace %s", fm.Namespace, facts.Flux.Namespace)
	}
	for _, of := range []struct {
		namespace, suffix, port string
		scraped                 bool
	}{
		{facts.Exporter.Namespace, StateSuffix(flux.Exporter), ExporterPort, Exposure(fm, facts).State == flux.Exporter},
		{facts.MetricsNamespace, OperatorSuffix, OperatorPort, OperatorJob(fm, facts) != ""},
	} {
		if of.scraped && fm.Namespace != of.namespace {
			add("PodMonitor %s does not find the operator in namespace %s: scrape its port %s by a PodMonitor there, or run the operator "+
				"in namespace %s", fm.Name+of.suffix, of.namespace, of.port, fm.Namespace)
		}
	}
	return issues
}

// issuesOf are issues as the status has them.
func issuesOf(missing []selection.Issue) []v1alpha1.PrometheusIssue {
	issues := make([]v1alpha1.PrometheusIssue, 0, len(missing))
	for _, i := range missing {
		issues = append(issues, v1alpha1.PrometheusIssue(i))
	}
	return issues
}

func isEmpty(missing []selection.Issue) *bool {
	selected := len(missing) == 0
	return &selected
}

// NotSelecting is a sentence for each status that has issues, with the instance's name; nothing if each selects every object.
func NotSelecting(statuses []v1alpha1.PrometheusStatus) []string {
	var sentences []string
	for _, s := range statuses {
		if len(s.Issues) == 0 {
			continue
		}
		messages := make([]string, 0, len(s.Issues))
		for _, i := range s.Issues {
			messages = append(messages, i.Message)
		}
		sentences = append(sentences, fmt.Sprintf("%s %s/%s: %s", s.Kind, s.Namespace, s.Name, strings.Join(messages, "; ")))
	}
	return sentences
}

// Paused names the instances that prometheus-operator does not update, so the operator does not know which of the objects they use.
func Paused(facts facts.Facts) []string {
	var names []string
	for _, i := range facts.Prometheuses {
		if i.Paused && i.IdleReason() == "" {
			names = append(names, fmt.Sprintf("%s %s/%s", i.Kind, i.Namespace, i.Name))
		}
	}
	return names
}
