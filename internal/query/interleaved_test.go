package query

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// moments are the states an object is told to be in: its conditions, and whether it is suspended.
var moments = map[string]struct{ ready, reason, stalled, suspended string }{
	"ready":               {"True", "ReconciliationSucceeded", "", "false"},
	"progressing":         {"Unknown", "Progressing", "", "false"},
	"failing":             {"False", "BuildFailed", "", "false"},
	"waiting":             {"False", "DependencyNotReady", "", "false"},
	"stalled":             {"False", "InvalidURL", "True", "false"},
	"suspended":           {"True", "ReconciliationSucceeded", "", "true"},
	"suspended, failed":   {"False", "BuildFailed", "", "true"},
	"suspended, progress": {"Unknown", "Progressing", "", "true"},
	"absent":              {},
}

// exposed are the series by which a source tells of an object in a state.
func exposed(source flux.StateSource, name, state string) []labels.Labels {
	m := moments[state]
	if m.ready == "" {
		return nil
	}
	series := func(metric string, pairs ...string) labels.Labels {
		return labels.FromStrings(append(pairs, model.MetricNameLabel, metric, "exported_namespace", "apps", "name", name)...)
	}
	switch source {
	case flux.OperatorReport:
		suspended := map[string]string{"true": "True", "false": "False"}[m.suspended]
		return []labels.Labels{series(flux.StateReport, "kind", "Kustomization", "ready", m.ready, "reason", m.reason, "suspended", suspended)}
	case flux.Controllers:
		told := []labels.Labels{series(flux.StateCondition, "kind", "Kustomization", "type", "Ready", "status", m.ready)}
		if m.suspended == "true" {
			told = append(told, series(flux.StateSuspended, "kind", "Kustomization"))
		}
		return told
	default:
		return []labels.Labels{series(flux.StateInfo, "customresource_kind", "Kustomization", "ready", m.ready, "reason", m.reason,
			"stalled", m.stalled, "suspended", m.suspended, "source_kind", "Bucket", "source_name", "shop", "source_namespace", "infra")}
	}
}

// answers is by which a source tells that it answers, and an object that stays ready.
func answers(source flux.StateSource) []labels.Labels {
	always := exposed(source, "always", "ready")
	switch source {
	case flux.Exporter:
		return append(always, labels.FromStrings(model.MetricNameLabel, flux.StateCount))
	case flux.Controllers:
		return append(always, labels.FromStrings(model.MetricNameLabel, "up"))
	default:
		return always
	}
}

// everyChange is every change of an object from one state to another: of each, an object that goes through it is exposed, and what
// they are called.
func everyChange(source flux.StateSource) (before, after []labels.Labels) {
	before, after = answers(source), answers(source)
	states := slices.Sorted(maps.Keys(moments))
	for _, from := range states {
		for _, to := range states {
			name := from + " > " + to
			before, after = append(before, exposed(source, name, from)...), append(after, exposed(source, name, to)...)
		}
	}
	return before, after
}

// recordedOf are the series that each object is recorded in.
func (p *prometheus) recordedOf(t *testing.T, at time.Time) map[string]string {
	t.Helper()
	of := map[string][]string{}
	for _, s := range p.ask(t, at, `{__name__=~"flux:resource:(?:ready|not_ready|waiting|suspended|stalled|failing|not_ready_since|suspended_since)"}`) {
		object := s.Metric.Get("name")
		of[object] = append(of[object], strings.TrimPrefix(s.Metric.Get(model.MetricNameLabel), "flux:resource:"))
	}
	joined := map[string]string{}
	for object, all := range of {
		joined[object] = strings.Join(slices.Sorted(slices.Values(all)), " ")
	}
	return joined
}

// interleaved runs a check for each source, with and without a cluster, and each rule after which something happens.
func interleaved(t *testing.T, check func(t *testing.T, source flux.StateSource, cluster string, after int)) {
	for _, source := range sources {
		for _, cluster := range []string{"", "production-1"} {
			for after, rule := range source.Records() {
				t.Run(fmt.Sprintf("%s/%s/after %s", source, cluster, rule), func(t *testing.T) {
					t.Parallel()
					check(t, source, cluster, after)
				})
			}
		}
	}
}

