package desired

import (
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/bounds"
	"github.com/fluxmonitoring/operator/internal/query"
)

const (
	// maxRuleWork is how much all expressions of a PrometheusRule may weigh together. To parse them then takes less than a second.
	maxRuleWork = 100_000
	// maxRelabelingWork is how many steps the regular expressions of one list of relabelings may expand to together.
	maxRelabelingWork = 100_000
)

// readable reports why groups must not be looked into: their texts are longer than prometheus-operator takes of all rules, or their
// expressions are too much work. Which expression it is whose bounds are exceeded by itself is said when it is read.
func readable(groups []monitoringv1.RuleGroup) error {
	length, work := 0, 0
	for _, g := range groups {
		length += len(g.Name) + lengthOf(g.Labels)
		for _, r := range g.Rules {
			expr := r.Expr.String()
			length += len(r.Record) + len(r.Alert) + len(expr) + lengthOf(r.Labels) + lengthOf(r.Annotations)
			weight, err := query.Weigh(expr)
			if err == nil {
				work += weight
			}
			if length > maxRuleBytes {
				return errTooLarge
			}
		}
	}
	if work > maxRuleWork {
		return fmt.Errorf("all expressions together have more than %d operators and steps of regular expressions: "+
			"move some of them to a PrometheusRule of your own", maxRuleWork)
	}
	return nil
}

// lengthOf is how long the texts of a map are together.
func lengthOf(texts map[string]string) int {
	length := 0
	for name, text := range texts {
		length += len(name) + len(text)
	}
	return length
}

// relabelingSteps reports the first of relabelings whose regular expression, or with which all of them, are too much work to compile.
func relabelingSteps(list []monitoringv1.RelabelConfig) (int, error) {
	work := 0
	for i, r := range list {
		steps, err := bounds.Regexp(r.Regex)
		if err != nil {
			return i, err
		}
		if work += steps; work > maxRelabelingWork {
			return i, fmt.Errorf("the regular expressions up to here expand to more than %d steps", maxRelabelingWork)
		}
	}
	return 0, nil
}

// maxMetadataBytes is how long the labels and annotations may be together that the spec adds to every alert. There are some sixty, of which
// each has them all.
const maxMetadataBytes = 8 << 10

// modest reports the field that adds more to alerts than a PrometheusRule can hold.
func modest(alerts *v1alpha1.AlertsSpec) error {
	if length := lengthOf(alerts.Labels) + lengthOf(alerts.Annotations); length > maxMetadataBytes {
		return tooLong("spec.alerts", length)
	}
	for i, r := range alerts.Rules {
		if length := lengthOf(r.Labels) + lengthOf(r.Annotations); length > maxMetadataBytes {
			return tooLong(fmt.Sprintf("spec.alerts.rules[%d]", i), length)
		}
	}
	return nil
}

func tooLong(field string, length int) error {
	return &ConfigurationError{Field: field, Err: fmt.Errorf("labels and annotations have %d bytes, more than the %d allowed", length, maxMetadataBytes)}
}
