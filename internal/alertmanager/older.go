package alertmanager

import (
	"fmt"

	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
)

// Older returns the same spec in v1alpha1, by prometheus-operator's own conversion, and what that leaves out.
func Older(spec monitoringv1beta1.AlertmanagerConfigSpec) (monitoringv1alpha1.AlertmanagerConfigSpec, error) {
	var older monitoringv1alpha1.AlertmanagerConfig
	if err := (&monitoringv1beta1.AlertmanagerConfig{Spec: *threaded(spec)}).ConvertTo(&older); err != nil {
		return older.Spec, fmt.Errorf("converting to %s: %w", monitoringv1alpha1.SchemeGroupVersion, err)
	}
	for i, r := range spec.Receivers {
		complete(&older.Spec.Receivers[i], r)
	}
	return older.Spec, nil
}

// threaded is a copy of a spec in which every emailConfig has threading: the conversion of prometheus-operator v0.94.1 panics
// over one that has none.
func threaded(spec monitoringv1beta1.AlertmanagerConfigSpec) *monitoringv1beta1.AlertmanagerConfigSpec {
	result := spec.DeepCopy()
	for _, r := range result.Receivers {
		for i := range r.EmailConfigs {
			if r.EmailConfigs[i].Threading == nil {
				r.EmailConfigs[i].Threading = &monitoringv1beta1.EmailThreadingConfig{}
			}
		}
	}
	return result
}

// complete makes of a converted receiver what it was: it has no threading where none was written, and a pushoverConfig has its
// ttl, which the conversion of prometheus-operator v0.94.1 does not name.
func complete(converted *monitoringv1alpha1.Receiver, written monitoringv1beta1.Receiver) {
	for i, email := range written.EmailConfigs {
		if email.Threading == nil {
			converted.EmailConfigs[i].Threading = nil
		}
	}
	for i, pushover := range written.PushoverConfigs {
		converted.PushoverConfigs[i].TTL = pushover.TTL
	}
}