// Prometheus evaluates a group's rules one after the other, at one time. A scrape of before that time may be stored between two.
func TestRecordedStatesAreOfOneScrape(t *testing.T) {
	interleaved(t, func(t *testing.T, source flux.StateSource, cluster string, after int) {
		g, p, group := NewWithT(t), newPrometheus(), Recordings(source, cluster, nil)
		start := time.Unix(1_000_000, 0)
		before, later := everyChange(source)
		p.scrape(start.Add(-2*time.Second), before)
		p.evaluate(t, start, group, cluster, -1, nil)
		was := p.recordedOf(t, start)

		meanwhile := start.Add(30 * time.Second)
		p.evaluate(t, meanwhile, group, cluster, after, func() { p.scrape(meanwhile.Add(-time.Second), later) })
		now := p.recordedOf(t, meanwhile)

		then := start.Add(time.Minute)
		p.evaluate(t, then, group, cluster, -1, nil)
		will := p.recordedOf(t, then)
		for _, from := range slices.Sorted(maps.Keys(moments)) {
			for _, to := range slices.Sorted(maps.Keys(moments)) {
				object := from + " > " + to
				g.Expect(now[object]).To(Or(Equal(was[object]), Equal(will[object])), object)
				g.Expect(was[object] == "").To(Equal(from == "absent"), object)
				g.Expect(will[object] == "").To(Equal(to == "absent"), object)
			}
		}
		g.Expect(now["always"]).To(Equal("ready"))
	})
}

func TestRecordedStateSurvivesAGapOfTheSource(t *testing.T) {
	interleaved(t, func(t *testing.T, source flux.StateSource, cluster string, after int) {
		g, p, group := NewWithT(t), newPrometheus(), Recordings(source, cluster, nil)
		start := time.Unix(1_000_000, 0)
		before, _ := everyChange(source)
		p.scrape(start.Add(-2*time.Second), before)
		p.evaluate(t, start, group, cluster, -1, nil)
		was := p.recordedOf(t, start)
		g.Expect(was).To(HaveLen(len(moments)*(len(moments)-1) + 1))

		meanwhile := start.Add(30 * time.Second)
		p.evaluate(t, meanwhile, group, cluster, after, func() { p.scrape(meanwhile.Add(-time.Second), nil) })
		g.Expect(p.recordedOf(t, meanwhile)).To(Equal(was))

		p.evaluate(t, start.Add(time.Minute), group, cluster, -1, nil)
		g.Expect(p.recordedOf(t, start.Add(time.Minute))).To(Equal(was))
	})
}

func TestSelfReferencesSurviveAnEnforcedNamespaceLabel(t *testing.T) {
	for _, source := range sources {
		for _, cluster := range []string{"", "production-1"} {
			t.Run(fmt.Sprintf("%s/%s", source, cluster), func(t *testing.T) {
				t.Parallel()
				free, bound, group := newPrometheus(), newPrometheus(), Recordings(source, cluster, nil)
				bound.enforced = "flux-system"
				before, later := everyChange(source)
				for i, exposed := range [][]labels.Labels{before, later, nil, later, before} {
					at := time.Unix(1_000_000, 0).Add(time.Duration(i) * time.Minute)
					for _, p := range []*prometheus{free, bound} {
						p.scrape(at.Add(-time.Second), exposed)
						p.evaluate(t, at, group, cluster, -1, nil)
					}
					NewWithT(t).Expect(bound.recordedOf(t, at)).To(Equal(free.recordedOf(t, at)))
				}
			})
		}
	}
}

// The order of the rules, by what they read: scraped series by three of them, of which one tells the state of objects.
func TestRecordingRulesReadOnlyEarlierOnes(t *testing.T) {
	mayScrape := []string{flux.RecordedObserved, flux.RecordedState, flux.RecordedBehind, flux.RecordedDeadline}
	for _, source := range sources {
		t.Run(string(source), func(t *testing.T) {
			g := NewWithT(t)
			recorded := []string{}
			for _, r := range Recordings(source, "", nil) {
				recorded = append(recorded, r.Name)
				for _, metric := range r.Query.Metrics() {
					switch {
					case slices.Contains(source.Records(), metric):
						g.Expect(recorded).To(ContainElement(metric), "%s is recorded before it", r.Name)
					case !flux.IsRecorded(metric):
						g.Expect(mayScrape).To(ContainElement(r.Name), "%s reads %s", r.Name, metric)
					}
				}
			}
			g.Expect(recorded).To(Equal(source.Records()))
		})
	}
}

// What evaluates rules may store what a group recorded only when all of the group is evaluated, as vmalert does: what reads a sibling
// then reads what that had in the evaluation before.
func TestARecordingReadsNoSiblingButTheState(t *testing.T) {
	g := NewWithT(t)
	siblings := map[string][]string{flux.RecordedFailingRatio: {flux.RecordedFailing, flux.RecordedCount}}
	for _, source := range sources {
		for _, r := range Recordings(source, "production-1", nil) {
			read := slices.DeleteFunc(r.Query.Metrics(), func(metric string) bool {
				return !flux.IsRecorded(metric) || slices.Contains([]string{r.Name, flux.RecordedState, flux.RecordedObserved}, metric)
			})
			g.Expect(read).To(ConsistOf(siblings[r.Name]), "%s by %s", r.Name, source)
		}
	}
}
