package status

import (
	"fmt"
	"slices"
	"strings"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// readyCondition is the value of Ready, and whether the operator retries (Reconciling) or a person must act (Stalled).
type readyCondition struct {
	conditionValue
	retrying, stalled bool
}

// readyOf is the value of Ready after a run.
func readyOf(fm *v1alpha1.FluxMonitoring, o *Run) readyCondition {
	switch {
	case o.isSuspended(fm):
		return suspended(fm)
	case o.Err != nil:
		return unreadable(Sentence(o.Err), o.Err)
	case o.Blocked():
		return blocked(o)
	case len(o.Failures) > 0:
		return failed(o.Failures)
	case o.Facts.Claim.Lost():
		return stalled(v1alpha1.ReasonConflict, conflict(o.Facts.Claim))
	case !o.Facts.FluxFound():
		return notReady(v1alpha1.ReasonFluxNotFound, fluxNotFound(fm, o))
	case len(o.Unreadable) > 0:
		return kindsUnreadable(o)
	case o.ControllersGone(fm):
		return notReady(v1alpha1.ReasonControllersGone, controllersGone(fm))
	}
	return completeness(fm, o)
}

// completeness is the value of Ready when nothing has failed: whether each desired object can be applied.
func completeness(fm *v1alpha1.FluxMonitoring, o *Run) readyCondition {
	switch {
	case o.StackRefusal != "":
		return stalled(v1alpha1.ReasonStackNotAllowed, o.StackRefusal)
	case o.Installer != "":
		return readyCondition{conditionValue: stackInstalling(o), retrying: true}
	case len(o.MissingAPIs) > 0:
		return notReady(v1alpha1.ReasonAPIMissing, apisMissing(o.MissingAPIs, o.Facts.Served))
	}
	return appliedAll(fm, o)
}

// appliedAll is that everything is applied. A name that the operator does not have is ignored, because the resource may be for another
// version of the operator, and reported, because it may be a mistake.
func appliedAll(fm *v1alpha1.FluxMonitoring, o *Run) readyCondition {
	if unknown := desired.UnknownNames(&fm.Spec); len(unknown) > 0 {
		message := strings.Join(unknown, "; ") + "; all else is applied: " + summary(o)
		return readyCondition{conditionValue: conditionValue{metav1.ConditionTrue, v1alpha1.ReasonUnknownName, message}}
	}
	return readyCondition{conditionValue: conditionValue{metav1.ConditionTrue, v1alpha1.ReasonApplied, summary(o)}}
}

// notReady is that the resource is not Ready, and that the operator waits for a change.
func notReady(reason, message string) readyCondition {
	return readyCondition{conditionValue: conditionValue{status: metav1.ConditionFalse, reason: reason, message: message}}
}

// stalled is that the resource is not Ready until a person acts.
func stalled(reason, message string) readyCondition {
	v := notReady(reason, message)
	v.stalled = true
	return v
}

// blocked says why the operator writes nothing for the resource.
func blocked(o *Run) readyCondition {
	if o.Invalid != nil {
		return stalled(v1alpha1.ReasonInvalidSpec, o.Invalid.Error())
	}
	return stalled(v1alpha1.ReasonServiceAccountRequired, o.Refusal)
}

// conflict names the FluxMonitoring that has the claim, and the Prometheus that both select.
func conflict(d claims.Decision) string {
	return fmt.Sprintf("conflicts with FluxMonitoring %s on %s %s/%s: delete one, or change spec.prometheus",
		d.Winner, d.Use.Kind, d.Use.Namespace, d.Use.Name)
}

// installs are what to install for the kinds of a group.
var installs = map[string]string{
	kinds.PodMonitor.Group:       "prometheus-operator's CRDs",
	kinds.FluxProvider.Group:     "notification-controller",
	kinds.GrafanaDashboard.Group: "grafana-operator's CRDs",
	kinds.HelmRelease.Group:      "helm-controller of Flux 2.3 or later",
	kinds.OCIRepository.Group:    "source-controller",
}

// apisMissing names the desired objects whose kinds the cluster does not serve, and what to install for them: of an API that is served in
// part, the CRDs.
func apisMissing(objects []*unstructured.Unstructured, served map[schema.GroupVersionKind]bool) string {
	var sentences []string
	for len(objects) > 0 {
		version := objects[0].GroupVersionKind().GroupVersion()
		isOther := func(o *unstructured.Unstructured) bool { return o.GroupVersionKind().GroupVersion() != version }
		missing := slices.DeleteFunc(slices.Clone(objects), isOther)
		objects = slices.DeleteFunc(slices.Clone(objects), func(o *unstructured.Unstructured) bool { return !isOther(o) })
		sentence := fmt.Sprintf("%s not applied, because %s is not served: install %s", kindNames(missing), version, installs[version.Group])
		if servesPart(version, served) {
			sentence = fmt.Sprintf("%s not applied, because the kind is not served: install CRD %s", kindNames(missing), pipeline.Listed(crdsOf(missing)))
		}
		sentences = append(sentences, sentence)
	}
	return strings.Join(sentences, "; ")
}

// stackInstalling says which objects follow as soon as the stack has brought their kinds.
func stackInstalling(o *Run) conditionValue {
	return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonStackInstalling,
		fmt.Sprintf("%s not applied yet: HelmRelease %s installs the CRDs", kindNames(o.MissingAPIs), o.Installer)}
}

