package alerts

import (
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// mutingIntroduction begins the part of a runbook that is written from the catalogue, to its end.
const mutingIntroduction = "## Inhibition\n\n<!-- Written from the catalogue by: go test ./internal/alerts -run Muting -update -->\n\n"

// Muting says which alerts inhibit an alert, which alerts it inhibits, and which suppress it, in Markdown: the last part of the alert's
// runbook.
func Muting(name string) string {
	var by, mutes phrases
	for _, i := range Inhibitions() {
		if slices.Contains(alertsOf(i.Target), name) {
			by.add(i.common().toInhibited, alertsOf(i.Source))
		}
		if slices.Contains(alertsOf(i.Source), name) {
			mutes.add(i.common().toInhibiting, alertsOf(i.Target))
		}
	}
	text := mutingIntroduction + by.said("It is inhibited by ", "No alert inhibits it.\n") + mutes.said("It inhibits ", "It inhibits no alert.\n")
	a, _ := entry(name)
	for _, s := range a.suppressedBy {
		text += "- It does not fire for what `" + s.by + "` fires for.\n"
	}
	return text
}

// phrases are alerts by what they have in common with the one that is spoken of, in order.
type phrases struct {
	reaches []string
	alerts  map[string][]string
}

func (p *phrases) add(reach string, names []string) {
	if p.alerts == nil {
		p.alerts = map[string][]string{}
	}
	if !slices.Contains(p.reaches, reach) {
		p.reaches = append(p.reaches, reach)
	}
	for _, name := range names {
		if !slices.Contains(p.alerts[reach], name) {
			p.alerts[reach] = append(p.alerts[reach], name)
		}
	}
}

func (p *phrases) said(beginning, nothing string) string {
	if len(p.reaches) == 0 {
		return "- " + nothing
	}
	text := ""
	for _, reach := range p.reaches {
		text += "- " + beginning + strings.ReplaceAll(listed(p.alerts[reach], "and"), "''", "`") + " " + reach + ".\n"
	}
	return text
}

// alertsOf are the alerts that matchers name.
func alertsOf(matchers []Matcher) []string { return strings.Split(valueOf(matchers, alertName), "|") }

func valueOf(matchers []Matcher, label string) string {
	for _, m := range matchers {
		if m.Label == label {
			return m.Value
		}
	}
	return ""
}

// relation is what two alerts have in common.
type relation struct {
	// word for a table, and what the alert that inhibits and the alert that is inhibited are to the other one.
	word, toInhibited, toInhibiting string
}

// common is what an alert that is inhibited has in common with the one that inhibits it.
func (i Inhibition) common() relation {
	component := valueOf(i.Source, flux.LabelApp)
	switch {
	case valueOf(i.Target, flux.LabelKind) != "":
		return relation{"its controller", "of the controller that reconciles the object", "of the objects that the controller reconciles"}
	case component != "":
		return relation{component, "of " + component, "if it is about " + component}
	case slices.Contains(i.Equal, flux.LabelSourceName):
		return relation{"source", "of its source", "of the objects that depend on the source"}
	case slices.Contains(i.Equal, flux.LabelName):
		return relation{"object", "of the same object", "of the same object"}
	case slices.Contains(i.Equal, flux.LabelApp):
		return relation{"controller", "of the same controller", "of the same controller"}
	}
	return relation{"cluster", "in the same cluster", "in the same cluster"}
}
