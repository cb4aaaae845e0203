package proof

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Grace is how long a change takes at most to reach Prometheus: prometheus-operator writes the configuration, the kubelet updates the volume,
// the reloader reloads, and the first scrape and evaluation follow.
const Grace = 4 * time.Minute

// Doubt is how long a link that held must be seen not to hold before that is shown: longer than a Prometheus takes to restart.
const Doubt = time.Minute

// Memory is what was found of one FluxMonitoring up to now. It changes what it shows only on good evidence: a link that holds is broken after
// two rounds in a row, the second at least Doubt after the first, and what is missing right after a change is not seen yet. The zero value
// knows nothing.
type Memory struct {
	shown   Findings
	last    Findings
	tallies map[string]tally
	// doubted is since when each link that is shown to hold was seen not to.
	doubted [5]time.Time
	// since is when the question changed, and held are the links that were seen to hold since then.
	since time.Time
	held  [5]bool
}

// Changed notes that the question changed at this time.
func (m *Memory) Changed(now time.Time) { m.since, m.held = now, [5]bool{} }

// Seed shows what an earlier operator found, so that a restart of the operator changes nothing.
func (m *Memory) Seed(f Findings) { m.shown = f }

// Add takes the answers of a round, and returns what is to be shown.
func (m *Memory) Add(q Question, prometheuses []Prometheus, alertmanagers []Alertmanager, now time.Time) Findings {
	found := Judge(q, prometheuses, alertmanagers)
	if len(q.Receivers) > 0 {
		found.Delivered = m.delivered(alertmanagers)
	}
	shown, last := m.shown.links(), m.last.links()
	for i, link := range found.links() {
		switch failing := link.Status != "" && link.Status != metav1.ConditionTrue; {
		case !failing || shown[i].Status != metav1.ConditionTrue:
			m.doubted[i] = time.Time{}
		case m.doubted[i].IsZero():
			m.doubted[i] = now
		}
		m.held[i] = m.held[i] || link.Status == metav1.ConditionTrue
		early := m.Early(now) && !m.held[i] // what held since the change has reached Prometheus
		sure := !m.doubted[i].IsZero() && now.Sub(m.doubted[i]) >= Doubt
		*shown[i] = damped(*shown[i], *last[i], *link, early, sure)
	}
	m.last = found
	return m.shown
}

// Shown is what the last round came to.
func (m *Memory) Shown() Findings { return m.shown }

// Settled reports whether everything that was asked for holds, so that there is no hurry to ask again.
func (m *Memory) Settled() bool {
	for _, f := range m.last.links() {
		if f.Status != "" && f.Status != metav1.ConditionTrue {
			return false
		}
	}
	return true
}

// Early reports whether the question changed a short time ago.
func (m *Memory) Early(now time.Time) bool { return now.Sub(m.since) < Grace }

func (f *Findings) links() []*Finding {
	return []*Finding{&f.Scraped, &f.Rules, &f.Known, &f.Receivers, &f.Delivered}
}

// damped is what to show of a link after one more finding. sure: it was seen not to hold for long enough.
func damped(shown, last, found Finding, early, sure bool) Finding {
	switch {
	case found.Status == "", found.Status == metav1.ConditionTrue:
		return found
	case early && notYet(found.Reason):
		return Finding{metav1.ConditionUnknown, v1alpha1.ReasonSelected, "not seen yet after a change: " + problem(found.Message)}
	case shown.Status == "":
		return found
	case shown.Status == metav1.ConditionTrue && sure:
		return found
	case shown.Status != metav1.ConditionTrue && found == last:
		return found
	}
	return shown
}

// problem is a message without what to do, which after a change is to wait.
func problem(message string) string {
	text, _, _ := strings.Cut(message, ": ")
	return text
}

// notYet reports whether something may only not have reached Prometheus or Alertmanager yet.
func notYet(reason string) bool {
	switch reason {
	case v1alpha1.ReasonTargetsMissing, v1alpha1.ReasonRulesNotLoaded, v1alpha1.ReasonSeriesMissing, v1alpha1.ReasonReceiverMissing,
		v1alpha1.ReasonSelected, v1alpha1.ReasonNoAlertmanager, v1alpha1.ReasonPrometheusNotAvailable:
		return true
	}
	return false
}

// delivered judges the notifications of all Alertmanagers.
func (m *Memory) delivered(all []Alertmanager) Finding {
	if m.tallies == nil {
		m.tallies = map[string]tally{}
	}
	type judged struct {
		title string
		tally tally
	}
	var found []judged
	for _, a := range all {
		title := a.Title()
		t, counted := m.tallies[title]
		if !counted {
			t = m.formerly(title)
		}
		if a.Fault == (Fault{}) {
			t = t.next(a.Counts)
		}
		m.tallies[title] = t
		found = append(found, judged{title, t})
	}
	return worst(found, func(j *judged) Finding { return j.tally.deliveredBy(j.title) })
}

// formerly is the tally of an Alertmanager by what is shown, before its counts are known: what an earlier operator found holds.
func (m *Memory) formerly(title string) tally {
	shown := m.shown.Delivered
	t := tally{counts: Counts{ByReceiver: shown.Status != metav1.ConditionUnknown}}
	t.delivering = shown.Status == metav1.ConditionTrue
	t.failing = !t.delivering && strings.HasPrefix(shown.Message, title+" ")
	return t
}
