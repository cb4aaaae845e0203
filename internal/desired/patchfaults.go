package desired

import (
	"cmp"
	"encoding/json"
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/query"
)

// validateSpec is what prometheus-operator refuses of an object after the patches, which may change anything in it: because of one bad rule
// or relabeling it refuses the whole object.
func validateSpec(o *unstructured.Unstructured) error {
	var err error
	switch o.GroupVersionKind() {
	case kinds.PrometheusRule:
		var r monitoringv1.PrometheusRule
		if err = typed(o, &r); err == nil {
			err = groupsFault(r.Spec.Groups)
		}
		// A PrometheusRule has the name of its FluxMonitoring.
		if fault := ownerFault(r.Spec.Groups, o.GetNamespace()+"/"+o.GetName()); fault != nil {
			return fmt.Errorf("a patch changes who an alert belongs to: %w", fault)
		}
	case kinds.PodMonitor:
		var m monitoringv1.PodMonitor
		if err = typed(o, &m); err == nil {
			err = endpointsFault(m.Spec.PodMetricsEndpoints)
		}
	}
	if err != nil {
		return fmt.Errorf("a patch leaves %s %s with what prometheus-operator refuses: %w", o.GetKind(), o.GetName(), err)
	}
	return nil
}

func typed(o *unstructured.Unstructured, into any) error {
	content, err := json.Marshal(o.Object)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, into)
}

func groupsFault(groups []monitoringv1.RuleGroup) error {
	if err := checkRuleBounds(groups); err != nil {
		return err
	}
	if tooLarge(groups) {
		return errTooLarge
	}
	names := map[string]bool{}
	for _, g := range groups {
		if names[g.Name] {
			return fmt.Errorf("two groups have the name %q", g.Name)
		}
		names[g.Name] = true
		for i, r := range g.Rules {
			err := query.Parse(r.Expr.String())
			if err == nil {
				err = ruleFault(r)
			}
			if err != nil {
				return fmt.Errorf("group %s, rule %s: %w", g.Name, cmp.Or(r.Alert, r.Record, fmt.Sprint(i)), err)
			}
		}
		if err := groupFault(g); err != nil {
			return fmt.Errorf("group %s: %w", g.Name, err)
		}
	}
	return nil
}

func endpointsFault(endpoints []monitoringv1.PodMetricsEndpoint) error {
	for i, e := range endpoints {
		if j, err := relabelingFault(e.RelabelConfigs); err != nil {
			return fmt.Errorf("podMetricsEndpoints[%d].relabelings[%d]: %w", i, j, err)
		}
		if j, err := relabelingFault(e.MetricRelabelConfigs); err != nil {
			return fmt.Errorf("podMetricsEndpoints[%d].metricRelabelings[%d]: %w", i, j, err)
		}
	}
	return nil
}
