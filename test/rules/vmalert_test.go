package rules

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
	testbed "github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/rig"
)

// vmalertTool is the path of vmalert-tool: what VMALERT_TOOL names, else the part of the test bed, built on first use.
var vmalertTool = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("VMALERT_TOOL"); path != "" {
		return path, nil
	}
	folders, err := testbed.Build(context.Background(), os.Stderr, "vmalert-tool")
	if err != nil {
		return "", err
	}
	return filepath.Join(folders[0], "vmalert-tool"), nil
})

// vmalertEpoch is when the time of vmalert-tool begins. That of promtool begins in 1970.
var vmalertEpoch = time.Duration(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())

// delay is how much later than Prometheus vmalert has what is recorded in a series. It stores what a group recorded when all of the
// group is evaluated, so that a rule reads of its siblings what they had in the evaluation before: what is recorded of the state is one
// evaluation late, and the ratio, which is recorded of such series, two. What is behind its source is recorded of the source of the
// objects' state: it begins an evaluation late if its object became ready with it, and ends in time.
func delay(metric string) time.Duration {
	switch {
	case metric == flux.RecordedFailingRatio, metric == "": // any, by a matcher
		return 2 * time.Minute
	case !flux.IsRecorded(metric), metric == flux.RecordedObserved, metric == flux.RecordedState, metric == flux.RecordedBehind:
		return 0
	}
	return time.Minute
}

// delayOf is how much later vmalert has what an expression gives: as much as the latest of its series.
func delayOf(expr string) time.Duration {
	longest := time.Duration(0)
	for _, metric := range query.New(expr).Metrics() {
		longest = max(longest, delay(metric))
	}
	return longest
}

// delays are by how much vmalert fires later, by the name of the alert.
func delays(groups []monitoringv1.RuleGroup) map[string]time.Duration {
	of := map[string]time.Duration{}
	for _, group := range groups {
		for _, r := range group.Rules {
			of[r.Alert] = max(of[r.Alert], delayOf(r.Expr.StrVal))
		}
	}
	return of
}

// reckoned is the alert that reckons from the time of a failure, which is not late where it is exported: it begins in time and ends late.
// Until it fires its cases are as they are written.
const reckoned = "FluxManyResourcesNotReady"

// byVmalert are the cases that vmalert has to pass: every expectation of promtool, as much later as vmalert has its series.
func (f caseFile) byVmalert(of map[string]time.Duration) caseFile {
	f.Tests = slices.Clone(f.Tests)
	for i := range f.Tests {
		s := &f.Tests[i]
		s.Alerts, s.Expressions = slices.Clone(s.Alerts), slices.Clone(s.Expressions)
		fired := map[string]bool{}
		for j := range s.Alerts {
			a := &s.Alerts[j]
			fired[a.AlertName] = fired[a.AlertName] || len(a.ExpAlerts) > 0
			if a.AlertName != reckoned || fired[a.AlertName] {
				a.EvalTime = after(a.EvalTime, of[a.AlertName])
			}
		}
		for j := range s.Expressions {
			s.Expressions[j] = s.Expressions[j].after(delayOf(s.Expressions[j].Expr))
		}
	}
	return f
}

// after is the expression when it is later. A time that is recorded is that much later, and in the years of vmalert-tool.
func (e expression) after(later time.Duration) expression {
	e.EvalTime, e.ExpSamples = after(e.EvalTime, later), slices.Clone(e.ExpSamples)
	for i := range e.ExpSamples {
		sample := maps.Clone(e.ExpSamples[i].(map[string]any))
		name, _, ofObject := strings.Cut(sample["labels"].(string), "{")
		if value, isNumber := sample["value"].(float64); isNumber && ofObject && strings.HasSuffix(name, "_since") {
			sample["value"] = value + vmalertEpoch.Seconds() + delay(name).Seconds()
		}
		e.ExpSamples[i] = sample
	}
	return e
}

func after(evalTime string, later time.Duration) string {
	return model.Duration(duration(evalTime) + later).String()
}

// within are the cases that last no longer than this: vmalert-tool stores all that is evaluated, and a day takes it half a minute.
func (f caseFile) within(longest time.Duration) caseFile {
	f.Tests = slices.DeleteFunc(f.Tests, func(s situation) bool { return s.clock().end > longest })
	return f
}

// runByVmalert has vmalert-tool judge cases on rendered rules.
func runByVmalert(t *testing.T, p alerts.Params, cases caseFile) {
	t.Helper()
	g := NewWithT(t)
	tool, err := vmalertTool()
	g.Expect(err).NotTo(HaveOccurred(), "vmalert-tool is needed")
	// The exporter exports the deadline of an object as a time, which is not late. Here it is a minute later, so that what follows from it
	// is as late as all else.
	path := lay(t, p, cases.byVmalert(delays(groups(g, p))).about(p.State, clock{epoch: vmalertEpoch, late: time.Minute}))
	inMetricsQL := strings.ReplaceAll(rig.Read(t, path), "promql_expr_test:", "metricsql_expr_test:")
	rig.Must(t, os.WriteFile(path, []byte(inMetricsQL), 0o600))
	judge(t, filepath.Dir(path), tool, "unittest", "--disableAlertgroupLabel", "--files")
}

// The metrics source makes a difference to the recordings only.
func TestVictoriaMetricsFiresWhatPrometheusDoesAnEvaluationLater(t *testing.T) {
	for _, name := range alerts.Names() {
		if cases := casesOf(t, name).within(6 * time.Hour); cases.aboutObjects() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				runByVmalert(t, exporting(flux.Exporter), cases)
			})
		}
	}
}

func TestVictoriaMetricsRecordsWhatPrometheusDoes(t *testing.T) {
	for _, source := range sources {
		waiting := exporting(source)
		waiting.Waits = hourly
		for file, p := range map[string]alerts.Params{
			"sources/" + string(source): exporting(source), "sources/all": exporting(source), "waits/progress": waiting,
		} {
			t.Run(string(source)+"/"+file, func(t *testing.T) {
				t.Parallel()
				runByVmalert(t, p, read(t, rig.Read(t, file+".yaml")))
			})
		}
	}
}
