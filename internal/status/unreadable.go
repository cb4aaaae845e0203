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

// unreadable is the verdict where something cannot be read: a permission is for a human to give, all else may pass.
func unreadable(message string, err error) verdict {
	if apierrors.IsForbidden(err) {
		return verdict{finding: finding{metav1.ConditionFalse, v1alpha1.ReasonForbidden, message}, stalled: true}
	}
	return verdict{finding: finding{metav1.ConditionFalse, v1alpha1.ReasonApplyFailed, message}, retrying: true}
}

// unread names the kinds that are wanted and cannot be read, with the causes. The first gives the reason.
func unread(o *Run) verdict {
	var sentences []string
	for _, kind := range kinds.Generated() {
		if slices.ContainsFunc(o.Unread, func(u *unstructured.Unstructured) bool { return u.GroupVersionKind() == kind }) {
			sentences = append(sentences, kind.Kind+" is not applied, "+unknown(kind, o.Facts.Faults[kind]))
		}
	}
	return unreadable(strings.Join(sentences, "; "), o.Facts.Faults[o.Unread[0].GroupVersionKind()])
}

// unknown says why nothing is known of a kind, and what to do.
func unknown(kind schema.GroupVersionKind, fault error) string {
	said := "because the operator cannot list " + kind.Kind + " objects: " + Sentence(fault)
	if apierrors.IsForbidden(fault) {
		return said + ". Apply the operator's ClusterRole again."
	}
	return said
}

// scrapedFrom are the kinds on which it depends what is scraped.
var scrapedFrom = []schema.GroupVersionKind{
	kinds.PodMonitor, kinds.PrometheusRule, kinds.Prometheus, kinds.PrometheusAgent,
}

// alerted are the kinds on which it depends whether anybody is notified.
func alerted(wanted []*unstructured.Unstructured) []schema.GroupVersionKind {
	from := []schema.GroupVersionKind{kinds.PrometheusRule, kinds.Prometheus, kinds.Alertmanager}
	for _, w := range wanted {
		if w.GetKind() == kinds.AlertmanagerConfig.Kind {
			from = append(from, w.GroupVersionKind())
		}
	}
	return from
}

// reportedFrom is the kind on which it depends whether the state of objects is told, where it is flux-operator that tells.
func reportedFrom(fm *v1alpha1.FluxMonitoring, facts facts.Facts) []schema.GroupVersionKind {
	if pipeline.ResourceMetrics(fm, facts).Source != flux.OperatorReport {
		return nil
	}
	return []schema.GroupVersionKind{kinds.FluxReport}
}

// unlessHidden is a finding, unless it follows from a kind that cannot be read. That something is turned off, or that there is no Flux, does
// not follow from any.
func unlessHidden(facts facts.Facts, f finding, from ...schema.GroupVersionKind) finding {
	if f.status == "" || slices.Contains([]string{v1alpha1.ReasonFluxNotFound, v1alpha1.ReasonControllersGone}, f.reason) {
		return f
	}
	for _, kind := range from {
		if fault := facts.Faults[kind]; fault != nil {
			v := unreadable("This is not known "+unknown(kind, fault), fault)
			v.status = metav1.ConditionUnknown
			return v.finding
		}
	}
	return f
}
