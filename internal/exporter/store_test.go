package exporter

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// state is the part of a Kustomization that the exporter reads.
type state struct {
	ready, reason, turned, history, interval, timeout string
	stalled, suspended                                bool
	failures                                          int
}

func (s state) json(name string) []byte { return s.in("team", name) }

// in is the same in a namespace.
func (s state) in(namespace, name string) []byte {
	condition := ""
	if s.ready != "" {
		condition = fmt.Sprintf(`{"type":"Ready","status":%q,"reason":%q,"lastTransitionTime":%q}`, s.ready, cmp.Or(s.reason, "R"), at(s.turned))
	}
	if s.stalled {
		condition += `,{"type":"Stalled","status":"True"}`
	}
	return fmt.Appendf(nil, `{"metadata":{"namespace":%q,"name":%q,"creationTimestamp":%q},"spec":{"suspend":%t,"interval":%q,"timeout":%q},"status":{"failures":%d,"conditions":[%s],"history":[%s]}}`,
		namespace, name, at("00:01"), s.suspended, s.interval, s.timeout, s.failures, condition, s.history)
}

// at is a time of a day.
func at(clock string) string { return "2026-08-01T" + clock + ":00Z" }

// tried is an entry of status.history.
func tried(status, first, last string) string {
	return fmt.Sprintf(`{"digest":"x","firstReconciled":%q,"lastReconciled":%q,"lastReconciledStatus":%q}`, at(first), at(last), status)
}

// timeAfter is the time of an object in a family after these events, as a clock; empty if the object is not in the family.
func timeAfter(t *testing.T, kind flux.ServedKind, states []state, family string) string {
	t.Helper()
	s := newTestStore(kind, false, newSeriesLimiter(0), nil)
	for _, state := range states {
		must(t, s.Update(s.read(t, state.json("apps"))))
	}
	found := samples(newServingExporter(s).text(false), family)
	if len(found) == 0 {
		return ""
	}
	NewWithT(t).Expect(found).To(ConsistOf(ContainSubstring(`,exported_namespace="team",name="apps"} `)))
	return clockOf(valueOf(found[0]))
}

// clockOf is the inverse of at, for a time that is exported.
func clockOf(seconds string) string {
	if seconds == fmt.Sprint(now) {
		return "now"
	}
	parsed, _ := strconv.ParseInt(seconds, 10, 64)
	return strings.TrimSuffix(strings.TrimPrefix(time.Unix(parsed, 0).UTC().Format(time.RFC3339), at("")[:11]), ":00Z")
}

func TestNotReadySinceIsTheStartOfThePeriod(t *testing.T) {
	well := tried(statusSucceeded, "01:00", "11:00")
	for name, c := range map[string]struct {
		states []state
		want   string
	}{
		"a ready object has none":                            {[]state{{ready: "True", turned: "10:00"}}, ""},
		"the condition has the time of an object seen first": {[]state{{ready: "False", turned: "10:00"}}, "10:00"},
		"without a condition it is since it was created":     {[]state{{}}, "00:01"},
		"unknown counts as not ready":                        {[]state{{ready: "Unknown", turned: "10:00"}}, "10:00"},
		"a retry does not start it anew":                     {[]state{{ready: "False", turned: "10:00"}, {ready: "Unknown", turned: "10:05"}, {ready: "False", turned: "10:06"}}, "10:00"},
		"success ends it":                                    {[]state{{ready: "False", turned: "10:00"}, {ready: "True", turned: "10:05"}}, ""},
		"after success it starts anew":                       {[]state{{ready: "False", turned: "10:00"}, {ready: "True", turned: "10:05"}, {ready: "False", turned: "10:06"}}, "10:06"},
		"the first condition of a new object goes on":        {[]state{{}, {ready: "Unknown", turned: "10:00"}}, "00:01"},
		"a condition that vanishes starts it when seen":      {[]state{{ready: "True", turned: "10:00"}, {}}, "now"},
		"a suspended object has none":                        {[]state{{ready: "False", turned: "10:00"}, {ready: "False", turned: "10:00", suspended: true}}, ""},
		"after resuming the time of the condition counts":    {[]state{{ready: "False", turned: "10:00", suspended: true}, {ready: "Unknown", turned: "10:30"}}, "10:30"},
		"history has retries from before it was seen": {
			[]state{{ready: "Unknown", turned: "12:00", history: tried("HealthCheckFailed", "11:10", "11:58") + "," + well}}, "11:10"},
		"of failures the earliest counts": {
			[]state{{ready: "False", turned: "12:00", history: tried("BuildFailed", "11:50", "11:58") + "," + tried("HealthCheckFailed", "11:10", "11:40") + "," + well}}, "11:10"},
		"a failure that was before the last success as well": {
			[]state{{ready: "False", turned: "12:00", history: tried("HealthCheckFailed", "09:00", "11:58") + "," + well}}, "11:00"},
		"a failure before the last success is over": {
			[]state{{ready: "False", turned: "12:00", history: well + "," + tried("HealthCheckFailed", "09:00", "10:00")}}, "12:00"},
		"the condition may be the older": {
			[]state{{ready: "False", turned: "11:05", history: tried("HealthCheckFailed", "11:10", "11:58") + "," + well}}, "11:05"},
		"history does not move what was seen": {
			[]state{{ready: "True", turned: "10:00"}, {ready: "False", turned: "12:00", history: tried("HealthCheckFailed", "11:10", "11:58")}}, "12:00"},
		"a history of another form is ignored": {
			[]state{{ready: "False", turned: "12:00", history: `{"firstDeployed":"2026-01-01T00:00:00Z","status":"failed"}`}}, "12:00"},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(timeAfter(t, kustomizations, c.states, flux.StateNotReadySince)).To(Equal(c.want))
		})
	}
}

