package status

import (
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// unreadable is the value of Ready when something cannot be read: a person must add a missing permission, and the operator retries all
// other causes.
func unreadable(message string, err error) readyCondition {
	if apierrors.IsForbidden(err) {
		return readyCondition{conditionValue: conditionValue{metav1.ConditionFalse, v1alpha1.ReasonForbidden, message}, stalled: true}
	}
	return readyCondition{conditionValue: conditionValue{metav1.ConditionFalse, v1alpha1.ReasonApplyFailed, message}, retrying: true}
}

// kindsUnreadable names the desired kinds that cannot be read, with the causes. The first gives the reason.
func kindsUnreadable(o *Run) readyCondition {
	var sentences []string
	for _, kind := range kinds.Generated() {
		if slices.ContainsFunc(o.Unreadable, func(u *unstructured.Unstructured) bool { return u.GroupVersionKind() == kind }) {
			sentences = append(sentences, kind.Kind+" is not applied, "+unknown(kind, o.Facts.Faults[kind]))
		}
	}
	return unreadable(strings.Join(sentences, "; "), o.Facts.Faults[o.Unreadable[0].GroupVersionKind()])
}

// unknown says why a kind is not known, and what to do.
func unknown(kind schema.GroupVersionKind, fault error) string {
	message := "because the operator cannot list " + kind.Kind + " objects: " + Sentence(fault)
	if apierrors.IsForbidden(fault) {
		return message + ". Apply the operator's ClusterRole again."
	}
	return message
}

// scrapedFrom are the kinds that decide what Prometheus scrapes.
var scrapedFrom = []schema.GroupVersionKind{
	kinds.PodMonitor, kinds.PrometheusRule, kinds.Prometheus, kinds.PrometheusAgent,
}

// notifiedFrom are the kinds that decide whether anybody is notified.
func notifiedFrom(objects []*unstructured.Unstructured) []schema.GroupVersionKind {
	from := []schema.GroupVersionKind{kinds.PrometheusRule, kinds.Prometheus, kinds.Alertmanager}
	for _, w := range objects {
		if w.GetKind() == kinds.AlertmanagerConfig.Kind {
			from = append(from, w.GroupVersionKind())
		}
	}
	return from
}

// reportedFrom is the kind that decides whether flux-operator exports the state of objects; nil if the source is another.
func reportedFrom(fm *v1alpha1.FluxMonitoring, facts facts.Facts) []schema.GroupVersionKind {
	if pipeline.ResourceMetrics(fm, facts).Source != flux.OperatorReport {
		return nil
	}
	return []schema.GroupVersionKind{kinds.FluxReport}
}

// unlessUnreadable is a condition value, unless it follows from a kind that cannot be read. That Flux is absent, or that a feature is
// turned off, follows from none.
func unlessUnreadable(facts facts.Facts, f conditionValue, from ...schema.GroupVersionKind) conditionValue {
	if f.status == "" || slices.Contains([]string{v1alpha1.ReasonFluxNotFound, v1alpha1.ReasonControllersGone}, f.reason) {
		return f
	}
	for _, kind := range from {
		if fault := facts.Faults[kind]; fault != nil {
			v := unreadable("This is not known "+unknown(kind, fault), fault)
			v.status = metav1.ConditionUnknown
			return v.conditionValue
		}
	}
	return f
}
