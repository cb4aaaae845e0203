package pipeline

import (
	"fmt"
	"slices"

	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// delivery is whether the alerts of a Prometheus reach an Alertmanager. Each of the Services that it names leads to one that runs, or not as far as
// that is known, or it is not known.
type delivery struct {
	reached bool
	// lost and unsure say, a sentence for each Service, why no Alertmanager answers there, and why that is not known.
	lost, unsure []string
}

// deliveryOf follows the alerts of a Prometheus to the Alertmanager objects of the cluster. Neither Services nor Secrets are read.
func deliveryOf(i selection.Instance, facts facts.Facts) delivery {
	var d delivery
	name := fmt.Sprintf("%s %s/%s", i.Kind, i.Namespace, i.Name)
	for _, r := range i.Recipients {
		behind := slices.DeleteFunc(slices.Clone(facts.Alertmanagers), func(a selection.Alertmanager) bool { return !a.AnswersAt(r) })
		running := slices.ContainsFunc(behind, func(a selection.Alertmanager) bool { return a.IdleReason() == "" })
		to := fmt.Sprintf("%s sends alerts to Service %s/%s", name, r.Namespace, r.Service)
		switch {
		case running:
			d.reached = true
		case len(behind) > 0:
			d.lost = append(d.lost, fmt.Sprintf("%s of Alertmanager %s: %s", to, behind[0].Name, behind[0].IdleReason()))
		case r.Service == selection.GoverningService && facts.Served[kinds.Alertmanager]:
			d.lost = append(d.lost, fmt.Sprintf("%s, and namespace %s has no Alertmanager object for which prometheus-operator creates it: "+
				"create one, or correct spec.alerting.alertmanagers", to, r.Namespace))
		default:
			d.unsure = append(d.unsure, fmt.Sprintf("%s, which belongs to no Alertmanager object in namespace %s: the operator cannot see whether an "+
				"Alertmanager answers there", to, r.Namespace))
		}
	}
	if i.HiddenRecipients || i.Alerting && len(i.Recipients) == 0 {
		d.unsure = append(d.unsure, name+" sends alerts to Alertmanagers that a Secret names (spec.additionalAlertManagerConfigs): the operator does not "+
			"read it, so it cannot see whether they exist")
	}
	return d
}

// addDeliveries adds whether the alerts of those that evaluate them reach an Alertmanager. Where one's do, those of the others are not looked at: who
// has two Prometheuses for one purpose has both send.
func (e *Evaluation) addDeliveries(all []delivery) {
	if slices.ContainsFunc(all, func(d delivery) bool { return d.reached }) {
		e.Delivers = true
		return
	}
	for _, d := range all {
		e.Undelivered = append(e.Undelivered, d.lost...)
		e.Unknown = append(e.Unknown, d.unsure...)
		e.Delivers = e.Delivers || len(d.unsure) > 0
	}
}
