package status

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/proof"
	"github.com/fluxmonitoring/operator/test/given"
)

func TestAnOperatorThatHasNotAskedYetShowsWhatAnEarlierOneFoundOfAlertmanagers(t *testing.T) {
	effective := proof.Finding{Status: metav1.ConditionTrue, Reason: "Effective", Message: "all"}
	none := proof.Finding{Status: metav1.ConditionFalse, Reason: "NoAlertmanager", Message: "none"}
	missing := proof.Finding{Status: metav1.ConditionFalse, Reason: "ReceiverMissing", Message: "missing"}
	unselected := proof.Finding{Status: metav1.ConditionFalse, Reason: "AlertmanagerConfigNotSelected", Message: "not seen in an answer"}
	unasked := proof.Finding{Status: metav1.ConditionUnknown, Reason: "Selected", Message: "selected by , which has not been asked yet"}
	for name, c := range map[string]struct {
		found, shown proof.Finding
		known        proof.Findings
	}{
		"all is well":                {effective, proof.Finding{}, proof.Findings{Known: effective, Receivers: effective}},
		"no Alertmanager is known":   {none, none, proof.Findings{Known: none}},
		"a receiver is missing":      {missing, missing, proof.Findings{Receivers: missing}},
		"it followed from no answer": {unselected, unasked, proof.Findings{}},
	} {
		t.Run(name, func(t *testing.T) {
			g, fm := NewWithT(t), given.FluxMonitoring(t, "{}")
			condition := metav1.Condition{Type: v1alpha1.ConditionAlertsEffective, Status: c.found.Status, Reason: c.found.Reason, Message: c.found.Message,
				ObservedGeneration: fm.Generation}
			fm.Status.Conditions = []metav1.Condition{condition}
			g.Expect(Known(fm)).To(Equal(c.known))
			g.Expect(refuted(fm, &Run{}, pipeline.Routing{})).To(Equal(valueOf(c.shown)))
			fm.Generation++
			g.Expect(Known(fm)).To(Equal(proof.Findings{}), "it was about another spec")
			g.Expect(refuted(fm, &Run{}, pipeline.Routing{})).To(Equal(valueOf(unasked)))
		})
	}
}

func TestAnAlertmanagerThatHasNotBeenAskedForReceiversIsNoProof(t *testing.T) {
	known := proof.Finding{Status: metav1.ConditionTrue, Reason: "Effective"}
	for name, c := range map[string]struct {
		spec   string
		by     []string
		found  proof.Findings
		reason string
	}{
		"it was asked":             {notified, []string{"monitoring/main"}, proof.Findings{Known: known, Receivers: known}, ""},
		"it was not":               {notified, []string{"monitoring/main"}, proof.Findings{Known: known}, "Selected"},
		"nobody is to be notified": {"{}", []string{"monitoring/main"}, proof.Findings{Known: known}, ""},
		"there is none":            {notified, nil, proof.Findings{Known: known}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			run := &Run{Facts: facts.Facts{Proof: &c.found}}
			NewWithT(t).Expect(refuted(given.FluxMonitoring(t, c.spec), run, pipeline.Routing{By: c.by}).reason).To(Equal(c.reason))
		})
	}
}

const notified = "notifications: {receivers: [{name: oncall, webhookConfigs: [{url: 'https://example.com'}]}]}"
