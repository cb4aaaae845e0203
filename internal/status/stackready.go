package status

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	helmv2 "github.com/fluxcd/helm-controller/api/v2"
	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/stack"
)

// stackReady follows the stack from the HelmRelease to the programs that it installs. The condition is absent without spec.stack.
func stackReady(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	no := func(reason, message string) conditionValue {
		return conditionValue{metav1.ConditionFalse, reason, message}
	}
	if stack.Of(fm) == nil {
		return conditionValue{}
	}
	if refusal := stack.Refused(fm, o.Facts.Stack.Allowed); refusal != "" {
		return no(v1alpha1.ReasonStackNotAllowed, refusal)
	}
	if other := o.Facts.Stack.OccupiedBy(); other != nil {
		return no(v1alpha1.ReasonOtherStack, otherStack(*other))
	}
	if fault := o.Facts.Faults[kinds.HelmRelease]; fault != nil {
		return unlessUnreadable(o.Facts, no(v1alpha1.ReasonAPIMissing, ""), kinds.HelmRelease)
	}
	switch isRelease := func(u *unstructured.Unstructured) bool { return u.GroupVersionKind() == kinds.HelmRelease }; {
	case len(o.Desired) == 0:
		return no(o.absenceReason(fm), "Flux is not found, see Ready")
	case !o.Facts.Served[kinds.HelmRelease]:
		return no(v1alpha1.ReasonAPIMissing, "HelmRelease v2 is not served, so Flux cannot install the stack: install helm-controller of Flux 2.3 or later")
	case !slices.ContainsFunc(Applied(o), isRelease):
		return no(v1alpha1.ReasonApplyFailed, "the HelmRelease is not applied, see Ready")
	case o.Facts.Stack.Release == nil:
		return installing(fm, o.Facts.Stack)
	}
	return unlessLacking(fm, o.Facts.Stack, released(fm, o.Facts.Stack))
}

// otherStack says what to do about a stack of somebody else.
func otherStack(other facts.StackObject) string {
	return fmt.Sprintf("%s %s/%s runs a stack already: remove spec.stack to use it, or uninstall it first", other.Kind, other.Namespace, other.Name)
}

// installing is that Flux has not installed the stack yet. Of what it waits for, the message has the first.
func installing(fm *v1alpha1.FluxMonitoring, s facts.Stack) conditionValue {
	message := fmt.Sprintf("Flux installs chart %s %s", stack.Chart, stack.Version(fm))
	if part := unavailable(s); part != nil && s.Release != nil {
		message += ": it waits for " + part.Kind + " " + part.Name
	}
	return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonInstalling, message}
}

// released is what helm-controller reports about the HelmRelease.
func released(fm *v1alpha1.FluxMonitoring, s facts.Stack) conditionValue {
	r := s.Release
	ready := meta.FindStatusCondition(r.Status.Conditions, fluxmeta.ReadyCondition)
	switch {
	case r.Suspended:
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonSuspended,
			fmt.Sprintf("HelmRelease %s is suspended, so Flux does not reconcile the stack: resume it", stack.ObjectName(fm))}
	case ready == nil || r.Status.ObservedGeneration != r.Generation || ready.Status == metav1.ConditionUnknown:
		return progressing(fm, s)
	case ready.Status == metav1.ConditionFalse:
		return notReleased(fm, s, *ready)
	case !isDeployed(newest(r, func(helmv2.Snapshot) bool { return true })):
		return canceled(fm)
	case meta.IsStatusConditionTrue(r.Status.Conditions, helmv2.DriftedCondition):
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonDrifted,
			fmt.Sprintf("HelmRelease %s: objects differ from the chart: read its events, and set driftDetection to enabled", stack.ObjectName(fm))}
	}
	return conditionValue{metav1.ConditionTrue, v1alpha1.ReasonInstalled, fmt.Sprintf("chart %s %s is installed", stack.Chart, deployed(r))}
}

// progressing is that Flux works on the HelmRelease. Its attempts to repeat what has failed are no news.
func progressing(fm *v1alpha1.FluxMonitoring, s facts.Stack) conditionValue {
	was := meta.FindStatusCondition(fm.Status.Conditions, v1alpha1.ConditionStackReady)
	failing := s.Release.Status.InstallFailures+s.Release.Status.UpgradeFailures > 0
	switch {
	case failing && was != nil && was.Status == metav1.ConditionFalse && was.ObservedGeneration == fm.Generation:
		return conditionValue{was.Status, was.Reason, was.Message}
	case deployed(s.Release) == "":
		return installing(fm, s)
	}
	return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonUpgrading,
		fmt.Sprintf("Flux upgrades chart %s from %s to %s, or its values", stack.Chart, deployed(s.Release), stack.Version(fm))}
}

