package flux

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"
)

// fieldsOf are the fields of a kind.
func fieldsOf(name string) TimingFields {
	at := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })
	return kinds[at].Timings
}

func TestTimingsAreThoseOfTheControllers(t *testing.T) {
	const m, h = time.Minute, time.Hour
	of := func(interval, timeout, retry time.Duration) ReconcileTimings {
		return ReconcileTimings{Interval: interval, Timeout: timeout, Retry: retry}
	}
	for name, c := range map[string]struct {
		kind    string
		written SpecTimings
		want    ReconcileTimings
	}{
		"a Kustomization is retried at its interval": {"Kustomization", SpecTimings{Interval: 10 * m}, of(10*m, 0, 10*m)},
		"or at its retry interval":                   {"Kustomization", SpecTimings{Interval: 10 * m, Retry: m}, of(10*m, 0, m)},
		"one that waits does so for its interval":    {"Kustomization", SpecTimings{Interval: 10 * m, WaitsForHealth: true}, of(10*m, 10*m, 10*m)},
		"or for its timeout":                         {"Kustomization", SpecTimings{Interval: 10 * m, Timeout: 3 * m, WaitsForHealth: true}, of(10*m, 3*m, 10*m)},
		"a timeout counts without waiting":           {"Kustomization", SpecTimings{Interval: 10 * m, Timeout: 3 * m}, of(10*m, 3*m, 10*m)},
		"of a long interval half an hour counts":     {"Kustomization", SpecTimings{Interval: h, WaitsForHealth: true}, of(h, 30*m, 30*m)},
		"what is written counts whole":               {"Kustomization", SpecTimings{Interval: day, Timeout: 2 * h, Retry: 3 * h}, of(day, 2*h, 3*h)},
		"one that writes nothing has none":           {"Kustomization", SpecTimings{WaitsForHealth: true}, ReconcileTimings{}},
		"a HelmRelease has a timeout by default":     {"HelmRelease", SpecTimings{Interval: h}, of(h, 5*m, 0)},
		"which holds for the actions that have none": {"HelmRelease", SpecTimings{Interval: h, ActionTimeout: m}, of(h, 5*m, 0)},
		"the longest of its actions counts":          {"HelmRelease", SpecTimings{Interval: h, Timeout: m, ActionTimeout: 20 * m, Retry: 2 * m}, of(h, 20*m, 2*m)},
		"a source has what it writes":                {"GitRepository", SpecTimings{Interval: m, Timeout: m}, of(m, m, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(fieldsOf(c.kind).Of(c.written)).To(Equal(c.want))
		})
	}
}

func TestTheLongestIsTakenOfEach(t *testing.T) {
	a, b := ReconcileTimings{Interval: 3, Timeout: 1, Retry: 2}, ReconcileTimings{Interval: 1, Timeout: 2, Retry: 2}
	NewWithT(t).Expect(a.Longest(b)).To(Equal(ReconcileTimings{Interval: 3, Timeout: 2, Retry: 2}))
}

func TestWhatIsUnknownStaysSo(t *testing.T) {
	g := NewWithT(t)
	unknown, known := ReconcileTimings{Interval: 7 * time.Minute, Unknown: true}, ReconcileTimings{Interval: time.Minute}
	g.Expect(unknown.RoundUp()).To(Equal(ReconcileTimings{Interval: 10 * time.Minute, Unknown: true}))
	g.Expect(unknown.Longest(known)).To(Equal(unknown))
	g.Expect(known.Longest(unknown)).To(Equal(unknown))
	g.Expect(known.Longest(known)).To(Equal(known))
}

func TestWaitsAreRoundedUpToCoarseSteps(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{
		-1: 0, 0: 0, 1: time.Minute, time.Minute: time.Minute, time.Minute + 1: 2 * time.Minute, 11 * time.Minute: 15 * time.Minute,
		time.Hour: time.Hour, 61 * time.Minute: 90 * time.Minute, day: day, day + 1: 36 * time.Hour, 6 * day: week,
		week: week, week + 1: 2 * week, 20 * day: 3 * week, math.MaxInt64: math.MaxInt64,
	} {
		NewWithT(t).Expect(ReconcileTimings{Timeout: given}.RoundUp()).To(Equal(ReconcileTimings{Timeout: want}), given.String())
	}
}

func TestRoundUpIsMonotonicAndIdempotent(t *testing.T) {
	durations := rapid.OneOf(
		rapid.Int64Range(0, int64(3*week)), rapid.Int64Min(0),
		rapid.Custom(func(t *rapid.T) int64 {
			return int64(rapid.SampledFrom(steps).Draw(t, "step")) + rapid.Int64Range(-1, 1).Draw(t, "off")
		}),
	)
	rapid.Check(t, func(t *rapid.T) {
		a, b := time.Duration(durations.Draw(t, "a")), time.Duration(durations.Draw(t, "b"))
		a, b = min(a, b), max(a, b)
		if roundUp(a) < a || roundUp(b) < b {
			t.Fatalf("%s and %s became %s and %s", a, b, roundUp(a), roundUp(b))
		}
		if roundUp(a) > roundUp(b) {
			t.Fatalf("%s is before %s, but %s after %s", a, b, roundUp(a), roundUp(b))
		}
		if roundUp(roundUp(a)) != roundUp(a) {
			t.Fatalf("%s becomes %s, and that %s", a, roundUp(a), roundUp(roundUp(a)))
		}
	})
}

func TestEveryKindWithAnIntervalHasTimings(t *testing.T) {
	g := NewWithT(t)
	var without []string
	for _, k := range Kinds() {
		w := k.Timings
		if w.Interval == nil {
			g.Expect(w).To(Equal(TimingFields{}), k.Name)
			without = append(without, k.Name)
			continue
		}
		for _, path := range slices.Concat([][]string{w.Interval}, w.ActionTimeouts, w.Retries, w.HealthChecks) {
			g.Expect(strings.Join(path, ".")).To(HavePrefix("spec."), k.Name)
		}
	}
	g.Expect(without).To(Equal([]string{
		"ExternalArtifact", "ArtifactGenerator", "Alert", "Provider", "FluxInstance", "ResourceSet", "ResourceSetInputProvider",
		"FluxMonitoring",
	}))
}
