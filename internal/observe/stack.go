package observe

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	helmv2 "github.com/fluxcd/helm-controller/api/v2"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/stack"
)

// OperatorIndex is the name of the cache index of the Deployments that run prometheus-operator.
const OperatorIndex = "prometheus-operator"

// HasOperator is the value that OperatorIndex has for these Deployments.
const HasOperator = "true"

// IndexOperator is the index function of OperatorIndex.
func IndexOperator(o client.Object) []string {
	if d, ok := o.(*appsv1.Deployment); ok && runsOperator(d) {
		return []string{HasOperator}
	}
	return nil
}

const prometheusOperator = "prometheus-operator"

// runsOperator reports whether a Deployment runs prometheus-operator: the name or the image of a container says so.
func runsOperator(d *appsv1.Deployment) bool {
	return slices.ContainsFunc(d.Spec.Template.Spec.Containers, isOperator)
}

func isOperator(c corev1.Container) bool {
	base, _ := splitImage(c.Image)
	return c.Name == prometheusOperator || base == prometheusOperator
}

// The labels with which helm-controller marks the objects of a HelmRelease.
const (
	releaseNameLabel      = flux.GroupHelm + "/name"
	releaseNamespaceLabel = flux.GroupHelm + "/namespace"
)

// addStack adds what is known about the stack of a FluxMonitoring that asks for one.
func (o *Observer) addStack(ctx context.Context, fm *v1alpha1.FluxMonitoring, found *facts.Facts) (err error) {
	if stack.Of(fm) == nil {
		return nil
	}
	if found.Stack.Release, err = o.stackRelease(ctx, fm); err != nil {
		return err
	}
	if found.Stack.Parts, err = o.stackParts(ctx, fm); err != nil {
		return err
	}
	if found.Stack.Others, err = o.otherStacks(ctx, fm); err != nil || len(found.Stack.Others) > 0 || !installs(fm, found.Stack) {
		return err
	}
	found.Stack.Others, err = o.otherReleases(ctx, fm)
	return err
}

// installs reports whether the operator is about to have a stack installed: it is allowed, and there is none of the FluxMonitoring yet.
func installs(fm *v1alpha1.FluxMonitoring, s facts.Stack) bool {
	return s.Release == nil && stack.Refused(fm, s.Allowed) == ""
}

// stackRelease is the HelmRelease of a FluxMonitoring; nil if it has none.
func (o *Observer) stackRelease(ctx context.Context, fm *v1alpha1.FluxMonitoring) (*facts.StackRelease, error) {
	reader := o.Optional.Reader(kinds.HelmRelease)
	if reader == nil {
		return nil, nil //nolint:nilnil // nil is a valid value: there is none
	}
	release := kinds.Plain(kinds.HelmRelease)
	err := reader.Get(ctx, client.ObjectKey{Namespace: fm.Namespace, Name: stack.ObjectName(fm)}, release)
	if apierrors.IsNotFound(err) || err == nil && release.GetLabels()[mark.OwnerLabel] != fm.Name {
		return nil, nil //nolint:nilnil // the same
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s %s: %w", kinds.HelmRelease.Kind, stack.ObjectName(fm), err)
	}
	read := ReleaseOf(release)
	return &read, nil
}

// ReleaseOf reads what helm-controller reports about a HelmRelease. A field with another type than in version v2 is not read.
func ReleaseOf(o *unstructured.Unstructured) facts.StackRelease {
	r := facts.StackRelease{Generation: o.GetGeneration()}
	r.Suspended, _, _ = unstructured.NestedBool(o.Object, "spec", "suspend")
	status, _, _ := unstructured.NestedMap(o.Object, "status")
	if runtime.DefaultUnstructuredConverter.FromUnstructured(status, &r.Status) != nil {
		r.Status = helmv2.HelmReleaseStatus{}
	}
	return r
}

// keptOfRelease are the fields of the status of a HelmRelease, of its conditions and of its history that a cache keeps.
var keptOfRelease = map[string][]string{
	"":           {"observedGeneration", "installFailures", "upgradeFailures"},
	"conditions": {"type", "status", "reason", "message", "observedGeneration"},
	"history":    {"version", "status", "chartName", "chartVersion"},
}

