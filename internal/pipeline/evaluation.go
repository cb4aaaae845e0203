package pipeline

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Evaluation is which Prometheus evaluates the alerts, with which samples, and whether it sends them to an Alertmanager.
type Evaluation struct {
	// By are the Prometheus objects that select the PrometheusRule, as <namespace>/<name>.
	By []string
	// Missing is why the others do not select it, a sentence each.
	Missing []string
	// Delivers: at least one of By sends alerts to where an Alertmanager runs, or may run.
	Delivers bool
	// Undelivered is where alerts are sent and no Alertmanager runs, a sentence for each Service; empty if another one is reached.
	Undelivered []string
	// WithoutSamples is why some of By lack samples that the alerts need, a sentence for each such Prometheus.
	WithoutSamples []string
	// Unknown is what the operator cannot know of By: whether they have the samples, or the rules. A sentence each.
	Unknown []string
	// NothingScraped: none of By has any sample, so alerts that fire on the absence of samples are dropped.
	NothingScraped bool
}

// Unseen reports whether no Prometheus is selected: the operator cannot see what evaluates the alerts.
func (e Evaluation) Unseen() bool { return len(e.By) == 0 && len(e.Missing) == 0 }

// EvaluationOf is the evaluation of the alerts of the PrometheusRule among the objects; an empty one if there is no PrometheusRule.
func EvaluationOf(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) Evaluation {
	var e Evaluation
	monitors, rule := candidates(objects, facts)
	if rule == nil {
		return e
	}
	withoutAny, deliveries := 0, []delivery(nil)
	for _, i := range facts.Prometheuses {
		if !i.EvaluatesRules() {
			continue
		}
		name := i.Namespace + "/" + i.Name
		if missing := notEvaluated(i, fm, facts, *rule); len(missing) > 0 {
			e.Missing = append(e.Missing, fmt.Sprintf("%s %s: %s", i.Kind, name, selection.Messages(missing)))
			continue
		}
		e.By = append(e.By, name)
		deliveries = append(deliveries, deliveryOf(i, facts))
		split := splitByShards(i, objects)
		e.addGaps(i, split, notScraped(i, fm, facts, monitors), len(monitors) > 0)
		if !i.Paused && (split != "" || selectsNone(i, fm, facts, monitors)) {
			withoutAny++
		}
	}
	e.addDeliveries(deliveries)
	e.NothingScraped = withoutAny > 0 && withoutAny == len(e.By)
	return e
}

// addGaps adds what an instance that evaluates the alerts lacks of what they need.
func (e *Evaluation) addGaps(i selection.Instance, split string, missing []selection.Issue, scrape bool) {
	name := fmt.Sprintf("%s %s/%s", i.Kind, i.Namespace, i.Name)
	switch lacks := scrape && len(missing) > 0; {
	case split != "":
		e.WithoutSamples = append(e.WithoutSamples, name+": "+split)
	case lacks && i.ReceivesSamples:
		e.Unknown = append(e.Unknown, fmt.Sprintf("%s evaluates the alerts and does not scrape all of Flux (%s): the operator cannot see whether it "+
			"gets the samples from elsewhere", name, selection.Messages(missing)))
	case lacks:
		e.WithoutSamples = append(e.WithoutSamples, fmt.Sprintf("%s evaluates the alerts and does not scrape all of Flux: %s",
			name, selection.Messages(missing)))
	}
	if slow := i.SlowReason(); slow != "" {
		e.WithoutSamples = append(e.WithoutSamples, name+": "+slow)
	}
	if i.Paused {
		e.Unknown = append(e.Unknown, name+": spec.paused is true, so prometheus-operator gives it no new rules: set it to false")
	}
}

// selectsNone reports whether an instance selects none of the PodMonitors, if there are any, and gets no samples from elsewhere.
func selectsNone(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts facts.Facts, monitors []selection.Candidate) bool {
	for _, monitor := range monitors {
		if len(notSelected(i, fm, facts, monitorsOf, "podMonitor", monitor)) == 0 {
			return false
		}
	}
	return len(monitors) > 0 && !i.ReceivesSamples
}

// splitByShards says that each shard of an instance has a part of the samples; empty if every PodMonitor has all shards scrape its targets.
func splitByShards(i selection.Instance, objects []*unstructured.Unstructured) string {
	split := i.ShardedReason()
	for _, o := range objects {
		if o.GroupVersionKind() != kinds.PodMonitor {
			continue
		}
		for _, e := range ListIn(o.Object, "spec", "podMetricsEndpoints") {
			endpoint, _ := e.(map[string]any)
			if !scrapesAllShards(endpoint) {
				return split
			}
		}
	}
	return ""
}

func scrapesAllShards(endpoint map[string]any) bool {
	for _, r := range ListIn(endpoint, "relabelings") {
		relabeling, _ := r.(map[string]any)
		if relabeling["targetLabel"] == selection.UnshardedLabel {
			return true
		}
	}
	return false
}
