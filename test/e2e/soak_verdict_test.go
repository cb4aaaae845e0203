//go:build e2e && soak

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// verdict is what Prometheus has recorded of the hour.
type verdict struct {
	// fired are the alerts that reach a person and fired, with their labels.
	fired []string
	// active are all alerts that were pending or fired, by name and severity.
	active map[string]*activity
	// evaluations of the group of recordings, the longest time between two, and the fewest and most objects they counted.
	evaluations     int
	pause           time.Duration
	fewest, largest float64
}

// activity is how close an alert came.
type activity struct {
	// series that were pending or fired.
	series int
	// longest that one of them was active at a stretch, and which.
	longest time.Duration
	which   string
	// waits is the `for` of the rule.
	waits time.Duration
}

func (v verdict) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d evaluations, %s between two at most; %v to %v objects\n", v.evaluations, v.pause, v.fewest, v.largest)
	for _, name := range slices.Sorted(maps.Keys(v.active)) {
		a := v.active[name]
		fmt.Fprintf(&out, "| %s | %d | %s | %s | %s |\n", name, a.series, a.longest, a.waits, a.which)
	}
	return out.String()
}

// verdict asks Prometheus about the time since the churn began.
func (s *soak) verdict(t *testing.T) verdict {
	t.Helper()
	v := verdict{active: map[string]*activity{}}
	for _, one := range s.fired(t, s.began) {
		first, last := one.points[0].at.Sub(s.began), one.points[len(one.points)-1].at.Sub(s.began)
		v.fired = append(v.fired, fmt.Sprintf("%v from minute %.1f to %.1f", one.labels, first.Minutes(), last.Minutes()))
	}
	v.active = s.activities(t)
	s.evaluations(t, &v)
	return v
}

// fired are the alerts that reach a person and fired at any time since then.
func (s *soak) fired(t *testing.T, since time.Time) []series {
	t.Helper()
	all, err := s.prometheus.stored(t.Context(), `ALERTS{alertstate="firing",`+alarming+`}`, since)
	must(t, err)
	return slices.DeleteFunc(all, func(one series) bool { return len(one.points) == 0 })
}

// activities are read from ALERTS_FOR_STATE, whose value is the time since when an alert has been active.
func (s *soak) activities(t *testing.T) map[string]*activity {
	t.Helper()
	waits := s.waits(t)
	all, err := s.prometheus.stored(t.Context(), `ALERTS_FOR_STATE`, s.began)
	must(t, err)
	found := map[string]*activity{}
	for _, one := range all {
		if len(one.points) == 0 {
			continue
		}
		key := one.labels["alertname"] + " | " + one.labels["severity"]
		if found[key] == nil {
			found[key] = &activity{waits: waits[one.labels["alertname"]]}
		}
		found[key].add(t, one)
	}
	return found
}

func (a *activity) add(t *testing.T, one series) {
	t.Helper()
	a.series++
	for _, p := range one.points {
		began, err := strconv.ParseFloat(p.value, 64)
		must(t, err)
		if active := p.at.Sub(time.Unix(int64(began), 0)).Round(time.Second); active > a.longest || a.which == "" {
			a.longest = active
			a.which = strings.TrimSpace(fmt.Sprintf("%s %s/%s %s",
				one.labels["kind"], one.labels["exported_namespace"], one.labels["name"], one.labels["app"]))
		}
	}
}

// waits are how long each alert waits, by name.
func (s *soak) waits(t *testing.T) map[string]time.Duration {
	t.Helper()
	groups, err := s.prometheus.groups(t.Context())
	must(t, err)
	waits := map[string]time.Duration{}
	for _, g := range groups {
		for _, r := range g.Rules {
			waits[r.Name] = time.Duration(r.Duration) * time.Second
		}
	}
	return waits
}

// evaluations are read from the recording that has one series.
func (s *soak) evaluations(t *testing.T, v *verdict) {
	t.Helper()
	counted, err := s.prometheus.stored(t.Context(), `flux:resource:count`, s.began)
	must(t, err)
	if len(counted) != 1 {
		t.Fatalf("flux:resource:count should have one series, and has %d", len(counted))
	}
	for i, p := range counted[0].points {
		count, err := strconv.ParseFloat(p.value, 64)
		must(t, err)
		if i == 0 {
			v.fewest = count
		} else {
			v.pause = max(v.pause, p.at.Sub(counted[0].points[i-1].at))
		}
		v.evaluations++
		v.fewest, v.largest = min(v.fewest, count), max(v.largest, count)
	}
}

// alertmanager are the alerts that reach a person which Alertmanager has now.
func (s *soak) alertmanager(ctx context.Context) ([]string, error) {
	body, err := s.rest.Get().AbsPath(alertmanagerAPI + "alerts").Do(ctx).Raw()
	if err != nil {
		return nil, err
	}
	var all []struct {
		Labels map[string]string `json:"labels"`
	}
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	var names []string
	for _, one := range all {
		if severity := one.Labels["severity"]; severity == "critical" || severity == "warning" {
			names = append(names, fmt.Sprint(one.Labels))
		}
	}
	return names, nil
}
