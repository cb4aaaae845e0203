package desired

import (
	"cmp"
	"fmt"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/relabel"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// checkRelabelings is what prometheus-operator refuses of the user's relabelings, with field and position: because of one bad relabeling it
// ignores the whole PodMonitor.
func checkRelabelings(spec *v1alpha1.ScrapeSpec) error {
	if i, err := relabelingFault(spec.Relabelings); err != nil {
		return &ConfigurationError{Field: fmt.Sprintf("spec.scrape.relabelings[%d]", i), Err: err}
	}
	if i, err := relabelingFault(spec.MetricRelabelings); err != nil {
		return &ConfigurationError{Field: fmt.Sprintf("spec.scrape.metricRelabelings[%d]", i), Err: err}
	}
	return nil
}

// relabelingFault is what Prometheus refuses of the first bad relabeling, and its index.
func relabelingFault(list []monitoringv1.RelabelConfig) (int, error) {
	if i, err := relabelingSteps(list); err != nil {
		return i, err
	}
	for i, r := range list {
		c, err := relabeling(r)
		if err == nil {
			err = c.Validate(model.UTF8Validation)
		}
		if err != nil {
			return i, err
		}
	}
	return 0, nil
}

// relabeling is a relabeling in Prometheus' type, with the defaults of omitted fields.
func relabeling(r monitoringv1.RelabelConfig) (relabel.Config, error) {
	c := relabel.DefaultRelabelConfig
	c.Action = relabel.Action(strings.ToLower(cmp.Or(r.Action, string(c.Action))))
	c.TargetLabel, c.Modulus = r.TargetLabel, uint64(max(r.Modulus, 0))
	for _, l := range r.SourceLabels {
		c.SourceLabels = append(c.SourceLabels, model.LabelName(l))
	}
	if r.Separator != nil {
		c.Separator = *r.Separator
	}
	if r.Replacement != nil {
		c.Replacement = *r.Replacement
	}
	if r.Regex == "" {
		return c, nil
	}
	var err error
	c.Regex, err = relabel.NewRegexp(r.Regex)
	return c, err
}