// StripRelease is the transform of a cache of HelmReleases: it keeps what ReleaseOf reads, without what changes at each report.
func StripRelease(o *unstructured.Unstructured) *unstructured.Unstructured {
	kept := StripStatus(o)
	if suspended, _, _ := unstructured.NestedBool(o.Object, "spec", "suspend"); suspended {
		_ = unstructured.SetNestedField(kept.Object, true, "spec", "suspend") // cannot fail: the parents are maps
	}
	status, _, _ := unstructured.NestedMap(o.Object, "status")
	short := picked(status, keptOfRelease[""])
	for _, list := range []string{"conditions", "history"} {
		all, _ := status[list].([]any)
		var items []any
		for _, item := range all {
			if fields, ok := item.(map[string]any); ok {
				items = append(items, picked(fields, keptOfRelease[list]))
			}
		}
		short[list] = items
	}
	kept.Object["status"] = short
	return kept
}

// picked are the fields with these names.
func picked(from map[string]any, names []string) map[string]any {
	kept := map[string]any{}
	for _, name := range names {
		if value, has := from[name]; has {
			kept[name] = value
		}
	}
	return kept
}

// stackParts are the programs of the stack of a FluxMonitoring.
func (o *Observer) stackParts(ctx context.Context, fm *v1alpha1.FluxMonitoring) (parts []facts.StackPart, err error) {
	names := stack.NamesOf(fm)
	for _, of := range []struct {
		reader client.Reader
		name   string
		object client.Object
		kind   string
	}{
		{o.Reader, names.Operator, &appsv1.Deployment{}, "Deployment"},
		{o.Optional.Reader(kinds.Prometheus), names.PrometheusObject, &monitoringv1.Prometheus{}, kinds.Prometheus.Kind},
		{o.Optional.Reader(kinds.Alertmanager), names.AlertmanagerObject, &monitoringv1.Alertmanager{}, kinds.Alertmanager.Kind},
		{o.Reader, names.GrafanaDeployment, &appsv1.Deployment{}, "Deployment"},
	} {
		if of.name == "" {
			continue
		}
		part := facts.StackPart{Kind: of.kind, Name: of.name}
		if of.reader != nil {
			if err := of.reader.Get(ctx, client.ObjectKey{Namespace: fm.Namespace, Name: of.name}, of.object); err == nil {
				part.Available = AvailableOf(of.object)
			} else if !apierrors.IsNotFound(err) {
				return nil, fmt.Errorf("reading %s %s: %w", of.kind, of.name, err)
			}
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// AvailableOf reports whether the condition Available of a Deployment, a Prometheus or an Alertmanager is True; false for any other object.
func AvailableOf(o client.Object) bool {
	switch o := o.(type) {
	case *appsv1.Deployment:
		return len(availableDeployment(o.Status.Conditions)) > 0
	case *monitoringv1.Prometheus:
		return len(availableMonitor(o.Status.Conditions)) > 0
	case *monitoringv1.Alertmanager:
		return len(availableMonitor(o.Status.Conditions)) > 0
	}
	return false
}

// availableDeployment is the condition Available without what changes at each report; none if it is not True.
func availableDeployment(all []appsv1.DeploymentCondition) []appsv1.DeploymentCondition {
	for _, c := range all {
		if c.Type == appsv1.DeploymentAvailable && c.Status == corev1.ConditionTrue {
			return []appsv1.DeploymentCondition{{Type: c.Type, Status: c.Status}}
		}
	}
	return nil
}

// availableMonitor is the same of an object of prometheus-operator.
func availableMonitor(all []monitoringv1.Condition) []monitoringv1.Condition {
	for _, c := range all {
		if c.Type == monitoringv1.Available && c.Status == monitoringv1.ConditionTrue {
			return []monitoringv1.Condition{{Type: c.Type, Status: c.Status}}
		}
	}
	return nil
}

// otherStacks are the Deployments of prometheus-operator that are not of the FluxMonitoring's own stack, sorted. If Flux has installed one,
// its HelmRelease is named instead.
func (o *Observer) otherStacks(ctx context.Context, fm *v1alpha1.FluxMonitoring) ([]facts.StackObject, error) {
	var list appsv1.DeploymentList
	if err := o.Reader.List(ctx, &list, client.MatchingFields{OperatorIndex: HasOperator}); err != nil {
		return nil, fmt.Errorf("listing the Deployments that run prometheus-operator: %w", err)
	}
	own := facts.StackObject{Kind: kinds.HelmRelease.Kind, Namespace: fm.Namespace, Name: stack.ObjectName(fm)}
	var found []facts.StackObject
	for i := range list.Items {
		d := &list.Items[i]
		other := facts.StackObject{Kind: "Deployment", Namespace: d.Namespace, Name: d.Name}
		if name := d.Labels[releaseNameLabel]; name != "" {
			other = facts.StackObject{Kind: kinds.HelmRelease.Kind, Namespace: d.Labels[releaseNamespaceLabel], Name: name}
		}
		if runsOperator(d) && other != own && !slices.Contains(found, other) {
			found = append(found, other)
		}
	}
	slices.SortFunc(found, func(a, b facts.StackObject) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	return found, nil
}

// releasePage is how many HelmReleases are read at a time: each can have large values.
const releasePage = 100

// otherReleases are the HelmReleases of the chart that are not the FluxMonitoring's own, sorted. Flux may not have installed them yet. What the
// operator may not read does not count.
func (o *Observer) otherReleases(ctx context.Context, fm *v1alpha1.FluxMonitoring) (found []facts.StackObject, err error) {
	if o.Live == nil || o.Optional.Reader(kinds.HelmRelease) == nil {
		return nil, nil
	}
	own := client.ObjectKey{Namespace: fm.Namespace, Name: stack.ObjectName(fm)}
	for page := kinds.PlainList(kinds.HelmRelease); ; {
		if err := o.Live.List(ctx, page, client.Limit(releasePage), client.Continue(page.GetContinue())); err != nil {
			return nil, unlessForbidden(fmt.Errorf("listing %s objects: %w", kinds.HelmRelease.Kind, err))
		}
		for i := range page.Items {
			r := &page.Items[i]
			if client.ObjectKeyFromObject(r) != own && r.GetDeletionTimestamp() == nil && o.releasesChart(ctx, r) {
				found = append(found, facts.StackObject{Kind: kinds.HelmRelease.Kind, Namespace: r.GetNamespace(), Name: r.GetName()})
			}
		}
		if page.GetContinue() == "" {
			return found, nil
		}
	}
}

// unlessForbidden is an error, unless it is a lack of permission.
func unlessForbidden(err error) error {
	if apierrors.IsForbidden(err) {
		return nil
	}
	return err
}

// releasesChart reports whether a HelmRelease installs kube-prometheus-stack: its spec, its history or its source says so.
func (o *Observer) releasesChart(ctx context.Context, r *unstructured.Unstructured) bool {
	if chart, has, _ := unstructured.NestedString(r.Object, "spec", "chart", "spec", "chart"); has {
		return path.Base(chart) == stack.Chart
	}
	if history := ReleaseOf(r).Status.History; len(history) > 0 {
		return history[0] != nil && history[0].ChartName == stack.Chart
	}
	from, _, _ := unstructured.NestedStringMap(r.Object, "spec", "chartRef")
	if from["kind"] != kinds.OCIRepository.Kind {
		return false
	}
	source := kinds.Plain(kinds.OCIRepository)
	if o.Live.Get(ctx, client.ObjectKey{Namespace: cmp.Or(from["namespace"], r.GetNamespace()), Name: from["name"]}, source) != nil {
		return false
	}
	url, _, _ := unstructured.NestedString(source.Object, "spec", "url")
	return path.Base(url) == stack.Chart
}

// StackPartOf is what a Deployment, a Prometheus or an Alertmanager can change about a stack; a zero one for any other object.
func StackPartOf(o client.Object) facts.StackPart {
	switch o := o.(type) {
	case *appsv1.Deployment:
		if runsOperator(o) || GrafanaIn(&o.Spec.Template.Spec) != nil {
			return facts.StackPart{Kind: "Deployment", Name: o.Name, Available: AvailableOf(o)}
		}
	case *monitoringv1.Prometheus, *monitoringv1.Alertmanager:
		return facts.StackPart{Kind: "Prometheus", Name: o.GetName(), Available: AvailableOf(o)}
	}
	return facts.StackPart{}
}

// addStackPart adds to a stripped Deployment what is read of one that a stack can consist of.
func addStackPart(d, kept *appsv1.Deployment) {
	containers := &kept.Spec.Template.Spec.Containers
	for _, c := range d.Spec.Template.Spec.Containers {
		if isOperator(c) || isGrafana(c) && GrafanaIn(&kept.Spec.Template.Spec) == nil {
			*containers = append(*containers, corev1.Container{Name: c.Name, Image: c.Image})
		}
	}
	if runsOperator(kept) {
		kept.Labels = pickLabels(d.Labels, []string{releaseNameLabel, releaseNamespaceLabel})
	}
	if len(*containers) > 0 {
		kept.Status.Conditions = availableDeployment(d.Status.Conditions)
	}
}
