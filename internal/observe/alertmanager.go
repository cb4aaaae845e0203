package observe

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// AlertmanagerOf reads an Alertmanager object; false for any other object.
func AlertmanagerOf(object any) (selection.Alertmanager, bool) {
	o, ok := object.(*monitoringv1.Alertmanager)
	if !ok {
		return selection.Alertmanager{}, false
	}
	a := selection.Alertmanager{
		Namespace: o.Namespace, Name: o.Name, Strategy: o.Spec.AlertmanagerConfigMatcherStrategy.Type,
		Deleting: o.DeletionTimestamp != nil, Stopped: o.Spec.Replicas != nil && *o.Spec.Replicas == 0, Service: valueOf(o.Spec.ServiceName),
		Configs: selection.Selectors{
			Objects: o.Spec.AlertmanagerConfigSelector, Namespaces: o.Spec.AlertmanagerConfigNamespaceSelector,
		},
	}
	a.Web = selection.Web{
		Port: portName(o.Spec.PortName), Prefix: strings.Trim(o.Spec.RoutePrefix, "/"),
		TLS: o.Spec.Web != nil && o.Spec.Web.TLSConfig != nil, Local: o.Spec.ListenLocal,
	}
	if o.Spec.AlertmanagerConfiguration != nil {
		a.Configuration = o.Spec.AlertmanagerConfiguration.Name
	}
	return a, true
}

// strippedAlertmanager keeps what AlertmanagerOf reads.
func strippedAlertmanager(o *monitoringv1.Alertmanager) *monitoringv1.Alertmanager {
	kept := &monitoringv1.Alertmanager{TypeMeta: o.TypeMeta, ObjectMeta: identityOf(o)}
	kept.DeletionTimestamp, kept.Spec.Replicas, kept.Spec.ServiceName = o.DeletionTimestamp, o.Spec.Replicas, o.Spec.ServiceName
	kept.Spec.AlertmanagerConfigSelector = o.Spec.AlertmanagerConfigSelector
	kept.Spec.AlertmanagerConfigNamespaceSelector = o.Spec.AlertmanagerConfigNamespaceSelector
	kept.Spec.AlertmanagerConfigMatcherStrategy = o.Spec.AlertmanagerConfigMatcherStrategy
	kept.Spec.PortName, kept.Spec.ListenLocal, kept.Spec.RoutePrefix = o.Spec.PortName, o.Spec.ListenLocal, o.Spec.RoutePrefix
	if o.Spec.Web != nil && o.Spec.Web.TLSConfig != nil {
		kept.Spec.Web = &monitoringv1.AlertmanagerWebSpec{WebConfigFileFields: monitoringv1.WebConfigFileFields{TLSConfig: &monitoringv1.WebTLSConfig{}}}
	}
	kept.Status.Conditions = availableMonitor(o.Status.Conditions)
	if o.Spec.AlertmanagerConfiguration != nil {
		kept.Spec.AlertmanagerConfiguration = &monitoringv1.AlertmanagerConfiguration{Name: o.Spec.AlertmanagerConfiguration.Name}
	}
	return kept
}

// alertmanagers returns every Alertmanager of the cluster, sorted by namespace and name.
func (o *Observer) alertmanagers(ctx context.Context) ([]selection.Alertmanager, error) {
	reader := o.Optional.Reader(kinds.Alertmanager)
	if reader == nil {
		return nil, nil
	}
	var list monitoringv1.AlertmanagerList
	if err := reader.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("listing %s objects: %w", kinds.Alertmanager.Kind, err)
	}
	var found []selection.Alertmanager
	for i := range list.Items {
		a, _ := AlertmanagerOf(&list.Items[i])
		found = append(found, a)
	}
	slices.SortFunc(found, func(a, b selection.Alertmanager) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return found, nil
}
