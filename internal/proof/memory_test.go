package proof_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/proof"
)

// A history is drawn from these, one a minute: what a world comes to that is whole, or in which one thing is wrong.
func drawn(t *rapid.T, label string) *world {
	w := whole("prometheus-k8s-0")
	w.alertmanagers[0].Counts = proof.Counts{Sent: 3, Failed: rapid.SampledFrom([]float64{0, 3}).Draw(t, label+" failed"), ByReceiver: true}
	names := []string{"whole", "a target is down", "every target is missing", "no answer", "no pod is ready", "a rule fails", "the series is missing",
		"a receiver is missing", "no Alertmanager is known"}
	if name := rapid.SampledFrom(names).Draw(t, label); name != "whole" {
		judged[name].given(w)
	}
	return w
}

func links(f proof.Findings) []proof.Finding {
	return []proof.Finding{f.Scraped, f.Rules, f.Known, f.Receivers, f.Delivered}
}

var start = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func TestATrueBreaksOnlyOnFailuresForLongEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m proof.Memory
		var before proof.Findings
		var failing [4]time.Time // since when
		for now := start; now.Before(start.Add(20 * time.Minute)); now = now.Add(rapid.SampledFrom([]time.Duration{5 * time.Second, time.Minute}).Draw(t, "pause")) {
			w := drawn(t, "round")
			shown := m.Add(w.question, w.prometheuses, w.alertmanagers, now)
			found := links(proof.Judge(w.judge()))
			for n := range failing {
				switch {
				case found[n].Status == yes:
					failing[n] = time.Time{}
					if links(shown)[n] != found[n] {
						t.Fatalf("link %d holds, and is shown as %v", n, links(shown)[n])
					}
				case failing[n].IsZero():
					failing[n] = now
				}
				if links(before)[n].Status == yes && links(shown)[n].Status != yes && now.Sub(failing[n]) < proof.Doubt {
					t.Fatalf("link %d broke after %s: %v", n, now.Sub(failing[n]), links(shown)[n])
				}
			}
			before = shown
		}
	})
}

func TestTheSameAnswersAndARestartOfTheOperatorShowNothingNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m proof.Memory
		w := drawn(t, "at rest")
		add := func(m *proof.Memory, minute int) proof.Findings {
			return m.Add(w.question, w.prometheuses, w.alertmanagers, start.Add(time.Duration(minute)*time.Minute))
		}
		add(&m, 0)
		shown := add(&m, 1)
		var successor proof.Memory
		successor.Seed(shown)
		for minute := range 4 {
			if now := add(&m, 2+minute); now != shown {
				t.Fatalf("at rest %v became %v", shown, now)
			}
			if now := add(&successor, 2+minute); now != shown {
				t.Fatalf("after a restart %v became %v", shown, now)
			}
		}
	})
}

func TestWhatIsMissingSoonAfterAChangeIsNotSeenYet(t *testing.T) {
	g := NewWithT(t)
	for _, name := range []string{"every target is missing", "no group is loaded", "the series is missing", "no Alertmanager is known", "a receiver is missing",
		"a target was not scraped yet", "no pod is ready"} {
		var m proof.Memory
		w := whole("prometheus-k8s-0")
		judged[name].given(w)
		m.Changed(start)
		shown := m.Add(w.question, w.prometheuses, w.alertmanagers, start.Add(time.Minute))
		for _, f := range links(shown)[:4] {
			if f.Status == yes {
				continue
			}
			g.Expect([]any{f.Status, f.Reason}).To(Equal([]any{unknown, "Selected"}), name)
			g.Expect(f.Message).To(HavePrefix("not seen yet after a change: "))
			g.Expect(len(f.Message)).To(BeNumerically("<=", 120), f.Message)
		}
		g.Expect(m.Settled()).To(BeFalse())
		late := func(minutes time.Duration) proof.Findings {
			return m.Add(w.question, w.prometheuses, w.alertmanagers, start.Add(proof.Grace+minutes*time.Minute))
		}
		late(0)
		g.Expect(late(1)).To(Equal(proof.Judge(w.judge())), name)
	}
	var m proof.Memory
	w := whole("prometheus-k8s-0")
	judged["a target is down"].given(w)
	m.Changed(start)
	g.Expect(m.Add(w.question, w.prometheuses, w.alertmanagers, start)).To(Equal(proof.Judge(w.judge())), "what is there and broken is not waited for")
}

