package desired

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Prometheuses says of each selected Prometheus and PrometheusAgent whether it takes up the wanted objects, and what is
// missing where it does not.
func Prometheuses(
	fm *v1alpha1.FluxMonitoring, facts observe.Facts, objects []*unstructured.Unstructured,
) []v1alpha1.PrometheusStatus {
	var monitor, rule *selection.Candidate
	for _, o := range objects {
		c := &selection.Candidate{
			Kind: o.GetKind(), Namespace: o.GetNamespace(), NamespaceLabels: facts.NamespaceLabels, Labels: o.GetLabels(),
		}
		switch o.GroupVersionKind() {
		case observe.PodMonitorKind:
			monitor = c
		case observe.PrometheusRuleKind:
			rule = c
		}
	}
	statuses := make([]v1alpha1.PrometheusStatus, 0, len(facts.Prometheuses))
	for _, i := range facts.Prometheuses {
		s := v1alpha1.PrometheusStatus{Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
		if monitor != nil {
			missing := append(i.Missing(i.PodMonitors, "podMonitor", *monitor), blind(i, fm, facts)...)
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

// blind tells of a Prometheus that takes up the PodMonitor but must not look into the Flux namespace through it.
func blind(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts observe.Facts) []string {
	if !i.IgnoresNamespaceSelectors || fm.Namespace == facts.Flux.Namespace {
		return nil
	}
	return []string{fmt.Sprintf("spec.ignoreNamespaceSelectors is true, so the PodMonitor finds pods in %s only: "+
		"create the FluxMonitoring in namespace %s", fm.Namespace, facts.Flux.Namespace)}
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