func TestNotReadySinceSurvivesAChangeOfVersion(t *testing.T) {
	g := NewWithT(t)
	b := newSeriesLimiter(0)
	old := newTestStore(served("Kustomization", "v1beta2"), false, b, nil)
	g.Expect(old.Replace([]any{old.read(t, state{ready: "False", turned: "10:00"}.json("apps"))}, "")).To(Succeed())
	s := newTestStore(kustomizations, false, b, old)
	g.Expect(s.Replace([]any{s.read(t, state{ready: "Unknown", turned: "11:00"}.json("apps"))}, "")).To(Succeed())
	since := samples(newServingExporter(s).text(false), flux.StateNotReadySince)
	g.Expect(since).To(ConsistOf(ContainSubstring(`version="v1"`)))
	g.Expect(clockOf(valueOf(since[0]))).To(Equal("10:00"))
	g.Expect(b.used).To(Equal(3))
}

func TestAnySequenceOfEventsEndsInTheSameStore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newSeriesLimiter(0)
		s := newTestStore(kustomizations, true, b, nil)
		cluster := map[string]state{}
		name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		anyState := rapid.Custom(func(t *rapid.T) state {
			return state{
				ready: rapid.SampledFrom([]string{"", "True", "False", "Unknown"}).Draw(t, "ready"),
				// The run began once and for all, so that the history of events does not matter.
				turned: "10:00", suspended: rapid.Bool().Draw(t, "suspended"),
				interval: rapid.SampledFrom([]string{"", "1m", "3m", "1h"}).Draw(t, "interval"),
			}
		})
		read := func(name string) any {
			o, err := decodeObject(cluster[name].json(name), s.schema)
			if err != nil {
				t.Fatal(err)
			}
			o.transitionedAt, o.notReadySince, o.stage = 1, 1, failed
			return o
		}
		all := func() (items []any) {
			for _, name := range slices.Sorted(maps.Keys(cluster)) {
				items = append(items, read(name))
			}
			return items
		}
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) {
				n := name.Draw(t, "name")
				cluster[n] = anyState.Draw(t, "state")
				_ = s.Update(read(n))
			},
			"delete": func(t *rapid.T) {
				n := name.Draw(t, "name")
				o := read(n)
				delete(cluster, n)
				_ = s.Delete(o)
			},
			"list again after a gap": func(t *rapid.T) {
				for range rapid.IntRange(0, 3).Draw(t, "missed") {
					n := name.Draw(t, "name")
					if rapid.Bool().Draw(t, "deleted") {
						delete(cluster, n)
					} else {
						cluster[n] = anyState.Draw(t, "state")
					}
				}
				_ = s.Replace(all(), "")
			},
			"": func(t *rapid.T) {
				whole := newSeriesLimiter(0)
				anew := newTestStore(kustomizations, true, whole, nil)
				_ = anew.Replace(all(), "")
				if got, want := newServingExporter(s).text(true), newServingExporter(anew).text(true); got != want {
					t.Fatalf("the store serves\n%s\nnot\n%s", got, want)
				}
				if b.used != whole.used {
					t.Fatalf("%d series are counted, not %d", b.used, whole.used)
				}
				if got, want := s.timings.counted(), anew.timings.counted(); !reflect.DeepEqual(got, want) || s.timings.longestRounded() != anew.timings.longestRounded() {
					t.Fatalf("the timings are %v, %v, not %v, %v", got, s.timings.longestRounded(), want, anew.timings.longestRounded())
				}
			},
		})
	})
}

func TestReplaceNeverHidesARemainingObject(t *testing.T) {
	g := NewWithT(t)
	s := newTestStore(kustomizations, false, newSeriesLimiter(0), nil)
	items := func() []any {
		return []any{s.read(t, state{ready: "True"}.json("a")), s.read(t, state{ready: "True"}.json("b"))}
	}
	g.Expect(s.Replace(items(), "")).To(Succeed())
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				if err := s.Replace(items(), ""); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	for range 1000 {
		g.Expect(samples(newServingExporter(s).text(false), "gotk_resource_info")).To(HaveLen(2))
	}
	close(stop)
	<-stopped
}
