package alerting

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/ask"
	"github.com/fluxmonitoring/operator/internal/check"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// The names of the links that a test alert passes.
const (
	linkAlertmanager = "Alertmanager"
	linkReceiver     = "Receiver"
	linkSent         = "Sent"
)

// accepted are the links to an Alertmanager: one for the replicas that accepted the alert, and one for each of the others.
func accepted(a Alertmanager, accepting []Replica, refused map[string]error) (links []check.Link) {
	var names []string
	for _, r := range accepting {
		names = append(names, r.Name)
	}
	if len(names) > 0 {
		links = append(links, check.Link{Name: linkAlertmanager, Verdict: check.Holds, Message: fmt.Sprintf("%s accepted the test alert.",
			cmp.Or(named(a.Name, names), pipeline.Listed(names)))})
	}
	for _, r := range a.Replicas {
		if err := refused[r.Name]; err != nil {
			links = append(links, check.Link{Name: linkAlertmanager, Verdict: check.Unknown, Message: fmt.Sprintf("%s: %v", r.Name, err)})
		}
	}
	return links
}

// named is an Alertmanager with its replicas; empty if it has no name.
func named(name string, replicas []string) string {
	if name == "" {
		return ""
	}
	return name + " (" + pipeline.Listed(replicas) + ")"
}

// judge says whether an alert reaches a receiver that notifies somebody. has are the integrations of all receivers, nil if they are not known.
func (t Test) judge(seen found, has map[string][]string, inhibitor string) check.Link {
	broken := func(format string, args ...any) check.Link {
		return check.Link{Name: linkReceiver, Verdict: check.Broken, Message: strings.TrimSpace(fmt.Sprintf(format, args...))}
	}
	all := seen.receivers()
	own := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !strings.HasPrefix(name, t.Own) })
	notifying := slices.DeleteFunc(slices.Clone(own), func(name string) bool { return has != nil && len(has[name]) == 0 })
	switch {
	case len(own) == 0:
		return broken("It reaches %s, which is no receiver of spec.notifications. %s", described(all, has), t.Advice)
	case len(notifying) == 0 && t.Own == "":
		return broken("It reaches %s, which notifies nobody. Add spec.notifications, or a route in Alertmanager.", described(own, has))
	case len(notifying) == 0:
		return broken("It reaches %s, which notifies nobody. Check severities and receivers in spec.notifications.", described(own, has))
	case len(seen.Status.SilencedBy) > 0:
		return broken("A silence mutes it, so %s is not notified. Expire silence %s.", described(notifying, has), seen.Status.SilencedBy[0])
	case len(seen.Status.InhibitedBy) > 0:
		return broken("Alert %s inhibits it, so %s is not notified. Fix what that alert reports, or test another --severity or "+
			"--object-namespace.", cmp.Or(inhibitor, seen.Status.InhibitedBy[0]), described(notifying, has))
	}
	return check.Link{Name: linkReceiver, Verdict: check.Holds, Message: "It reaches " + described(notifying, has) + "."}
}

// described are receivers with their integrations.
func described(receivers []string, has map[string][]string) string {
	var all []string
	for _, name := range receivers {
		if kinds := has[name]; len(kinds) > 0 {
			name += " (" + strings.Join(kinds, ", ") + ")"
		}
		all = append(all, name)
	}
	return pipeline.Listed(all)
}

// awaited are the integrations that should notify: those of the receivers that the alert reaches and that are the right ones.
func awaited(receivers []string, has map[string][]string, own string) (all []ask.Source) {
	for _, name := range receivers {
		for _, kind := range has[name] {
			if strings.HasPrefix(name, own) {
				all = append(all, ask.Source{Integration: kind, Receiver: name})
			}
		}
	}
	return all
}

// delivered judges by how much the counts rose. known is whether every integration has sent something, or failed to.
func delivered(rise map[ask.Source]ask.Count, by []ask.Source) (link check.Link, known bool) {
	if len(by) == 0 {
		return check.Link{Name: linkSent, Verdict: check.Unknown, Message: "Alertmanager does not say which integrations the receiver has."}, true
	}
	link, known = check.Link{Name: linkSent, Verdict: check.Holds}, true
	var messages []string
	for _, of := range by {
		n, _ := counted(rise, of)
		verdict, message := requests(of.Integration, n)
		known = known && n.Requests > 0
		if link.Verdict != check.Broken && verdict != check.Holds {
			link.Verdict = verdict
		}
		messages = append(messages, message)
	}
	link.Message = strings.Join(messages, " ")
	return link, known
}

// counted is the count of an integration of a receiver. byReceiver is false if Alertmanager counts the integration of all receivers together.
func counted(rise map[ask.Source]ask.Count, of ask.Source) (n ask.Count, byReceiver bool) {
	if n, byReceiver = rise[of]; byReceiver {
		return n, true
	}
	return rise[ask.Source{Integration: of.Integration}], false
}

// requests judges the requests of one integration.
func requests(integration string, n ask.Count) (check.Verdict, string) {
	switch {
	case n.Requests == 0:
		return check.Broken, integration + " has sent nothing yet. Set --timeout to more than groupWait of the route, or read the log of Alertmanager."
	case n.Failed == 0:
		return check.Holds, integration + " sent the notification."
	case n.Failed < n.Requests:
		return check.Unknown, fmt.Sprintf("%s sent a notification, but %.0f of %.0f requests failed. Read the log of Alertmanager.",
			integration, n.Failed, n.Requests)
	}
	return check.Broken, integration + " failed. Read the log of Alertmanager, and check the receiver and its Secret."
}

// doubt says that the counts can be of other alerts; empty if Alertmanager has no other alert that these integrations notify about.
func doubt(others []found, rise map[ask.Source]ask.Count, by []ask.Source, has map[string][]string) string {
	for _, of := range by {
		n, byReceiver := counted(rise, of)
		for _, other := range others {
			if n.Requests > 0 && slices.ContainsFunc(other.receivers(), func(name string) bool {
				return name == of.Receiver || !byReceiver && slices.Contains(has[name], of.Integration)
			}) {
				return fmt.Sprintf(" The count can be of another alert: %s notifies about %s too.", of.Integration, other.Labels[alertNameLabel])
			}
		}
	}
	return ""
}
