package desired

import (
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/bounds"
	"github.com/fluxmonitoring/operator/internal/query"
)

const (
	// maxRuleWork is the largest weight of all expressions of a PrometheusRule together. Parsing them then takes less than a second.
	maxRuleWork = 100_000
	// maxRelabelingWork is how many steps the regular expressions of one list of relabelings may have together when they are compiled.
	maxRelabelingWork = 100_000
)

// checkRuleBounds is why groups must not be parsed: their texts are longer than prometheus-operator accepts, or their expressions are too
// much work. The bounds of a single expression are checked when it is parsed.
func checkRuleBounds(groups []monitoringv1.RuleGroup) error {
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

// lengthOf is the length of all texts of a map together.
func lengthOf(texts map[string]string) int {
	length := 0
	for name, text := range texts {
		length += len(name) + len(text)
	}
	return length
}

// relabelingSteps is the error, with the index, about the first relabeling whose regular expression, alone or with those before it, is too
// much work to compile.
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

// maxMetadataBytes is the largest size of the labels and annotations together that the spec adds to every alert. There are some sixty
// alerts.
const maxMetadataBytes = 8 << 10

// checkMetadataBounds is the error about the field that adds more to alerts than a PrometheusRule can have.
func checkMetadataBounds(alerts *v1alpha1.AlertsSpec) error {
	if length := lengthOf(alerts.Labels) + lengthOf(alerts.Annotations); length > maxMetadataBytes {
		return tooLong("spec.alerts", length)
	}
	for i, r := range alerts.Overrides {
		if length := lengthOf(r.Labels) + lengthOf(r.Annotations); length > maxMetadataBytes {
			return tooLong(fmt.Sprintf("spec.alerts.overrides[%d]", i), length)
		}
	}
	return nil
}

func tooLong(field string, length int) error {
	return &ConfigurationError{Field: field, Err: fmt.Errorf("labels and annotations have %d bytes, more than the %d allowed", length, maxMetadataBytes)}
}
