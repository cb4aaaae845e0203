package proof

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Finding is what is known of one link of the chain. Without a status there is nothing to judge.
type Finding struct {
	Status          metav1.ConditionStatus
	Reason, Message string
}

// Findings are what is known of the links that have to be asked for.
type Findings struct {
	// Scraped: the targets are up.
	Scraped Finding
	// Rules: the rule groups are healthy, and their series are there.
	Rules Finding
	// Known: every Prometheus that evaluates the rules knows an Alertmanager.
	Known Finding
	// Receivers: every Alertmanager has the receivers.
	Receivers Finding
	// Delivered: notifications were sent, and none fails.
	Delivered Finding
}

// maxAge is how old the newest sample of a series may be: as long as Prometheus returns it by default.
const maxAge = 5 * time.Minute

// Judge says what follows from the answers, except for notifications, whose counters have to be compared with earlier ones: see Memory.
func Judge(q Question, prometheuses []Prometheus, alertmanagers []Alertmanager) Findings {
	var f Findings
	if len(q.Targets) > 0 {
		f.Scraped = worst(prometheuses, scrapedBy(q))
	}
	evaluating := slices.DeleteFunc(slices.Clone(prometheuses), func(p Prometheus) bool { return !p.Rules })
	if len(q.Groups) > 0 {
		f.Rules = worst(evaluating, evaluatedBy(q))
	}
	if q.Alerting {
		f.Known = worst(evaluating, known)
	}
	if len(q.Receivers) > 0 {
		f.Receivers = worst(alertmanagers, receives)
	}
	return f
}

// worst is the first False finding, else the first Unknown one, else the first, which is True; nothing if nobody was asked.
func worst[B any](all []B, judge func(*B) Finding) Finding {
	var found []Finding
	for i := range all {
		found = append(found, judge(&all[i]))
	}
	for _, status := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown, metav1.ConditionTrue} {
		for _, f := range found {
			if f.Status == status {
				return f
			}
		}
	}
	return Finding{}
}

func no(reason, format string, args ...any) Finding {
	return Finding{metav1.ConditionFalse, reason, fmt.Sprintf(format, args...)}
}

func unknown(reason, format string, args ...any) Finding {
	return Finding{metav1.ConditionUnknown, reason, fmt.Sprintf(format, args...)}
}

func yes(reason, format string, args ...any) Finding {
	return Finding{metav1.ConditionTrue, reason, fmt.Sprintf(format, args...)}
}

// scrapedBy judges the targets of a Prometheus. Each replica has to have all of them, and shards share them.
func scrapedBy(q Question) func(*Prometheus) Finding {
	return func(p *Prometheus) Finding {
		if f := prevented(p); f.Status != "" {
			return f
		}
		for _, answers := range p.replicas() {
			var seen []SeenTarget
			for _, a := range answers {
				seen = append(seen, a.Targets...)
			}
			if f := targetsOf(q.Targets, seen, p.Title()); f.Status != metav1.ConditionTrue {
				return f
			}
		}
		return yes(v1alpha1.ReasonTargetsUp, "%s scrapes every target, and all are up", p.Title())
	}
}

// targetsOf compares the targets that one replica should have with those it has.
func targetsOf(expected []Target, seen []SeenTarget, title string) Finding {
	var missing, waiting []string
	for _, t := range expected {
		of := slices.DeleteFunc(slices.Clone(seen), func(s SeenTarget) bool { return s.Job != t.Job || t.Workload != "" && s.Workload != t.Workload })
		if i := slices.IndexFunc(of, func(s SeenTarget) bool { return s.Health == HealthDown }); i >= 0 {
			return down(title, t, of[i].Error)
		}
		switch {
		case len(of) == 0:
			missing = append(missing, t.Name())
		case slices.ContainsFunc(of, func(s SeenTarget) bool { return s.Health != HealthUp }):
			waiting = append(waiting, t.Name())
		}
	}
	switch {
	case len(missing) > 0:
		return no(v1alpha1.ReasonTargetsMissing, "%s has no target for %s: check its pods and their ports", title, counted(missing))
	case len(waiting) > 0:
		return unknown(v1alpha1.ReasonSelected, "%s has not scraped %s yet", title, counted(waiting))
	}
	return Finding{Status: metav1.ConditionTrue}
}

