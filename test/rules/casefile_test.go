package rules

import (
	"cmp"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/rig"
)

// caseFile is a promtool test file, as far as it is written in a file of cases.
type caseFile struct {
	RuleFiles          []string    `json:"rule_files"`
	EvaluationInterval string      `json:"evaluation_interval"`
	GroupEvalOrder     []string    `json:"group_eval_order"`
	Tests              []situation `json:"tests"`
}

// situation is one case. Its first three fields are not promtool's: see the package.
type situation struct {
	Sources []flux.StateSource `json:"sources,omitempty"`
	Objects []object           `json:"objects,omitempty"`
	Silent  []string           `json:"silent,omitempty"`

	Name        string        `json:"name"`
	Interval    string        `json:"interval,omitempty"`
	InputSeries []series      `json:"input_series"`
	Alerts      []expectation `json:"alert_rule_test,omitempty"`
	Expressions []expression  `json:"promql_expr_test,omitempty"`
}

type series struct {
	Series string `json:"series"`
	Values string `json:"values"`
}

type expectation struct {
	AlertName string `json:"alertname"`
	EvalTime  string `json:"eval_time"`
	ExpAlerts []any  `json:"exp_alerts"`
}

type expression struct {
	Expr       string `json:"expr"`
	EvalTime   string `json:"eval_time"`
	ExpSamples []any  `json:"exp_samples"`
}

// groupOrder is that of evaluation: recordings first. Every group is in it, as promtool takes those that are not for first.
var groupOrder = []string{alerts.RecordingGroup, alerts.GuideGroup, alerts.ResourceGroup, alerts.ControlPlaneGroup,
	alerts.MonitoringGroup, alerts.BudgetGroup}

// zeros are values that YAML takes for a hexadecimal number, and promtool for zeros.
var zeros = regexp.MustCompile(`(?m)(values: )(0x\d+)$`)

// read reads a file of cases and adds what all of them share.
func read(t *testing.T, text string) caseFile {
	t.Helper()
	var file caseFile
	rig.Must(t, yaml.UnmarshalStrict([]byte(zeros.ReplaceAllString(text, `$1"$2"`)), &file))
	file.RuleFiles = []string{"rules.yaml"}
	file.GroupEvalOrder = groupOrder
	file.EvaluationInterval = cmp.Or(file.EvaluationInterval, "1m")
	for i := range file.Tests {
		file.Tests[i].Interval = cmp.Or(file.Tests[i].Interval, "1m")
	}
	return file
}

// about returns the cases that are about a source, in the series of this source, on a clock.
func (f caseFile) about(source flux.StateSource, on clock) caseFile {
	var tests []situation
	for _, s := range f.Tests {
		if len(s.Sources) == 0 || slices.Contains(s.Sources, source) {
			tests = append(tests, s.exportedBy(source, on))
		}
	}
	f.Tests = tests
	return f
}

// named are the alerts of the expectations.
func (f caseFile) named() []string {
	var names []string
	for _, s := range f.Tests {
		for _, e := range s.Alerts {
			names = append(names, e.AlertName)
		}
	}
	return names
}

// aboutObjects reports whether the cases are about the state of objects.
func (f caseFile) aboutObjects() bool {
	return slices.ContainsFunc(f.Tests, func(s situation) bool { return len(s.Objects) > 0 })
}

// exportedBy is the situation in the series of a source.
func (s situation) exportedBy(source flux.StateSource, on clock) situation {
	if len(s.Objects) == 0 {
		return situation{Name: s.Name, Interval: s.Interval, InputSeries: s.InputSeries, Alerts: s.Alerts, Expressions: s.Expressions}
	}
	clock := s.clock()
	clock.epoch, clock.late = on.epoch, on.late
	input := slices.Clone(s.InputSeries)
	clusters := []string{}
	for _, o := range s.Objects {
		input = append(input, o.series(source, clock)...)
		if !slices.Contains(clusters, o.Cluster) {
			clusters = append(clusters, o.Cluster)
			input = append(input, heartbeat(o.Cluster, source, clock)...)
		}
	}
	s.Sources, s.Objects, s.Silent, s.InputSeries = nil, nil, nil, input
	return s
}

// clock is how the time of the situation passes: to its last expectation.
func (s situation) clock() clock {
	c := clock{step: duration(s.Interval)}
	for _, a := range s.Alerts {
		c.end = max(c.end, duration(a.EvalTime))
	}
	for _, e := range s.Expressions {
		c.end = max(c.end, duration(e.EvalTime))
	}
	for _, span := range s.Silent {
		c.silent = append(c.silent, spanOf(span))
	}
	return c
}

// duration reads a duration as Prometheus writes it. The cases are written by hand, and promtool would refuse another.
func duration(text string) time.Duration {
	d, err := model.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return time.Duration(d)
}
