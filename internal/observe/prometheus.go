package observe

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// InstanceOf reads a Prometheus or PrometheusAgent object; false for any other object.
func InstanceOf(object any) (selection.Instance, bool) {
	switch o := object.(type) {
	case *monitoringv1.Prometheus:
		i := instance(kinds.Prometheus.Kind, o, &o.Spec.CommonPrometheusFields)
		i.Rules = selection.Selectors{Objects: o.Spec.RuleSelector, Namespaces: o.Spec.RuleNamespaceSelector}
		i.EvaluationInterval = string(o.Spec.EvaluationInterval)
		i.ReceivesSamples = i.ReceivesSamples || len(o.Spec.RemoteRead) > 0
		i.Recipients, i.HiddenRecipients = recipients(o), o.Spec.AdditionalAlertManagerConfigs != nil
		i.Alerting = len(i.Recipients) > 0 || i.HiddenRecipients
		return i, true
	case *monitoringv1alpha1.PrometheusAgent:
		i := instance(kinds.PrometheusAgent.Kind, o, &o.Spec.CommonPrometheusFields)
		i.Stopped = i.Stopped && !daemonSet(o) // a DaemonSet ignores replicas
		return i, true
	}
	return selection.Instance{}, false
}

// recipients are the Alertmanager Services that a Prometheus names, without duplicates.
func recipients(o *monitoringv1.Prometheus) []selection.Recipient {
	if o.Spec.Alerting == nil {
		return nil
	}
	var found []selection.Recipient
	for _, a := range o.Spec.Alerting.Alertmanagers {
		r := selection.Recipient{Namespace: cmp.Or(valueOf(a.Namespace), o.Namespace), Service: a.Name}
		if !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	return found
}

func instance(kind string, o metav1.Object, f *monitoringv1.CommonPrometheusFields) selection.Instance {
	return selection.Instance{
		Kind: kind, Namespace: o.GetNamespace(), Name: o.GetName(), Labels: o.GetLabels(),
		PodMonitors:               selection.Selectors{Objects: f.PodMonitorSelector, Namespaces: f.PodMonitorNamespaceSelector},
		IgnoresNamespaceSelectors: f.IgnoreNamespaceSelectors,
		Web: selection.Web{
			Service: valueOf(f.ServiceName), Port: portName(f.PortName), Prefix: strings.Trim(f.RoutePrefix, "/"),
			TLS: f.Web != nil && f.Web.TLSConfig != nil, Local: f.ListenLocal,
		},
		Operation: selection.Operation{
			Deleting: o.GetDeletionTimestamp() != nil,
			Stopped:  f.Replicas != nil && *f.Replicas == 0,
			Paused:   f.Paused, Shards: valueOf(f.Shards),
			// An enforced limit applies to PodMonitors without their own.
			TargetLimit:     cmp.Or(valueOf(f.EnforcedTargetLimit), valueOf(f.TargetLimit)),
			ReceivesSamples: f.EnableRemoteWriteReceiver || valueOf(f.EnableOTLPReceiver) || f.AdditionalScrapeConfigs != nil,
			AddedLabels:     addedLabels(f),
			Relabels:        slices.ContainsFunc(f.ScrapeClasses, relabels),
			Classes:         classes(f.ScrapeClasses),
		},
	}
}

// portName is the name of a port, which prometheus-operator defaults to web; empty if it is that.
func portName(name string) string {
	if name == defaultPortName {
		return ""
	}
	return name
}

// defaultPortName is prometheus-operator's.
const defaultPortName = "web"

// addedLabels are the labels that an instance adds to series, sorted. The external labels of prometheus-operator can
// have configured names.
func addedLabels(f *monitoringv1.CommonPrometheusFields) []string {
	names := slices.Concat(slices.Collect(maps.Keys(f.ExternalLabels)), f.PodTargetLabels)
	for _, name := range []string{f.EnforcedNamespaceLabel, valueOf(f.PrometheusExternalLabelName), valueOf(f.ReplicaExternalLabelName)} {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// classes are the scrape classes, with what decides whether a PodMonitor is scraped.
func classes(all []monitoringv1.ScrapeClass) []selection.ScrapeClass {
	var found []selection.ScrapeClass
	for _, c := range all {
		found = append(found, selection.ScrapeClass{Name: c.Name, Default: valueOf(c.Default), Authorizes: c.Authorization != nil})
	}
	return found
}

// strippedClasses keeps scrape classes without credentials, and only whether they have relabelings.
func strippedClasses(all []monitoringv1.ScrapeClass) []monitoringv1.ScrapeClass {
	var kept []monitoringv1.ScrapeClass
	for _, c := range all {
		k := monitoringv1.ScrapeClass{Name: c.Name, Default: c.Default}
		if c.Authorization != nil {
			k.Authorization = &monitoringv1.Authorization{}
		}
		if relabels(c) {
			k.Relabelings = make([]monitoringv1.RelabelConfig, 1)
		}
		kept = append(kept, k)
	}
	return kept
}

// relabels reports whether a scrape class applies to PodMonitors that name none, and relabels.
func relabels(c monitoringv1.ScrapeClass) bool {
	return valueOf(c.Default) && len(c.Relabelings)+len(c.MetricRelabelings) > 0
}

func daemonSet(o *monitoringv1alpha1.PrometheusAgent) bool {
	return valueOf(o.Spec.Mode) == monitoringv1alpha1.DaemonSetPrometheusAgentMode
}

// valueOf is the value of a pointer, or the zero value.
func valueOf[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

// strippedPrometheus keeps what InstanceOf reads.
func strippedPrometheus(o *monitoringv1.Prometheus) *monitoringv1.Prometheus {
	kept := &monitoringv1.Prometheus{TypeMeta: o.TypeMeta, ObjectMeta: identityOf(o)}
	kept.Labels, kept.DeletionTimestamp = o.Labels, o.DeletionTimestamp
	kept.Spec.CommonPrometheusFields = strippedFields(&o.Spec.CommonPrometheusFields)
	kept.Spec.RuleSelector, kept.Spec.RuleNamespaceSelector = o.Spec.RuleSelector, o.Spec.RuleNamespaceSelector
	kept.Spec.EvaluationInterval = o.Spec.EvaluationInterval
	kept.Status.Conditions = availableMonitor(o.Status.Conditions)
	if len(o.Spec.RemoteRead) > 0 {
		kept.Spec.RemoteRead = make([]monitoringv1.RemoteReadSpec, 1)
	}
	strippedRecipients(o, kept)
	return kept
}

// strippedAgent keeps what InstanceOf reads.
func strippedAgent(o *monitoringv1alpha1.PrometheusAgent) *monitoringv1alpha1.PrometheusAgent {
	kept := &monitoringv1alpha1.PrometheusAgent{TypeMeta: o.TypeMeta, ObjectMeta: identityOf(o)}
	kept.Labels, kept.DeletionTimestamp, kept.Spec.Mode = o.Labels, o.DeletionTimestamp, o.Spec.Mode
	kept.Spec.CommonPrometheusFields = strippedFields(&o.Spec.CommonPrometheusFields)
	return kept
}

// strippedRecipients keeps the named Alertmanager Services, and whether a Secret has more.
func strippedRecipients(o, kept *monitoringv1.Prometheus) {
	if found := recipients(o); len(found) > 0 {
		kept.Spec.Alerting = &monitoringv1.AlertingSpec{}
		for _, r := range found {
			kept.Spec.Alerting.Alertmanagers = append(kept.Spec.Alerting.Alertmanagers,
				monitoringv1.AlertmanagerEndpoints{Namespace: &r.Namespace, Name: r.Service})
		}
	}
	if o.Spec.AdditionalAlertManagerConfigs != nil {
		kept.Spec.AdditionalAlertManagerConfigs = &corev1.SecretKeySelector{}
	}
}

func strippedFields(f *monitoringv1.CommonPrometheusFields) monitoringv1.CommonPrometheusFields {
	kept := monitoringv1.CommonPrometheusFields{
		PodMonitorSelector:          f.PodMonitorSelector,
		PodMonitorNamespaceSelector: f.PodMonitorNamespaceSelector,
		IgnoreNamespaceSelectors:    f.IgnoreNamespaceSelectors,
		Replicas:                    f.Replicas, Paused: f.Paused, Shards: f.Shards,
		TargetLimit: f.TargetLimit, EnforcedTargetLimit: f.EnforcedTargetLimit,
		EnableRemoteWriteReceiver: f.EnableRemoteWriteReceiver, EnableOTLPReceiver: f.EnableOTLPReceiver,
		PodTargetLabels: f.PodTargetLabels, ExternalLabels: f.ExternalLabels, EnforcedNamespaceLabel: f.EnforcedNamespaceLabel,
		PrometheusExternalLabelName: f.PrometheusExternalLabelName, ReplicaExternalLabelName: f.ReplicaExternalLabelName,
		ServiceName: f.ServiceName, PortName: f.PortName, ListenLocal: f.ListenLocal,
		RoutePrefix: f.RoutePrefix,
	}
	if f.Web != nil && f.Web.TLSConfig != nil { // only whether it is set matters
		kept.Web = &monitoringv1.PrometheusWebSpec{WebConfigFileFields: monitoringv1.WebConfigFileFields{TLSConfig: &monitoringv1.WebTLSConfig{}}}
	}
	kept.ScrapeClasses = strippedClasses(f.ScrapeClasses)
	if f.AdditionalScrapeConfigs != nil { // only whether it is set matters
		kept.AdditionalScrapeConfigs = &corev1.SecretKeySelector{}
	}
	return kept
}

// sortInstances sorts by kind, namespace and name, so that what follows from them is deterministic.
func sortInstances(instances []selection.Instance) {
	slices.SortFunc(instances, func(a, b selection.Instance) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}
