package status

import (
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/proof"
	"github.com/fluxmonitoring/operator/test/given"
)

var (
	asked = proof.Question{
		Targets: []proof.Target{{Job: "monitoring/flux", Workload: "image-automation-controller"}, {Job: "monitoring/flux-exporter"}},
		Groups:  []proof.Group{{Name: "FluxReconciliations", Rules: []string{"FluxImageAutomationNotReady"}}}, Observed: "flux:resource:observed",
		Alerting: true, Receivers: []string{"monitoring/flux/oncall-platform"},
	}
	k8s  = proof.Backend{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s", Rules: true}
	mine = proof.Backend{Kind: "Alertmanager", Namespace: "monitoring", Name: "main"}
)

// messagesFor are the messages of all findings of one answer, also right after a change.
func messagesFor(p proof.Prometheus, a proof.Alertmanager) []string {
	p.Backend, a.Backend = k8s, mine
	var messages []string
	for _, changed := range []time.Time{{}, time.Now()} {
		var m proof.Memory
		m.Changed(changed)
		f := m.Add(asked, []proof.Prometheus{p}, []proof.Alertmanager{a}, time.Now())
		messages = append(messages, f.Scraped.Message, f.Rules.Message, f.Known.Message, f.Receivers.Message, f.Delivered.Message)
	}
	return slices.DeleteFunc(messages, func(m string) bool { return m == "" })
}

func TestAMessageAboutOneAnswerHasAtMost120Characters(t *testing.T) {
	group := func(with proof.SeenGroup) proof.Prometheus {
		with.Group = asked.Groups[0]
		return proof.Prometheus{Answers: []proof.Answer{{Groups: []proof.SeenGroup{with}}}}
	}
	messages := [][]string{
		messagesFor(proof.Prometheus{Answers: []proof.Answer{{Pod: "prometheus-k8s-0"}}}, proof.Alertmanager{Missing: asked.Receivers[0]}),
		messagesFor(proof.Prometheus{Rejected: "PodMonitor flux-exporter"}, proof.Alertmanager{Rejected: "AlertmanagerConfig flux"}),
		messagesFor(group(proof.SeenGroup{Failing: "FluxImageAutomationNotReady"}), proof.Alertmanager{Counts: proof.Counts{Sent: 1, Failed: 1, ByReceiver: true}}),
		messagesFor(group(proof.SeenGroup{Slow: true}), proof.Alertmanager{Counts: proof.Counts{Sent: 1, Failed: 1}}),
		messagesFor(group(proof.SeenGroup{}), proof.Alertmanager{Counts: proof.Counts{Sent: 1, ByReceiver: true}}),
		messagesFor(group(proof.SeenGroup{Evaluated: true}), proof.Alertmanager{}),
	}
	subjects := map[proof.Class]string{
		proof.ClassCredentials: "a token of ServiceAccount monitoring/flux-verify", proof.ClassNoPermission: "namespace monitoring",
		proof.ClassTimeOut: "NetworkPolicy monitoring/prometheus",
	}
	for _, class := range []proof.Class{
		proof.ClassTimeOut, proof.ClassRefused, proof.ClassUnknownHost, proof.ClassCertificate, proof.ClassUnauthorized, proof.ClassForbidden,
		proof.ClassNotFound, proof.ClassServerError, proof.ClassRedirected, proof.ClassTooLarge, proof.ClassNotAnAPI, proof.ClassLimit,
		proof.ClassNoPods, proof.ClassLocal, proof.ClassNotAllowed, proof.ClassCredentials, proof.ClassWithheld, proof.ClassReserved, proof.ClassPlain,
		proof.ClassNoPermission, proof.ClassOther,
	} {
		fault := proof.Fault{Class: class, Subject: "pod prometheus-k8s-0"}
		if subjects[class] != "" {
			fault.Subject = subjects[class]
		}
		target := proof.SeenTarget{Job: "monitoring/flux", Workload: "image-automation-controller", Health: proof.HealthDown, Error: class}
		messages = append(messages, messagesFor(proof.Prometheus{Fault: fault}, proof.Alertmanager{Fault: fault}),
			messagesFor(proof.Prometheus{Answers: []proof.Answer{{Targets: []proof.SeenTarget{target}}}}, proof.Alertmanager{}))
	}
	fm := given.FluxMonitoring(t, "{}")
	messages = append(messages, []string{unseen(fm, "Scraped", "Prometheus monitoring/k8s").message})
	fm.Spec.Prometheus.Verify.Mode = "Off"
	messages = append(messages, []string{unseen(fm, "Scraped", "Prometheus monitoring/k8s").message})
	NewWithT(t).Expect(slices.DeleteFunc(slices.Concat(messages...), func(m string) bool { return len(m) <= 120 })).To(BeEmpty())
}