func TestARestartSoonAfterAChangeThatArrivedShowsNothing(t *testing.T) {
	g := NewWithT(t)
	var m proof.Memory
	m.Changed(start)
	w := whole("prometheus-k8s-0")
	shown := m.Add(w.question, w.prometheuses, w.alertmanagers, start.Add(20*time.Second))
	judged["no pod is ready"].given(w)
	g.Expect(m.Add(w.question, w.prometheuses, w.alertmanagers, start.Add(30*time.Second))).To(Equal(shown))
	g.Expect(m.Add(w.question, w.prometheuses, w.alertmanagers, start.Add(80*time.Second))).To(Equal(shown))
	g.Expect(m.Add(w.question, w.prometheuses, w.alertmanagers, start.Add(90*time.Second))).NotTo(Equal(shown), "it has gone on for a minute")
}

func TestAFailedNotificationCountsUntilOneIsSent(t *testing.T) {
	delivered := proof.Finding{Status: yes, Reason: "Delivered", Message: main + " notifies the receivers, and no notification fails"}
	failing := proof.Finding{Status: no, Reason: "NotificationsFailing", Message: main + " cannot notify the receivers: check their Secrets and services"}
	unclear := proof.Finding{Status: unknown, Reason: "NotificationsFailing", Message: main + " cannot send some notifications, and its metrics do not say for whom: read its log"}
	count := func(sent, failed float64) proof.Counts {
		return proof.Counts{Sent: sent, Failed: failed, ByReceiver: true}
	}
	for name, c := range map[string]struct {
		seed   proof.Finding
		counts []proof.Counts
		shown  proof.Finding
	}{
		"nothing was sent":                            {counts: []proof.Counts{count(0, 0), count(0, 0)}},
		"one was sent":                                {counts: []proof.Counts{count(0, 0), count(1, 0)}, shown: delivered},
		"the first failed":                            {counts: []proof.Counts{count(1, 1), count(1, 1)}, shown: failing},
		"it stays failed":                             {counts: []proof.Counts{count(1, 0), count(2, 1), count(2, 1), count(2, 1)}, shown: failing},
		"until one is sent":                           {counts: []proof.Counts{count(1, 1), count(1, 1), count(2, 1)}, shown: delivered},
		"both between two rounds":                     {counts: []proof.Counts{count(1, 0), count(4, 1), count(4, 1)}, shown: failing},
		"a restart of Alertmanager":                   {counts: []proof.Counts{count(5, 0), count(0, 0), count(0, 0)}, shown: delivered},
		"it failed, and Alertmanager was restarted":   {counts: []proof.Counts{count(5, 5), count(0, 0), count(0, 0)}, shown: failing},
		"it sends again after that":                   {counts: []proof.Counts{count(5, 5), count(1, 0)}, shown: delivered},
		"which was the newest is not known":           {counts: []proof.Counts{count(9, 1), count(9, 1)}},
		"an earlier operator saw that one was sent":   {seed: delivered, counts: []proof.Counts{count(9, 1), count(9, 1)}, shown: delivered},
		"an earlier operator saw that the newest had": {seed: failing, counts: []proof.Counts{count(9, 1), count(9, 1)}, shown: failing},
		"receivers are not named":                     {counts: []proof.Counts{{Sent: 1, Failed: 1}, {Sent: 1, Failed: 1}}, shown: unclear},
		"one was sent, to whom is not known":          {counts: []proof.Counts{{Sent: 1}, {Sent: 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			var m proof.Memory
			w := whole("prometheus-k8s-0")
			m.Seed(proof.Findings{Delivered: c.seed})
			for i, counts := range c.counts {
				w.alertmanagers[0].Counts = counts
				m.Add(w.question, w.prometheuses, w.alertmanagers, start.Add(time.Duration(i)*time.Minute))
			}
			NewWithT(t).Expect(m.Shown().Delivered).To(Equal(c.shown))
			w.alertmanagers[0].Fault = proof.Fault{Class: proof.ClassTimeOut}
			for range 3 {
				m.Add(w.question, w.prometheuses, w.alertmanagers, start.Add(time.Hour))
			}
			NewWithT(t).Expect(m.Shown().Delivered).To(Equal(c.shown), "an Alertmanager that cannot be asked says nothing new")
		})
	}
}
