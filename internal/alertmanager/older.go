package alertmanager

import (
	"fmt"

	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
)

// Older is a spec in v1alpha1, by prometheus-operator's own conversion, with the given receivers before those of the spec. A user's
// receivers are parsed in v1alpha1 (OlderReceiver) and not converted: v1alpha1 has fields that v1beta1 lacks, and the conversion of
// prometheus-operator v0.94.1 loses some that both have.
func Older(
	spec monitoringv1beta1.AlertmanagerConfigSpec, receivers []monitoringv1alpha1.Receiver,
) (monitoringv1alpha1.AlertmanagerConfigSpec, error) {
	var older monitoringv1alpha1.AlertmanagerConfig
	if err := (&monitoringv1beta1.AlertmanagerConfig{Spec: spec}).ConvertTo(&older); err != nil {
		return older.Spec, fmt.Errorf("converting to %s: %w", monitoringv1alpha1.SchemeGroupVersion, err)
	}
	older.Spec.Receivers = append(receivers[:len(receivers):len(receivers)], older.Spec.Receivers...)
	return older.Spec, nil
}
