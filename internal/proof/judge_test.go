package proof_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/proof"
)

const (
	yes, no, unknown = metav1.ConditionTrue, metav1.ConditionFalse, metav1.ConditionUnknown
	monitor          = "flux-system/flux"
	exporter         = "flux-system/flux-exporter"
	receiver         = "flux-system/flux/oncall"
	k8s, main        = "Prometheus monitoring/k8s", "Alertmanager monitoring/main"
)

// question is about two PodMonitors, two rule groups and a receiver.
func question() proof.Question {
	return proof.Question{
		Targets: []proof.Target{{monitor, "source-controller"}, {monitor, "kustomize-controller"}, {exporter, ""}},
		Groups: []proof.Group{
			{"flux.rules", []string{"flux:resource:observed", "flux:resource:ready"}}, {"flux.alerts", []string{"FluxReconciliationFailure"}},
		},
		Observed: "flux:resource:observed", Alerting: true, Receivers: []string{receiver},
	}
}

// answer is that of a pod for which everything holds.
func answer(pod string) proof.Answer {
	a := proof.Answer{Pod: pod, Observed: true, Alertmanagers: 1}
	for _, t := range question().Targets {
		a.Targets = append(a.Targets, proof.SeenTarget{Job: t.Job, Workload: t.Workload, Health: proof.HealthUp})
	}
	for _, g := range question().Groups {
		a.Groups = append(a.Groups, proof.SeenGroup{Group: g, Evaluated: true})
	}
	return a
}

// world is a question, and who answers.
type world struct {
	question      proof.Question
	prometheuses  []proof.Prometheus
	alertmanagers []proof.Alertmanager
}