// servesPart reports whether the cluster serves a kind of this version.
func servesPart(version schema.GroupVersion, served map[schema.GroupVersionKind]bool) bool {
	for kind, is := range served {
		if is && kind.GroupVersion() == version {
			return true
		}
	}
	return false
}

// crdsOf are the names of the CRDs of objects, each once.
func crdsOf(objects []*unstructured.Unstructured) []string {
	var names []string
	for _, o := range objects {
		if name := kinds.Of(o.GroupVersionKind()).CRD(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// isSuspended reports whether the resource is suspended and nothing failed. Something can fail: the operator carries out deletionPolicy
// even then.
func (o *Run) isSuspended(fm *v1alpha1.FluxMonitoring) bool {
	return fm.Spec.Suspend && len(o.Failures) == 0 && o.Err == nil
}

// suspended keeps the status of Ready, and says that the operator writes nothing.
func suspended(fm *v1alpha1.FluxMonitoring) readyCondition {
	f := conditionValue{metav1.ConditionFalse, v1alpha1.ReasonSuspended, "the operator writes nothing until spec.suspend is false"}
	if meta.IsStatusConditionTrue(fm.Status.Conditions, fluxmeta.ReadyCondition) {
		f.status = metav1.ConditionTrue
	}
	return readyCondition{conditionValue: f}
}

func namespaceTerminating(fm *v1alpha1.FluxMonitoring) string {
	return fmt.Sprintf("namespace %s is being deleted, so nothing can be created in it: create the FluxMonitoring in another namespace", fm.Namespace)
}

func controllersGone(fm *v1alpha1.FluxMonitoring) string {
	return fmt.Sprintf("namespace %s has no Flux controller any more: install Flux, set spec.flux.namespace, or delete PodMonitor %s",
		fm.Spec.FluxNamespace(), fm.Name)
}

func fluxNotFound(fm *v1alpha1.FluxMonitoring, o *Run) string {
	if !o.Facts.FluxNamespaceExists {
		return fmt.Sprintf("namespace %s does not exist: install Flux, or set spec.flux.namespace to where it runs", fm.Spec.FluxNamespace())
	}
	return fmt.Sprintf("Flux is not found in namespace %s: install Flux, or set spec.flux.namespace to where it runs", fm.Spec.FluxNamespace())
}

// summary names the Flux and the kinds of the applied objects.
func summary(o *Run) string {
	if len(o.Desired) == 0 {
		return "scrape, dashboards and alerts are turned off"
	}
	return fmt.Sprintf("Flux %s in %s: %s applied%s",
		o.Facts.Flux.VersionText(), o.Facts.Flux.Namespace, kindNames(o.Desired), withoutFields(o.Omitted))
}

// withoutFields names the fields that were omitted from the applied objects, and what to do.
func withoutFields(all []desired.OmittedFields) string {
	if len(all) == 0 {
		return ""
	}
	var named []string
	for _, l := range all {
		named = append(named, fmt.Sprintf("%s of %s", pipeline.Listed(l.Fields), l.Kind.Kind))
	}
	return ", without " + strings.Join(named, " and ") + ", which the CRDs installed here do not have: update them"
}

// kindNames lists the kinds of objects, each once, in their order.
func kindNames(objects []*unstructured.Unstructured) string {
	var names []string
	for _, o := range objects {
		name := o.GetKind()
		switch {
		case desired.IsStateMetrics(o):
			name = "configuration for kube-state-metrics"
		case desired.IsStackValues(o):
			name = "values of the stack"
		case name == "ConfigMap":
			name = "dashboards"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return pipeline.Listed(names)
}

// failed reports every failure; the most severe one gives the reason.
func failed(failures []*apply.Failure) readyCondition {
	reasons := []struct {
		cause  apply.Cause
		reason string
	}{
		{apply.Foreign, v1alpha1.ReasonForeignObject},
		{apply.Rejected, v1alpha1.ReasonRejected},
		{apply.Forbidden, v1alpha1.ReasonForbidden},
		{apply.Contested, v1alpha1.ReasonContested},
		{apply.Missing, v1alpha1.ReasonAPIMissing},
		{apply.Temporary, v1alpha1.ReasonApplyFailed},
	}
	v := readyCondition{conditionValue: conditionValue{status: metav1.ConditionFalse}}
	var sentences []string
	for _, r := range reasons {
		for _, f := range failures {
			if f.Cause != r.cause {
				continue
			}
			if v.reason == "" {
				v.reason = r.reason
				v.retrying = f.Cause == apply.Temporary || f.Cause == apply.Missing
				v.stalled = !v.retrying
			}
			sentences = append(sentences, fmt.Sprintf("%s %s: %s", f.Change.Kind.Kind, f.Change.Name, Sentence(f.Err)))
		}
	}
	v.message = strings.Join(sentences, "; ")
	return v
}

// Applied are the desired objects that are in the cluster.
func Applied(o *Run) []*unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(o.Desired), func(w *unstructured.Unstructured) bool {
		return slices.Contains(o.MissingAPIs, w) || slices.Contains(o.Unreadable, w) || slices.ContainsFunc(o.Failures, func(f *apply.Failure) bool {
			return f.Change.Desired == w && f.Change.Live == nil
		})
	})
}