// canceled is that an upgrade was canceled, so that it neither succeeded nor is it rolled back.
func canceled(fm *v1alpha1.FluxMonitoring) conditionValue {
	return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonCanceled,
		fmt.Sprintf("HelmRelease %s: the last upgrade was canceled and is not rolled back: flux reconcile helmrelease --force", stack.ObjectName(fm))}
}

// reasonsOfRelease are our reasons for those of a HelmRelease that is not ready.
var reasonsOfRelease = map[string]string{
	helmv2.InstallFailedReason: v1alpha1.ReasonInstallFailed, helmv2.UpgradeFailedReason: v1alpha1.ReasonUpgradeFailed,
	helmv2.RollbackFailedReason: v1alpha1.ReasonUpgradeFailed, helmv2.RollbackSucceededReason: v1alpha1.ReasonRolledBack,
	helmv2.UninstallSucceededReason: v1alpha1.ReasonUpgradeFailed, helmv2.UninstallFailedReason: v1alpha1.ReasonUpgradeFailed,
	helmv2.ArtifactFailedReason: v1alpha1.ReasonSourceFailed, "SourceNotReady": v1alpha1.ReasonSourceFailed,
	fluxmeta.HealthCheckCanceledReason: v1alpha1.ReasonUpgrading, helmv2.DependencyNotReadyReason: v1alpha1.ReasonInstalling,
	"PendingRelease": v1alpha1.ReasonUpgrading,
}

// reasonOf is our reason for a HelmRelease that is not ready; empty for a cause that has none of its own.
func reasonOf(s facts.Stack, ready metav1.Condition) string {
	reason := reasonsOfRelease[ready.Reason]
	switch {
	case ready.Reason == helmv2.UninstallSucceededReason && deployed(s.Release) == "" && s.Release.Status.UpgradeFailures == 0:
		return v1alpha1.ReasonInstallFailed
	case reason == v1alpha1.ReasonUpgradeFailed && strings.Contains(ready.Message, "context canceled"):
		return v1alpha1.ReasonCanceled
	case strings.HasSuffix(ready.Message, "has not been reconciled"), strings.HasSuffix(ready.Message, "does not have an artifact"):
		return v1alpha1.ReasonInstalling // the source has not begun
	}
	return reason
}

// notReleased is that the HelmRelease is not ready. The message has a class and a name, because a text of Helm can have values of Secrets.
func notReleased(fm *v1alpha1.FluxMonitoring, s facts.Stack, ready metav1.Condition) conditionValue {
	reason, name, version := reasonOf(s, ready), stack.ObjectName(fm), stack.Version(fm)
	no := func(format string, args ...any) conditionValue {
		return conditionValue{metav1.ConditionFalse, reason, fmt.Sprintf(format, args...)}
	}
	switch reason {
	case v1alpha1.ReasonInstalling, v1alpha1.ReasonUpgrading:
		return progressing(fm, s)
	case v1alpha1.ReasonCanceled:
		return canceled(fm)
	case v1alpha1.ReasonInstallFailed:
		return no("HelmRelease %s: the installation of chart %s failed%s", name, version, causeOf(ready))
	case v1alpha1.ReasonUpgradeFailed:
		return no("HelmRelease %s: the upgrade to chart %s failed%s", name, version, causeOf(ready))
	case v1alpha1.ReasonRolledBack:
		return no("HelmRelease %s: the upgrade to chart %s failed, and %s is back: correct spec.stack", name, version, deployed(s.Release))
	case v1alpha1.ReasonSourceFailed:
		return no("HelmRelease %s: Flux cannot fetch chart %s: see %s", name, version, sourceOf(fm))
	}
	reason = v1alpha1.ReasonReleaseFailed
	return no("HelmRelease %s: it is not ready because of %s: read its message", name, ready.Reason)
}

// awaited is an object for which Helm waited in vain, in the words of Helm and of helm-controller.
var awaited = regexp.MustCompile(`\b([A-Z][A-Za-z]{1,40})/(?:[a-z0-9-]{1,63}/)?([a-z0-9.-]{1,63}) (?:not ready\. )?status: '?[A-Z]`)

