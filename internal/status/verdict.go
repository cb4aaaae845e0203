package status

import (
	"fmt"
	"slices"
	"strings"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// verdict is what Ready says, and whether we keep trying (Reconciling) or a human must act (Stalled).
type verdict struct {
	finding
	retrying, stalled bool
}

// verdictOf is the one place where an outcome becomes words.
func verdictOf(fm *v1alpha1.FluxMonitoring, o *Run) verdict {
	switch {
	case o.paused(fm):
		return suspended(fm)
	case o.Err != nil:
		return unreadable(Sentence(o.Err), o.Err)
	case o.Barred():
		return barred(o)
	case len(o.Failures) > 0:
		return failed(o.Failures)
	case o.Facts.Claim.Lost():
		return stalled(v1alpha1.ReasonConflict, conflict(fm, o.Facts.Claim))
	case !o.Facts.FluxFound():
		return notReady(v1alpha1.ReasonFluxNotFound, fluxNotFound(fm, o))
	case len(o.Unread) > 0:
		return unread(o)
	case o.Gone(fm):
		return notReady(v1alpha1.ReasonControllersGone, fmt.Sprintf("namespace %s has no Flux controller any more; existing objects are kept, so that "+
			"FluxControllerDown fires: install Flux, set spec.flux.namespace to where it runs, or delete PodMonitor %s if its controllers "+
			"will not return", o.Facts.Flux.Namespace, fm.Name))
	case len(o.MissingAPIs) > 0:
		return notReady(v1alpha1.ReasonAPIMissing, unserved(o.MissingAPIs))
	}
	return verdict{finding: finding{metav1.ConditionTrue, v1alpha1.ReasonApplied, summary(o)}}
}

// notReady is that the resource is not Ready, and nothing is tried nor needed from a human before something changes.
func notReady(reason, message string) verdict {
	return verdict{finding: finding{status: metav1.ConditionFalse, reason: reason, message: message}}
}

// stalled is that the resource is not Ready until a human acts.
func stalled(reason, message string) verdict {
	v := notReady(reason, message)
	v.stalled = true
	return v
}

// barred says why nothing can be written for the resource.
func barred(o *Run) verdict {
	if o.Invalid != nil {
		return stalled(v1alpha1.ReasonInvalidSpec, o.Invalid.Error())
	}
	return stalled(v1alpha1.ReasonServiceAccountRequired, o.Refusal)
}

// conflict names the FluxMonitoring that goes before, and the Prometheus that both want.
func conflict(fm *v1alpha1.FluxMonitoring, d claims.Decision) string {
	return fmt.Sprintf("Conflicts with FluxMonitoring %s, which already monitors Flux in %s for %s %s/%s. "+
		"Delete one or set different spec.prometheus.selector.", d.Against, fm.Spec.FluxNamespace(), d.Use.Kind, d.Use.Namespace, d.Use.Name)
}

// unserved says of the objects whose kinds are not served what to install for them.
func unserved(objects []*unstructured.Unstructured) string {
	var sentences []string
	for _, from := range []struct{ group, install string }{
		{kinds.PodMonitor.Group, "the CRDs of prometheus-operator"},
		{kinds.FluxProvider.Group, "Flux's notification-controller with its CRDs"},
		{kinds.GrafanaDashboard.Group, "the CRDs of grafana-operator"},
	} {
		missing := slices.DeleteFunc(slices.Clone(objects), func(o *unstructured.Unstructured) bool {
			return o.GroupVersionKind().Group != from.group
		})
		if len(missing) == 0 {
			continue
		}
		var versions []string
		for _, o := range missing {
			if !slices.Contains(versions, o.GetAPIVersion()) {
				versions = append(versions, o.GetAPIVersion())
			}
		}
		sentences = append(sentences, fmt.Sprintf("%s not applied, because the cluster does not serve %s: install %s; the operator "+
			"then continues automatically", kindNames(missing), pipeline.Listed(versions), from.install))
	}
	return strings.Join(sentences, "; ")
}

// paused reports whether the resource is suspended and nothing failed. Something may: deletionPolicy is carried out all the same.
func (o *Run) paused(fm *v1alpha1.FluxMonitoring) bool {
	return fm.Spec.Suspend && len(o.Failures) == 0 && o.Err == nil
}

// suspended keeps what Ready was, and says that nothing is written now.
func suspended(fm *v1alpha1.FluxMonitoring) verdict {
	f := finding{metav1.ConditionFalse, v1alpha1.ReasonSuspended, "the operator writes nothing until spec.suspend is false"}
	if meta.IsStatusConditionTrue(fm.Status.Conditions, fluxmeta.ReadyCondition) {
		f.status = metav1.ConditionTrue
	}
	return verdict{finding: f}
}

func leaving(fm *v1alpha1.FluxMonitoring) string {
	return fmt.Sprintf("namespace %s is being deleted, so nothing can be created in it: create the FluxMonitoring in another namespace", fm.Namespace)
}

func fluxNotFound(fm *v1alpha1.FluxMonitoring, o *Run) string {
	if !o.Facts.FluxNamespaceExists {
		return fmt.Sprintf("namespace %s does not exist: install Flux, or set spec.flux.namespace to where it runs", fm.Spec.FluxNamespace())
	}
	return fmt.Sprintf("namespace %s has no Flux controller (a Deployment with a container port whose name begins with http-prom), and the "+
		"cluster serves none of Flux's kinds: install Flux, or set spec.flux.namespace to where it runs", fm.Spec.FluxNamespace())
}

// summary names what is monitored, and by what.
func summary(o *Run) string {
	if len(o.Desired) == 0 {
		return "scrape, dashboards and alerts are turned off"
	}
	return fmt.Sprintf("Flux %s in %s: %s applied%s",
		o.Facts.Flux.VersionInWords(), o.Facts.Flux.Namespace, kindNames(o.Desired), withoutFields(o.LeftOut))
}

// withoutFields names the fields that were left out of what is applied, and what to do about it.
func withoutFields(all []desired.LeftOut) string {
	if len(all) == 0 {
		return ""
	}
	var named []string
	for _, l := range all {
		named = append(named, fmt.Sprintf("%s of %s", pipeline.Listed(l.Fields), l.Kind.Kind))
	}
	return ", without " + strings.Join(named, " and ") + ", which the CRDs installed here do not have: update them"
}

// kindNames lists what objects are, each kind once, in their order.
func kindNames(objects []*unstructured.Unstructured) string {
	var names []string
	for _, o := range objects {
		name := o.GetKind()
		switch {
		case desired.IsStateMetrics(o):
			name = "configuration for kube-state-metrics"
		case name == "ConfigMap":
			name = "dashboards"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return pipeline.Listed(names)
}

// failed tells every failure; the gravest gives the reason.
func failed(failures []*apply.Failure) verdict {
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
	v := verdict{finding: finding{status: metav1.ConditionFalse}}
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

// applied are the wanted objects that are in the cluster.
func applied(o *Run) []*unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(o.Desired), func(w *unstructured.Unstructured) bool {
		return slices.Contains(o.MissingAPIs, w) || slices.Contains(o.Unread, w) || slices.ContainsFunc(o.Failures, func(f *apply.Failure) bool {
			return f.Change.Wanted == w && f.Change.Actual == nil
		})
	})
}
