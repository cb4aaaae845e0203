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

// moments are the states of an object: its conditions, and whether it is suspended.
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

// exposed are the series of an object in a state, as a source exports it.
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
		all := []labels.Labels{series(flux.StateCondition, "kind", "Kustomization", "type", "Ready", "status", m.ready)}
		if m.suspended == "true" {
			all = append(all, series(flux.StateSuspended, "kind", "Kustomization"))
		}
		return all
	default:
		return []labels.Labels{series(flux.StateInfo, "customresource_kind", "Kustomization", "ready", m.ready, "reason", m.reason,
			"stalled", m.stalled, "suspended", m.suspended, "source_kind", "Bucket", "source_name", "shop", "source_namespace", "infra")}
	}
}

// answers are the series that a source always exports, and those of an object that stays ready.
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

// everyChange has the series before and after every change of an object from one state to another, each of an object of its own.
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

// interleaved evaluates the recordings of each source, with and without a cluster, three times: before each change, while a scrape is stored
// after one of the rules, and afterwards.
func interleaved(t *testing.T, scraped func(flux.StateSource) []labels.Labels, check func(g Gomega, was, now, will map[string]string)) {
	start := time.Unix(1_000_000, 0)
	for _, source := range sources {
		for _, cluster := range []string{"", "production-1"} {
			for after, rule := range source.Records() {
				t.Run(fmt.Sprintf("%s/%s/after %s", source, cluster, rule), func(t *testing.T) {
					t.Parallel()
					p, group := newPrometheus(), Recordings(source, cluster, nil)
					evaluated := func(at time.Time, after int, then func()) map[string]string {
						p.evaluate(t, at, group, cluster, after, then)
						return p.recordedOf(t, at)
					}
					before, _ := everyChange(source)
					p.scrape(start.Add(-2*time.Second), before)
					was, meanwhile := evaluated(start, -1, nil), start.Add(30*time.Second)
					now := evaluated(meanwhile, after, func() { p.scrape(meanwhile.Add(-time.Second), scraped(source)) })
					check(NewWithT(t), was, now, evaluated(start.Add(time.Minute), -1, nil))
				})
			}
		}
	}
}

// Prometheus evaluates a group's rules one after the other, at one time. A scrape of before that time may be stored between two.
func TestRecordedStatesAreOfOneScrape(t *testing.T) {
	later := func(source flux.StateSource) []labels.Labels {
		_, after := everyChange(source)
		return after
	}
	interleaved(t, later, func(g Gomega, was, now, will map[string]string) {
		for from := range moments {
			for to := range moments {
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
	interleaved(t, func(flux.StateSource) []labels.Labels { return nil }, func(g Gomega, was, now, will map[string]string) {
		g.Expect(was).To(HaveLen(len(moments)*(len(moments)-1) + 1))
		g.Expect(now).To(Equal(was))
		g.Expect(will).To(Equal(was))
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

// The order of the rules follows from what they read. Few of them read scraped series.
func TestRecordingRulesReadOnlyEarlierOnes(t *testing.T) {
	readScraped := []string{flux.RecordedObserved, flux.RecordedState, flux.RecordedBehind, flux.RecordedDeadline}
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
						g.Expect(readScraped).To(ContainElement(r.Name), "%s reads %s", r.Name, metric)
					}
				}
			}
			g.Expect(recorded).To(Equal(source.Records()))
		})
	}
}

// vmalert stores the results of a group when all of the group is evaluated: a rule that reads a sibling then reads its previous result.
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