// causeOf is what the message of a HelmRelease says about a failure, and what to do.
func causeOf(ready metav1.Condition) string {
	if found := awaited.FindStringSubmatch(ready.Message); found != nil {
		return fmt.Sprintf(", waiting for %s %s: see its pods", found[1], found[2])
	}
	return ": read the message of the HelmRelease"
}

// unlessLacking is the value of an installed stack, unless one of its programs is not available or a value contradicts the rest.
func unlessLacking(fm *v1alpha1.FluxMonitoring, s facts.Stack, v conditionValue) conditionValue {
	if v.status != metav1.ConditionTrue {
		return v
	}
	if part := unavailable(s); part != nil {
		return lacking(fm, *part)
	}
	if all := stack.Contradictions(fm); len(all) > 0 {
		var messages []string
		for _, c := range all {
			messages = append(messages, fmt.Sprintf("value %s: %s", c.Key, c.Follows))
		}
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonContradictingValues, firstOf(messages, "the values of spec.stack")}
	}
	return v
}

// lacking is that a program of an installed stack is not available. It may be starting, unless it has been available before.
func lacking(fm *v1alpha1.FluxMonitoring, part facts.StackPart) conditionValue {
	was := meta.FindStatusCondition(fm.Status.Conditions, v1alpha1.ConditionStackReady)
	if was == nil || was.Reason != v1alpha1.ReasonInstalled && was.Reason != v1alpha1.ReasonNotAvailable {
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonStarting,
			fmt.Sprintf("%s %s of the stack starts: see its pods if it does not end", part.Kind, part.Name)}
	}
	return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonNotAvailable,
		fmt.Sprintf("%s %s of the stack is not available: see its pods", part.Kind, part.Name)}
}

// unavailable is the first program that is not available; nil if there is none.
func unavailable(s facts.Stack) *facts.StackPart {
	if i := slices.IndexFunc(s.Parts, func(p facts.StackPart) bool { return !p.Available }); i >= 0 {
		return &s.Parts[i]
	}
	return nil
}

// sourceOf names the source of the chart.
func sourceOf(fm *v1alpha1.FluxMonitoring) string {
	if from := stack.Of(fm).SourceRef; from != nil {
		return string(from.Kind) + " " + from.Name
	}
	return kinds.OCIRepository.Kind + " " + stack.ObjectName(fm)
}

// newest is the newest of the releases in the history of a HelmRelease that are wanted; an empty one if there is none.
func newest(r *facts.StackRelease, wanted func(helmv2.Snapshot) bool) (found helmv2.Snapshot) {
	for _, s := range r.Status.History {
		if s != nil && wanted(*s) && s.Version >= found.Version {
			found = *s
		}
	}
	return found
}

func isDeployed(s helmv2.Snapshot) bool { return s.Status == "deployed" }

// deployed is the version of the chart that is installed, without the digest that helm-controller adds; empty if none is.
func deployed(r *facts.StackRelease) string {
	version, _, _ := strings.Cut(newest(r, isDeployed).ChartVersion, "+")
	return version
}

// stackStatus says how to open the programs of the stack; nil without one.
func stackStatus(fm *v1alpha1.FluxMonitoring, o *Run) *v1alpha1.StackStatus {
	if stack.Of(fm) == nil || stack.Refused(fm, o.Facts.Stack.Allowed) != "" || o.Facts.Stack.OccupiedBy() != nil {
		return nil
	}
	names, spec := stack.NamesOf(fm), stack.Of(fm)
	s := &v1alpha1.StackStatus{
		HelmRelease: stack.ObjectName(fm), Grafana: access(names.Grafana, spec.Grafana.ExternalURL),
		Prometheus:   access(names.Prometheus, spec.Prometheus.ExternalURL),
		Alertmanager: access(names.Alertmanager, spec.Alertmanager.ExternalURL),
	}
	if s.Grafana != nil {
		s.Grafana.Secret = stack.AdminSecret(fm)
	}
	if o.Facts.Stack.Release != nil {
		s.Version = deployed(o.Facts.Stack.Release)
	}
	return s
}

func access(of stack.Server, url string) *v1alpha1.StackAccess {
	if of.Service == "" {
		return nil
	}
	return &v1alpha1.StackAccess{Service: of.Service, Port: of.Port, URL: url}
}