// down is that a target cannot be scraped.
func down(title string, t Target, class Class) Finding {
	if class == ClassLimit {
		return no(v1alpha1.ReasonLimitsTooLow, "%s drops the samples of %s: a limit is too low, raise it", title, t.Name())
	}
	if class == "" {
		class = ClassOther
	}
	return no(v1alpha1.ReasonTargetsDown, "%s cannot scrape %s: %s%s", title, t.Name(), class, advice[class])
}

// advice is what to do about a target that cannot be scraped.
var advice = map[Class]string{
	ClassTimeOut:      ". Check the NetworkPolicies there",
	ClassRefused:      ". Check its port",
	ClassUnauthorized: ". Give the PodMonitor a token",
	ClassForbidden:    ". Give the PodMonitor a token",
	ClassOther:        ". See its page /targets",
}

// counted is the first name, and how many more there are.
func counted(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
}

// unasked is that a backend could not be asked.
func unasked(title string, f Fault) Finding {
	about := ""
	if f.Subject != "" {
		about = " (" + f.Subject + ")"
	}
	switch f.Class {
	case ClassNoPods:
		return no(v1alpha1.ReasonPrometheusNotAvailable, "%s has no pod that is ready: read its events", title)
	case ClassNoService:
		return unknown(v1alpha1.ReasonSelected, "%s has no pods to ask behind %s", title, f.Subject)
	case ClassUnauthorized, ClassForbidden:
		return unknown(v1alpha1.ReasonUnauthorized, "%s refuses the operator's questions: set spec.prometheus.verify.secretRef", title)
	case ClassWithheld:
		return unknown(v1alpha1.ReasonUnauthorized, "%s gets no credentials, because its namespace is not trusted: set verify.address", title)
	case ClassReserved:
		return unknown(v1alpha1.ReasonUnauthorized, "%s gets no credentials: they are for verify.address only", title)
	case ClassPlain:
		return unknown(v1alpha1.ReasonUnauthorized, "%s gets no credentials without TLS: set spec.prometheus.verify.insecure to send them", title)
	case ClassCredentials:
		return unknown(v1alpha1.ReasonUnauthorized, "the operator cannot read %s: give it a Role, see docs/how-to/verify.md", f.Subject)
	default:
		return unknown(v1alpha1.ReasonUnreachable, "the operator cannot ask %s: %s%s", title, f.Class, about)
	}
}

// evaluatedBy judges the rule groups of a Prometheus. Each shard evaluates all of them.
func evaluatedBy(q Question) func(*Prometheus) Finding {
	return func(p *Prometheus) Finding {
		if f := prevented(p); f.Status != "" {
			return f
		}
		for i := range p.Answers {
			if f := answeredGroups(q, &p.Answers[i], p.Title()); f.Status != metav1.ConditionTrue {
				return f
			}
		}
		for _, answers := range p.replicas() {
			fresh := slices.ContainsFunc(answers, func(a Answer) bool { return a.Observed && a.Age <= maxAge })
			if q.Observed != "" && !fresh {
				return no(v1alpha1.ReasonSeriesMissing, "%s has no current flux:resource:observed, so alerts are blind: see ResourceMetrics", p.Title())
			}
		}
		if slices.ContainsFunc(p.Answers, func(a Answer) bool { return a.Mute }) {
			return yes(v1alpha1.ReasonRulesEvaluated, "%s has current series of the recording rules; it does not say more of rules", p.Title())
		}
		return yes(v1alpha1.ReasonRulesEvaluated, "%s evaluates every rule group without an error", p.Title())
	}
}

