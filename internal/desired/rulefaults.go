package desired

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// maxRuleBytes is the largest size of the rules of one PrometheusRule that prometheus-operator accepts: half of what a ConfigMap can have.
const maxRuleBytes = maxDataBytes / 2

var errTooLarge = fmt.Errorf("all rules together are larger than the %d bytes that prometheus-operator accepts in one PrometheusRule: "+
	"move some of them to a PrometheusRule of your own", maxRuleBytes)

// anyExpression parses the expression that stands for every other: expressions are parsed where they are written, by package query.
var anyExpression = parser.NewParser(parser.Options{})

// ruleFault is what Prometheus refuses of a rule besides its expression; the alphabetically first, because labels have no order. It accepts
// the names that every Prometheus accepts.
func ruleFault(r monitoringv1.Rule) error {
	read := rulefmt.Rule{
		Record: r.Record, Alert: r.Alert, Expr: "0", Labels: templates(r.Labels), Annotations: templates(r.Annotations),
	}
	var faults []string
	for _, err := range []error{into(&read.For, r.For), into(&read.KeepFiringFor, r.KeepFiringFor)} {
		if err != nil {
			faults = append(faults, err.Error())
		}
	}
	for _, f := range read.Validate(rulefmt.RuleNode{}, model.LegacyValidation, anyExpression) {
		faults = append(faults, f.Unwrap().Error())
	}
	return firstSorted(faults)
}

// groupFault is what Prometheus refuses of a group besides its rules.
func groupFault(g monitoringv1.RuleGroup) error {
	var faults []string
	if g.Name == "" {
		faults = append(faults, "a group must have a name")
	}
	for name := range g.Labels {
		if !model.LegacyValidation.IsValidLabelName(name) || name == model.MetricNameLabel {
			faults = append(faults, "invalid label name: "+name)
		}
	}
	for _, d := range []*monitoringv1.Duration{g.Interval, g.QueryOffset} {
		if err := into(new(model.Duration), d); err != nil {
			faults = append(faults, err.Error())
		}
	}
	return firstSorted(faults)
}

// templates are the values that are templates, by name. Parsing the others as templates costs as much and finds nothing.
func templates(values map[string]string) map[string]string {
	kept := make(map[string]string, len(values))
	for name, value := range values {
		if !strings.Contains(value, "{{") {
			value = ""
		}
		kept[name] = value
	}
	return kept
}

// into parses a duration that may be absent or empty: prometheus-operator omits both.
func into[T ~string](read *model.Duration, written *T) (err error) {
	if written != nil && *written != "" {
		*read, err = model.ParseDuration(string(*written))
	}
	return err
}

// firstSorted is the alphabetically first of sentences, as an error.
func firstSorted(sentences []string) error {
	if len(sentences) == 0 {
		return nil
	}
	return errors.New(slices.Min(sentences))
}

// tooLarge reports whether the groups are larger than prometheus-operator accepts. Four bytes in the rule file are at least one byte as
// JSON, which costs a tenth to encode.
func tooLarge(groups []monitoringv1.RuleGroup) bool {
	content, err := json.Marshal(groups)
	return err == nil && 4*len(content) > maxRuleBytes && len(ruleFile(groups)) > maxRuleBytes
}

// ruleFile is the file that prometheus-operator gives Prometheus: without empty fields, and without those of Thanos.
func ruleFile(groups []monitoringv1.RuleGroup) []byte {
	spec := (&monitoringv1.PrometheusRuleSpec{Groups: groups}).DeepCopy()
	for i := range spec.Groups {
		g := &spec.Groups[i]
		g.PartialResponseStrategy = ""
		if g.Interval != nil && *g.Interval == "" {
			g.Interval = nil
		}
		for j := range g.Rules {
			if r := &g.Rules[j]; r.For != nil && *r.For == "" {
				r.For = nil
			}
		}
	}
	content, err := yaml.Marshal(spec)
	if err != nil {
		return nil // plain data always has a form
	}
	return content
}
