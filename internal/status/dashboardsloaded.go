package status

import (
	"cmp"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// dashboardsLoaded reports whether a Grafana loads the dashboards. The condition is absent if there are none.
func dashboardsLoaded(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	boards := dashboardsOf(o.Desired)
	switch {
	case !facts.HasDashboards(fm):
		return conditionValue{}
	case len(o.Desired) == 0:
		return conditionValue{metav1.ConditionFalse, o.absenceReason(fm), "Flux is not found, see Ready"}
	case len(boards) == 0:
		return conditionValue{}
	case boards[0].GetKind() == kinds.GrafanaDashboard.Kind:
		return unlessUnreadable(o.Facts, unlessUnapplied(o, boards, synchronized(o.Facts, boards)), kinds.GrafanaDashboard)
	}
	v := unlessUnapplied(o, boards, loaded(fm, o.Facts, boards))
	if v.status == metav1.ConditionTrue || v.reason == v1alpha1.ReasonApplyFailed {
		return v
	}
	return unlessUnreadable(o.Facts, v, kinds.StatefulSet)
}

// dashboardsOf are the objects that have dashboards.
func dashboardsOf(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(objects), func(o *unstructured.Unstructured) bool { return !desired.IsDashboard(o) })
}

// unlessUnapplied is a condition value, unless a dashboard is not in the cluster.
func unlessUnapplied(o *Run, boards []*unstructured.Unstructured, v conditionValue) conditionValue {
	if len(dashboardsOf(Applied(o))) < len(boards) {
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonApplyFailed, "a dashboard is not applied, see Ready"}
	}
	return v
}

// loaded reports whether the sidecar of a Grafana loads the ConfigMaps. One Grafana that loads all is enough.
func loaded(fm *v1alpha1.FluxMonitoring, facts facts.Facts, boards []*unstructured.Unstructured) conditionValue {
	running := slices.DeleteFunc(slices.Clone(facts.Sidecars), func(s selection.Sidecar) bool { return s.Stopped || s.Down })
	if len(running) == 0 {
		return noGrafana(facts.Sidecars)
	}
	best := loadedBy(running[0], fm, boards)
	for _, s := range running[1:] {
		if v := loadedBy(s, fm, boards); closeness(v) > closeness(best) {
			best = v
		}
	}
	if !running[0].Trusted { // then none is
		return notTrusted(running, best)
	}
	return best
}

// closeness orders what a sidecar does: the more of it is right, the higher.
func closeness(v conditionValue) int {
	return slices.Index([]string{
		v1alpha1.ReasonNamespaceNotWatched, v1alpha1.ReasonLabelMissing, v1alpha1.ReasonNotSeen, v1alpha1.ReasonLoaded,
	}, v.reason)
}

// noGrafana is that no Grafana runs.
func noGrafana(idle []selection.Sidecar) conditionValue {
	message := "the operator sees no Grafana with a sidecar for dashboards in a Deployment or a StatefulSet"
	if i := slices.IndexFunc(idle, func(s selection.Sidecar) bool { return s.Down }); i >= 0 {
		message = fmt.Sprintf("%s %s, which runs Grafana, has no ready pod: see its pods", idle[i].Kind, idle[i].Grafana())
	} else if len(idle) > 0 {
		message = fmt.Sprintf("%s %s, which runs Grafana, has no replica: scale it up", idle[0].Kind, idle[0].Grafana())
	}
	return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonNoGrafana, message}
}

// notTrusted is that a tenant can have created every Grafana that is seen.
func notTrusted(seen []selection.Sidecar, best conditionValue) conditionValue {
	message := best.message
	if best.status == metav1.ConditionTrue {
		message = fmt.Sprintf("Grafana %s has the settings to load them: if you trust its namespace, add it to --trusted-namespaces", seen[0].Grafana())
	}
	return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonNotTrusted, message}
}

// loadedBy reports whether one sidecar loads the ConfigMaps.
func loadedBy(s selection.Sidecar, fm *v1alpha1.FluxMonitoring, boards []*unstructured.Unstructured) conditionValue {
	switch {
	case len(s.Unread) > 0:
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonNotSeen, fmt.Sprintf(
			"the operator cannot read %s of the sidecar of %s %s: set plain values", pipeline.Listed(s.Unread), s.Kind, s.Grafana())}
	case !s.Watches(fm.Namespace):
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonNamespaceNotWatched, fmt.Sprintf(
			"Grafana %s loads no dashboards of namespace %s: add it to NAMESPACE of its sidecar", s.Grafana(), fm.Namespace)}
	}
	for _, o := range boards {
		if label := s.MissingLabel(o.GetLabels()); label != "" {
			return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonLabelMissing, fmt.Sprintf(
				"Grafana %s requires label %s on %s: set spec.dashboards.labels", s.Grafana(), label, o.GetName())}
		}
	}
	return conditionValue{metav1.ConditionTrue, v1alpha1.ReasonLoaded, fmt.Sprintf(
		"Grafana %s loads the dashboards%s%s", s.Grafana(), whenItStarts(s), withoutFolder(s, boards[0]))}
}

func whenItStarts(s selection.Sidecar) string {
	if s.AtStart {
		return " when its pod starts"
	}
	return ""
}

// withoutFolder says that the folder of the spec has no effect, if the ConfigMap has no annotation in which the sidecar finds one.
func withoutFolder(s selection.Sidecar, o *unstructured.Unstructured) string {
	annotations := o.GetAnnotations()
	if _, has := annotations[s.FolderAnnotation]; has || s.FolderAnnotation == "" || annotations[desired.FolderAnnotation] == "" {
		return ""
	}
	return ", but not in the folder: its FOLDER_ANNOTATION is not " + desired.FolderAnnotation
}

// synchronized reports whether grafana-operator has given the dashboards to a Grafana.
func synchronized(known facts.Facts, boards []*unstructured.Unstructured) conditionValue {
	reported := map[string]facts.GrafanaDashboard{}
	for _, d := range known.GrafanaDashboards {
		reported[d.Name] = d
	}
	var problems []string
	silent, reason := "", ""
	for _, o := range boards {
		switch d := reported[o.GetName()]; {
		case d.Problem == v1alpha1.ReasonNoMatchingInstance:
			reason = cmp.Or(reason, d.Problem)
			problems = append(problems, fmt.Sprintf("GrafanaDashboard %s matches no Grafana: correct spec.dashboards.instanceSelector", d.Name))
		case d.Problem != "":
			reason = cmp.Or(reason, v1alpha1.ReasonNotSynchronized)
			problems = append(problems, fmt.Sprintf("GrafanaDashboard %s is not in Grafana: see its condition %s", d.Name, d.Problem))
		case !d.Synchronized:
			silent = cmp.Or(silent, o.GetName())
		}
	}
	switch {
	case len(problems) > 0:
		return conditionValue{metav1.ConditionFalse, reason, firstOf(problems, "the GrafanaDashboards")}
	case silent != "":
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonNotSeen, fmt.Sprintf(
			"grafana-operator has not reported on GrafanaDashboard %s: check that it runs", silent)}
	}
	return conditionValue{metav1.ConditionTrue, v1alpha1.ReasonLoaded, "grafana-operator reports that every GrafanaDashboard is synchronized"}
}