// prevented is why a Prometheus cannot be judged by its answers; zero if it can.
func prevented(p *Prometheus) Finding {
	if p.Rejected != "" {
		return no(v1alpha1.ReasonRejected, "prometheus-operator rejects %s for %s: read its status.bindings", p.Rejected, p.Title())
	}
	if f := p.firstFault(); f != (Fault{}) {
		return unasked(p.Title(), f)
	}
	return Finding{}
}

// answeredGroups judges the rule groups of one answer. Of a backend that does not say which it has, the series of the recording rules say that
// they are evaluated.
func answeredGroups(q Question, a *Answer, title string) Finding {
	switch {
	case !a.Mute:
		return groupsOf(q, a.Groups, title)
	case q.Observed == "":
		return unknown(v1alpha1.ReasonSelected, "%s does not say which rules are evaluated, and none of them records a series", title)
	}
	return Finding{Status: metav1.ConditionTrue}
}

// groupsOf compares the rule groups that a Prometheus should have with those it has.
func groupsOf(q Question, seen []SeenGroup, title string) Finding {
	var missing, waiting []string
	for _, g := range q.Groups {
		i := slices.IndexFunc(seen, func(s SeenGroup) bool { return s.Name == g.Name && sameRules(s.Rules, g.Rules) })
		switch {
		case i < 0:
			missing = append(missing, g.Name)
		case seen[i].Failing != "":
			return no(v1alpha1.ReasonRuleFailing, "%s cannot evaluate %s: read the error on its page /rules", title, seen[i].Failing)
		case seen[i].Slow:
			return no(v1alpha1.ReasonGroupSlow, "%s takes longer than the interval to evaluate group %s: give it more CPU", title, g.Name)
		case !seen[i].Evaluated:
			waiting = append(waiting, g.Name)
		}
	}
	switch {
	case len(missing) > 0:
		return no(v1alpha1.ReasonRulesNotLoaded, "%s has not loaded group %s of the PrometheusRule: read its log", title, counted(missing))
	case len(waiting) > 0:
		return unknown(v1alpha1.ReasonSelected, "%s has not evaluated group %s yet", title, counted(waiting))
	}
	return Finding{Status: metav1.ConditionTrue}
}

// sameRules compares the rules of groups without their order and number: Thanos sorts them, and lists those of each replica.
func sameRules(a, b []string) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b))))
}

// known judges whether a Prometheus has found an Alertmanager.
func known(p *Prometheus) Finding {
	if f := p.firstFault(); f != (Fault{}) {
		return unasked(p.Title(), f)
	}
	for _, a := range p.Answers {
		if a.Alertmanagers < 0 {
			return Finding{}
		}
		if a.Alertmanagers == 0 {
			return no(v1alpha1.ReasonNoAlertmanager, "%s has found no Alertmanager: correct its spec.alerting.alertmanagers", p.Title())
		}
	}
	return yes(v1alpha1.ReasonEffective, "%s knows an Alertmanager", p.Title())
}

// receives judges whether an Alertmanager has the receivers.
func receives(a *Alertmanager) Finding {
	switch {
	case a.Rejected != "":
		return no(v1alpha1.ReasonRejected, "prometheus-operator rejects %s for %s: read its status.bindings", a.Rejected, a.Title())
	case a.Fault.Class == ClassNoPods:
		return no(v1alpha1.ReasonNoAlertmanager, "%s has no pod that is ready: read its events", a.Title())
	case a.Fault != (Fault{}):
		return unasked(a.Title(), a.Fault)
	case a.Missing != "":
		return no(v1alpha1.ReasonReceiverMissing, "%s has not loaded receiver %s: read the events of the AlertmanagerConfig", a.Title(),
			a.receiver())
	}
	return yes(v1alpha1.ReasonEffective, "%s has the receivers", a.Title())
}
