package pipeline

import (
	"fmt"
	"slices"

	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// delivery is whether the alerts of a Prometheus reach an Alertmanager.
type delivery struct {
	reached bool
	// undelivered and unknown say, a sentence for each Service, why no Alertmanager answers there, and why that is not known.
	undelivered, unknown []string
}

// deliveryOf compares the Services to which a Prometheus sends alerts with the Alertmanager objects of the cluster. It reads neither
// Services nor Secrets.
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
			d.undelivered = append(d.undelivered, fmt.Sprintf("%s of Alertmanager %s: %s", to, behind[0].Name, behind[0].IdleReason()))
		case r.Service == selection.GoverningService && facts.Served[kinds.Alertmanager]:
			d.undelivered = append(d.undelivered, fmt.Sprintf("%s, and namespace %s has no Alertmanager object for which prometheus-operator creates it: "+
				"create one, or correct spec.alerting.alertmanagers", to, r.Namespace))
		default:
			d.unknown = append(d.unknown, fmt.Sprintf("%s, which belongs to no Alertmanager object in namespace %s: the operator cannot see whether an "+
				"Alertmanager answers there", to, r.Namespace))
		}
	}
	if i.HiddenRecipients || i.Alerting && len(i.Recipients) == 0 {
		d.unknown = append(d.unknown, name+" sends alerts to Alertmanagers that a Secret names (spec.additionalAlertManagerConfigs): the operator does "+
			"not read it, so it cannot see whether they exist")
	}
	return d
}

// addDeliveries adds whether the alerts reach an Alertmanager. If those of one Prometheus do, the others do not matter: with two Prometheus
// objects for one purpose, both send.
func (e *Evaluation) addDeliveries(all []delivery) {
	if slices.ContainsFunc(all, func(d delivery) bool { return d.reached }) {
		e.Delivers = true
		return
	}
	for _, d := range all {
		e.Undelivered = append(e.Undelivered, d.undelivered...)
		e.Unknown = append(e.Unknown, d.unknown...)
		e.Delivers = e.Delivers || len(d.unknown) > 0
	}
}
