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

// TestAnHourOfChurn proves that an empty spec pages nobody for what recovers by itself, and somebody for what does not.
func TestAnHourOfChurn(t *testing.T) {
	s := &soak{testCluster: shared, sent: map[string]bool{}}
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
	g.Expect(slices.Sorted(maps.Keys(s.sent))).To(BeEmpty(), "Alertmanager should have received none")
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
	// sent are the alerts that reach a person which Alertmanager has had.
	sent map[string]bool
}

// churn carries out the schedule, and prints the alerts every minute.
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
			s.report(ctx)
		}
	}
}

// report prints which alerts are pending or fire. It prints an error of Prometheus or Alertmanager too: they may be away.
func (s *soak) report(ctx context.Context) {
	samples, err := s.prometheus.query(ctx, `count by (alertname, alertstate, severity) (ALERTS)`)
	sent, unsent := s.alertmanager(ctx)
	for _, one := range sent {
		s.sent[one] = true
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
	}, controlPatience, nowAndThen).Should(Succeed(), "the alert about what stays broken should fire")
	t.Logf("control: ReconciliationFailure of %s fires %s after it was broken", about, since(start))

	var names []string
	for _, one := range s.fired(t, start) {
		names = append(names, one.labels["alertname"]+" "+one.labels["exported_namespace"]+"/"+one.labels["name"])
	}
	NewWithT(t).Expect(names).To(ConsistOf("ReconciliationFailure "+shop+"/"+broken), "no other alert should fire")
}

// scheduled is what is done at a minute of the hour.
type scheduled struct {
	minute float64
	what   string
	acts   []action
}

// schedule is the hour: what happens in a cluster that is used and kept up to date, made to happen sooner than it would. Nothing
// in it stays broken for as long as ReconciliationFailure waits.
var schedule = []scheduled{
	{1, "a new revision, in Git and as an artifact", acts(publishes)},
	{3, "kustomize-controller is restarted", acts(rollsOut("kustomize-controller"))},
	{4, "a Kustomization and a HelmRelease are suspended", acts(
		sets("Kustomization", shop, "config-03", `{suspend: true}`), sets("HelmRelease", platform, "cache", `{suspend: true}`))},
	{5, "a new revision", acts(publishes)},
	{6, "a HelmRelease is upgraded that takes three and a half minutes", acts(upgrades(shop, "slow", "1", 210))},
	{8, "the sources' server is away", acts(goesAway)},
	{10.5, "the server is back", acts(comesBack)},
	{11, "what was suspended is resumed", acts(
		sets("Kustomization", shop, "config-03", `{suspend: false}`), sets("HelmRelease", platform, "cache", `{suspend: false}`))},
	{12, "a new revision", acts(publishes)},
	{13, "a bad commit: six Kustomizations cannot apply it", acts(breaks("web"), publishes)},
	{17, "it is repaired", acts(breaks(""), publishes)},
	{20, "source-controller is restarted, and has no artifacts until it has fetched them again", acts(rollsOut("source-controller"))},
	{21, "a HelmRelease gets values that its chart cannot use", acts(
		sets("HelmRelease", platform, "web", `{values: {minReadySeconds: soon}}`))},
	{22, "five objects are created, one of which depends on another", acts(createsMore)},
	{24, "the HelmRelease's values are repaired", acts(upgrades(platform, "web", "2", 0))},
	{25, "the operator is upgraded: its leader is deleted", acts(deletesLeader)},
	{27, "a commit whose health check takes four and a half minutes", acts(slowsDown(270), publishes)},
	{29, "Prometheus is restarted", acts(restartsPrometheus)},
	{33, "the five objects are deleted", acts(deletesMore)},
	{34, "a new version of the chart, in all HelmReleases", acts(upgradesCharts)},
	{36, "helm-controller is restarted", acts(rollsOut("helm-controller"))},
	{38, "Flux is upgraded while the operator is, with a new revision and a slow HelmRelease", acts(
		publishes, rollsOut("source-controller"), rollsOut("kustomize-controller"), deletesLeader, upgrades(shop, "slow", "2", 180))},
	{42, "a source is suspended", acts(sets("GitRepository", shop, fleet, `{suspend: true}`))},
	{43, "a new revision, which that source does not see", acts(publishes)},
	{44, "the source is resumed", acts(sets("GitRepository", shop, fleet, `{suspend: false}`))},
	{45, "the sources' server is away again", acts(goesAway)},
	{47, "the server is back", acts(comesBack)},
	{48, "a bad commit: twenty-four Kustomizations cannot build it", acts(breaks("config"), publishes)},
	{52, "it is repaired", acts(breaks(""), publishes)},
	{55, "Prometheus is restarted, and kustomize-controller restarted", acts(restartsPrometheus, rollsOut("kustomize-controller"))},
	{57, "a new revision", acts(publishes)},
}

func acts(all ...action) []action { return all }
