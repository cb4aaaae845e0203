//go:build e2e && soak

package e2e_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// soakLength is how long the churn takes. The times of the schedule shrink with it; how long a pod takes to become ready, or an
// alert to fire, does not.
var soakLength = flag.Duration("soak.length", time.Hour, "how long the churn of TestAnHourOfChurn takes")

// controlPatience is how long the control may take to fire: the longest wait that the timeouts and retries of the fleet can give
// ReconciliationFailure, and some scrapes.
const controlPatience = 17 * time.Minute

// alarming are the severities that reach a person.
const alarming = `severity=~"critical|warning"`

// TestAnHourOfChurn proves of an empty spec that it pages nobody for what mends itself, and somebody for what does not.
func TestAnHourOfChurn(t *testing.T) {
	s := &soak{testCluster: shared, told: map[string]bool{}}
	s.healthyFleet(t)
	s.settled(t, s.monitored(t, "{}"), ready, scraped, served, effective)
	rules := s.loadsRules(t)
	s.began = time.Now()
	progress("the churn begins: %d rules are loaded", rules)
	s.churn(t)

	v := s.verdict(t)
	t.Logf("%d actions in %s; %d rules\n%s", len(schedule), since(s.began), rules, v)
	g := NewWithT(t)
	g.Expect(v.fired).To(BeEmpty(), "no alert should have fired at any time")
	g.Expect(slices.Sorted(maps.Keys(s.told))).To(BeEmpty(), "Alertmanager should have been told of none")
	g.Expect(s.faults).To(BeEmpty(), "every action should have been carried out")
	s.healthy(t)
	g.Expect(s.loadsRules(t)).To(Equal(rules), "the rules should be there as they were")

	s.control(t)
}

// soak is one run of the schedule.
type soak struct {
	*testCluster
	began   time.Time
	content content
	// faults are the actions that could not be carried out.
	faults []error
	// told are the alerts that reach a person which Alertmanager has had.
	told map[string]bool
}

// churn carries out the schedule, and tells every minute how things stand.
func (s *soak) churn(t *testing.T) {
	t.Helper()
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	for _, step := range schedule {
		s.until(t.Context(), step.minute, minute)
		progress("minute %4.1f: %s", time.Since(s.began).Minutes(), step.what)
		for _, act := range step.acts {
			if err := act(t.Context(), s); err != nil {
				progress("error: %s", err)
				s.faults = append(s.faults, fmt.Errorf("%s: %w", step.what, err))
			}
		}
	}
	s.until(t.Context(), 60, minute)
}

// until waits for a minute of the schedule.
func (s *soak) until(ctx context.Context, minute float64, tick *time.Ticker) {
	due := time.NewTimer(time.Until(s.began.Add(time.Duration(minute / 60 * float64(*soakLength)))))
	defer due.Stop()
	for {
		select {
		case <-due.C:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
			s.tell(ctx)
		}
	}
}

// tell says what is pending or fires, and what Alertmanager has. What does not answer is said and no fault: it may be away.
func (s *soak) tell(ctx context.Context) {
	samples, err := s.prometheus.query(ctx, `count by (alertname, alertstate, severity) (ALERTS)`)
	sent, unsent := s.alertmanager(ctx)
	for _, one := range sent {
		s.told[one] = true
	}
	var states []string
	for _, one := range samples {
		states = append(states, fmt.Sprintf("%s %s %s", one.value, one.labels["alertstate"], one.labels["alertname"]))
	}
	if err := errors.Join(err, unsent); err != nil {
		states = append(states, err.Error())
	}
	slices.Sort(states)
	progress("minute %4.1f: [%s]", time.Since(s.began).Minutes(), strings.Join(states, ", "))
}

// control breaks one object for good, and waits until its alert, and no other that reaches a person, fires.
func (s *soak) control(t *testing.T) {
	t.Helper()
	const broken, about = "config-12", "Kustomization " + shop + "/config-12"
	start := time.Now()
	must(t, sets("Kustomization", shop, broken, `{path: ./missing}`)(t.Context(), s))
	NewWithT(t).Eventually(func(g Gomega) {
		all, err := s.prometheus.failures(t.Context(), ourSeverity)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(all).To(HaveKey(about))
		g.Expect(all[about].State).To(Equal("firing"))
	}, controlPatience, nowAndThen).Should(Succeed(), "what stays broken should be told of")
	t.Logf("control: ReconciliationFailure of %s fires %s after it was broken", about, since(start))

	var names []string
	for _, one := range s.fired(t, start) {
		names = append(names, one.labels["alertname"]+" "+one.labels["exported_namespace"]+"/"+one.labels["name"])
	}
	NewWithT(t).Expect(names).To(ConsistOf("ReconciliationFailure "+shop+"/"+broken), "nothing else should be told of")
}