func whole(pods ...string) *world {
	p := proof.Prometheus{Backend: proof.Backend{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s", Rules: true}}
	for _, pod := range pods {
		p.Answers = append(p.Answers, answer(pod))
	}
	a := proof.Alertmanager{Backend: proof.Backend{Kind: "Alertmanager", Namespace: "monitoring", Name: "main"}, Counts: proof.Counts{ByReceiver: true}}
	return &world{question(), []proof.Prometheus{p}, []proof.Alertmanager{a}}
}

// first is the answer of the first pod.
func (w *world) first() *proof.Answer { return &w.prometheuses[0].Answers[0] }

// without is an answer that lacks the targets of a workload.
func without(a *proof.Answer, workload string) {
	for i, t := range a.Targets {
		if t.Workload == workload {
			a.Targets = append(a.Targets[:i:i], a.Targets[i+1:]...)
			return
		}
	}
}

// good are the Findings where everything holds.
func good() proof.Findings {
	return proof.Findings{
		Scraped:   proof.Finding{Status: yes, Reason: "TargetsUp", Message: k8s + " scrapes every target, and all are up"},
		Rules:     proof.Finding{Status: yes, Reason: "RulesEvaluated", Message: k8s + " evaluates every rule group without an error"},
		Known:     proof.Finding{Status: yes, Reason: "Effective", Message: k8s + " knows an Alertmanager"},
		Receivers: proof.Finding{Status: yes, Reason: "Effective", Message: main + " has the receivers"},
	}
}

// The links that a case breaks.
func scraped(f *proof.Findings) []*proof.Finding   { return []*proof.Finding{&f.Scraped} }
func rules(f *proof.Findings) []*proof.Finding     { return []*proof.Finding{&f.Rules} }
func known(f *proof.Findings) []*proof.Finding     { return []*proof.Finding{&f.Known} }
func receivers(f *proof.Findings) []*proof.Finding { return []*proof.Finding{&f.Receivers} }
func every(f *proof.Findings) []*proof.Finding {
	return []*proof.Finding{&f.Scraped, &f.Rules, &f.Known}
}
func both(f *proof.Findings) []*proof.Finding { return []*proof.Finding{&f.Scraped, &f.Rules} }

// judged are worlds in which one thing is wrong, with the links that it breaks and what is found of them.
var judged = map[string]struct {
	given func(*world)
	links func(*proof.Findings) []*proof.Finding
	found proof.Finding
}{
	"a target is down": {func(w *world) {
		w.first().Targets[1].Health, w.first().Targets[1].Error = proof.HealthDown, proof.ClassUnauthorized
	}, scraped,
		proof.Finding{Status: no, Reason: "TargetsDown", Message: k8s + " cannot scrape kustomize-controller: unauthorized. Give the PodMonitor a token"}},
	"a target is down without an error": {func(w *world) { w.first().Targets[2].Health = proof.HealthDown }, scraped,
		proof.Finding{Status: no, Reason: "TargetsDown", Message: k8s + " cannot scrape PodMonitor flux-system/flux-exporter: another error. See its page /targets"}},
	"one of two pods is down": {func(w *world) {
		w.first().Targets = append(w.first().Targets, proof.SeenTarget{Job: monitor, Workload: "source-controller", Health: proof.HealthDown, Error: proof.ClassRefused})
	}, scraped, proof.Finding{Status: no, Reason: "TargetsDown", Message: k8s + " cannot scrape source-controller: connection refused. Check its port"}},
	"a limit is too low": {func(w *world) {
		w.first().Targets[2].Health, w.first().Targets[2].Error = proof.HealthDown, proof.ClassLimit
	}, scraped,
		proof.Finding{Status: no, Reason: "LimitsTooLow", Message: k8s + " drops the samples of PodMonitor flux-system/flux-exporter: a limit is too low, raise it"}},
	"a target is missing": {func(w *world) { without(w.first(), "kustomize-controller") }, scraped,
		proof.Finding{Status: no, Reason: "TargetsMissing", Message: k8s + " has no target for kustomize-controller: check its pods and their ports"}},
	"every target is missing": {func(w *world) { w.first().Targets = nil }, scraped,
		proof.Finding{Status: no, Reason: "TargetsMissing", Message: k8s + " has no target for source-controller and 2 more: check its pods and their ports"}},
	"a target was not scraped yet": {func(w *world) { w.first().Targets[0].Health = proof.HealthUnknown }, scraped,
		proof.Finding{Status: unknown, Reason: "Selected", Message: k8s + " has not scraped source-controller yet"}},
	"a PodMonitor is rejected": {func(w *world) { w.prometheuses[0].Rejected = "PodMonitor flux" }, both,
		proof.Finding{Status: no, Reason: "Rejected", Message: "prometheus-operator rejects PodMonitor flux for " + k8s + ": read its status.bindings"}},
	"no pod is ready": {func(w *world) { w.prometheuses[0].Fault = proof.Fault{Class: proof.ClassNoPods} }, every,
		proof.Finding{Status: no, Reason: "PrometheusNotAvailable", Message: k8s + " has no pod that is ready: read its events"}},
	"no answer": {func(w *world) {
		w.first().Fault = proof.Fault{Class: proof.ClassTimeOut, Subject: "NetworkPolicy monitoring/deny"}
	}, every,
		proof.Finding{Status: unknown, Reason: "Unreachable", Message: "the operator cannot ask " + k8s + ": time-out (NetworkPolicy monitoring/deny)"}},
	"only loopback": {func(w *world) { w.prometheuses[0].Fault = proof.Fault{Class: proof.ClassLocal} }, every,
		proof.Finding{Status: unknown, Reason: "Unreachable", Message: "the operator cannot ask " + k8s + ": it listens on its loopback address only"}},
	"no Service": {func(w *world) {
		w.prometheuses[0].Fault = proof.Fault{Class: proof.ClassNoService, Subject: "Service monitoring/x"}
	}, every,
		proof.Finding{Status: unknown, Reason: "Selected", Message: k8s + " has no pods to ask behind Service monitoring/x"}},
	"unauthorized": {func(w *world) { w.first().Fault = proof.Fault{Class: proof.ClassUnauthorized} }, every,
		proof.Finding{Status: unknown, Reason: "Unauthorized", Message: k8s + " refuses the operator's questions: set spec.prometheus.verify.secretRef"}},
	"forbidden": {func(w *world) { w.first().Fault = proof.Fault{Class: proof.ClassForbidden} }, every,
		proof.Finding{Status: unknown, Reason: "Unauthorized", Message: k8s + " refuses the operator's questions: set spec.prometheus.verify.secretRef"}},
	"credentials are for another": {func(w *world) { w.first().Fault = proof.Fault{Class: proof.ClassReserved} }, every,
		proof.Finding{Status: unknown, Reason: "Unauthorized", Message: k8s + " gets no credentials: they are for verify.address only"}},
	"credentials are withheld": {func(w *world) { w.first().Fault = proof.Fault{Class: proof.ClassWithheld} }, every,
		proof.Finding{Status: unknown, Reason: "Unauthorized", Message: k8s + " gets no credentials, because its namespace is not trusted: set verify.address"}},
	"credentials without TLS": {func(w *world) { w.prometheuses[0].Fault = proof.Fault{Class: proof.ClassPlain} }, every,
		proof.Finding{Status: unknown, Reason: "Unauthorized", Message: k8s + " gets no credentials without TLS: set spec.prometheus.verify.insecure to send them"}},
	"no credentials": {func(w *world) {
		w.prometheuses[0].Fault = proof.Fault{Class: proof.ClassCredentials, Subject: "Secret flux-system/prometheus"}
	}, every, proof.Finding{Status: unknown, Reason: "Unauthorized", Message: "the operator cannot read Secret flux-system/prometheus: give it a Role, see docs/how-to/verify.md"}},
	"a group is not loaded": {func(w *world) { w.first().Groups = w.first().Groups[:1] }, rules,
		proof.Finding{Status: no, Reason: "RulesNotLoaded", Message: k8s + " has not loaded group flux.alerts of the PrometheusRule: read its log"}},
	"a group has other rules": {func(w *world) { w.first().Groups[0].Rules = []string{"flux:resource:observed"} }, rules,
		proof.Finding{Status: no, Reason: "RulesNotLoaded", Message: k8s + " has not loaded group flux.rules of the PrometheusRule: read its log"}},
	"no group is loaded": {func(w *world) { w.first().Groups = nil }, rules,
		proof.Finding{Status: no, Reason: "RulesNotLoaded", Message: k8s + " has not loaded group flux.rules and 1 more of the PrometheusRule: read its log"}},
	"a group was not evaluated yet": {func(w *world) { w.first().Groups[1].Evaluated = false }, rules,
		proof.Finding{Status: unknown, Reason: "Selected", Message: k8s + " has not evaluated group flux.alerts yet"}},
	"a rule fails": {func(w *world) { w.first().Groups[1].Failing = "FluxReconciliationFailure" }, rules,
		proof.Finding{Status: no, Reason: "RuleFailing", Message: k8s + " cannot evaluate FluxReconciliationFailure: read the error on its page /rules"}},
	"a group is slow": {func(w *world) { w.first().Groups[0].Slow = true }, rules,
		proof.Finding{Status: no, Reason: "GroupSlow", Message: k8s + " takes longer than the interval to evaluate group flux.rules: give it more CPU"}},
	"the series is missing": {func(w *world) { w.first().Observed = false }, rules,
		proof.Finding{Status: no, Reason: "SeriesMissing", Message: k8s + " has no current flux:resource:observed, so alerts are blind: see ResourceMetrics"}},
	"the series is old": {func(w *world) { w.first().Age = 6 * time.Minute }, rules,
		proof.Finding{Status: no, Reason: "SeriesMissing", Message: k8s + " has no current flux:resource:observed, so alerts are blind: see ResourceMetrics"}},
	"it has no API of rules": {func(w *world) { w.first().Mute, w.first().Groups = true, nil }, rules,
		proof.Finding{Status: yes, Reason: "RulesEvaluated", Message: k8s + " has current series of the recording rules; it does not say more of rules"}},
	"it has no API of rules, and nothing is recorded": {func(w *world) { w.first().Mute, w.question.Observed = true, "" }, rules,
		proof.Finding{Status: unknown, Reason: "Selected", Message: k8s + " does not say which rules are evaluated, and none of them records a series"}},
	"it has no API of rules, and no series": {func(w *world) { w.first().Mute, w.first().Observed = true, false }, rules,
		proof.Finding{Status: no, Reason: "SeriesMissing", Message: k8s + " has no current flux:resource:observed, so alerts are blind: see ResourceMetrics"}},
	"no Alertmanager is known": {func(w *world) { w.first().Alertmanagers = 0 }, known,
		proof.Finding{Status: no, Reason: "NoAlertmanager", Message: k8s + " has found no Alertmanager: correct its spec.alerting.alertmanagers"}},
	"it does not say whether it knows one": {func(w *world) { w.first().Alertmanagers = -1 }, known,
		proof.Finding{}},
	"a receiver is missing": {func(w *world) { w.alertmanagers[0].Missing = receiver }, receivers,
		proof.Finding{Status: no, Reason: "ReceiverMissing", Message: main + " has not loaded receiver oncall: read the events of the AlertmanagerConfig"}},
	"an AlertmanagerConfig is rejected": {func(w *world) { w.alertmanagers[0].Rejected = "AlertmanagerConfig flux" }, receivers,
		proof.Finding{Status: no, Reason: "Rejected", Message: "prometheus-operator rejects AlertmanagerConfig flux for " + main + ": read its status.bindings"}},
	"an Alertmanager has no pods": {func(w *world) { w.alertmanagers[0].Fault = proof.Fault{Class: proof.ClassNoPods} }, receivers,
		proof.Finding{Status: no, Reason: "NoAlertmanager", Message: main + " has no pod that is ready: read its events"}},
	"an Alertmanager does not answer": {func(w *world) {
		w.alertmanagers[0].Fault = proof.Fault{Class: proof.ClassRefused, Subject: "pod alertmanager-main-0"}
	}, receivers, proof.Finding{Status: unknown, Reason: "Unreachable", Message: "the operator cannot ask " + main + ": connection refused (pod alertmanager-main-0)"}},
	"the second Prometheus has none": {func(w *world) {
		other := proof.Prometheus{Backend: proof.Backend{Kind: "Prometheus", Namespace: "monitoring", Name: "other"}, Answers: []proof.Answer{answer("prometheus-other-0")}}
		without(&other.Answers[0], "source-controller")
		w.prometheuses = append(w.prometheuses, other)
	}, scraped, proof.Finding{Status: no, Reason: "TargetsMissing", Message: "Prometheus monitoring/other has no target for source-controller: check its pods and their ports"}},
	"False weighs more than Unknown": {func(w *world) {
		w.first().Fault = proof.Fault{Class: proof.ClassTimeOut}
		w.prometheuses = append(w.prometheuses, w.prometheuses[0])
		w.prometheuses[1].Answers, w.prometheuses[1].Fault = nil, proof.Fault{Class: proof.ClassNoPods}
	}, every, proof.Finding{Status: no, Reason: "PrometheusNotAvailable", Message: k8s + " has no pod that is ready: read its events"}},
	"the rules of two replicas are the same group": {func(w *world) {
		w.first().Groups[0].Rules = append(w.first().Groups[0].Rules, w.first().Groups[0].Rules...)
	}, rules, good().Rules},
	"another order of rules is the same group": {func(w *world) { w.first().Groups[0].Rules = []string{"flux:resource:ready", "flux:resource:observed"} }, rules, good().Rules},
	"nothing is to be scraped":                 {func(w *world) { w.question.Targets = nil }, scraped, proof.Finding{}},
	"nothing is to be evaluated":               {func(w *world) { w.question.Groups = nil }, rules, proof.Finding{}},
	"nothing alerts":                           {func(w *world) { w.question.Alerting = false }, known, proof.Finding{}},
	"nobody is to be notified":                 {func(w *world) { w.question.Receivers = nil }, receivers, proof.Finding{}},
}

func TestEveryAnswerIsJudged(t *testing.T) {
	NewWithT(t).Expect(proof.Judge(whole("prometheus-k8s-0").judge())).To(Equal(good()))
	for name, c := range judged {
		t.Run(name, func(t *testing.T) {
			w, expected := whole("prometheus-k8s-0"), good()
			c.given(w)
			for _, link := range c.links(&expected) {
				*link = c.found
			}
			NewWithT(t).Expect(proof.Judge(w.judge())).To(Equal(expected))
			NewWithT(t).Expect(len(c.found.Message)).To(BeNumerically("<=", 120), c.found.Message)
		})
	}
}

func TestAMessageAboutATargetIsShort(t *testing.T) {
	for _, class := range []proof.Class{
		proof.ClassTimeOut, proof.ClassRefused, proof.ClassUnknownHost, proof.ClassCertificate, proof.ClassUnauthorized, proof.ClassForbidden,
		proof.ClassNotFound, proof.ClassServerError, proof.ClassLimit, proof.ClassOther, "",
	} {
		w := whole("prometheus-k8s-0")
		w.first().Targets[2].Health, w.first().Targets[2].Error = proof.HealthDown, class
		message := proof.Judge(w.judge()).Scraped.Message
		NewWithT(t).Expect(len(message)).To(BeNumerically("<=", 120), message)
	}
}

func (w *world) judge() (proof.Question, []proof.Prometheus, []proof.Alertmanager) {
	return w.question, w.prometheuses, w.alertmanagers
}

func TestShardsShareTargetsAndReplicasDoNot(t *testing.T) {
	for name, c := range map[string]struct {
		pods    []string // the second lacks a target, the last has only that one
		scraped string
	}{
		"two shards":               {[]string{"prometheus-k8s-shard-1-0", "prometheus-k8s-0"}, "TargetsUp"},
		"two replicas":             {[]string{"prometheus-k8s-1", "prometheus-k8s-0"}, "TargetsMissing"},
		"two shards, two replicas": {[]string{"prometheus-k8s-1", "prometheus-k8s-0", "prometheus-k8s-shard-1-1", "prometheus-k8s-shard-1-0"}, "TargetsUp"},
		"a replica lacks a shard":  {[]string{"prometheus-k8s-1", "prometheus-k8s-0", "prometheus-k8s-shard-1-1"}, "TargetsMissing"},
		"the pods of a DaemonSet":  {[]string{"prom-agent-k8s-x7z2b", "prom-agent-k8s-4bcdf"}, "TargetsUp"},
	} {
		t.Run(name, func(t *testing.T) {
			w := whole(c.pods...)
			answers := w.prometheuses[0].Answers
			without(&answers[1], "source-controller")
			answers[1].Observed = len(answers) == 1
			NewWithT(t).Expect(proof.Judge(w.judge()).Scraped.Reason).To(Equal(c.scraped))
		})
	}
}

func TestEveryShardEvaluatesTheRulesAndOneHasTheSeries(t *testing.T) {
	w := whole("prometheus-k8s-0", "prometheus-k8s-shard-1-0")
	w.first().Observed = false
	NewWithT(t).Expect(proof.Judge(w.judge())).To(Equal(good()))
	w.prometheuses[0].Answers[1].Groups = nil
	NewWithT(t).Expect(proof.Judge(w.judge()).Rules.Reason).To(Equal("RulesNotLoaded"))
}
