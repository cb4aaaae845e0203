package alerts

import (
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// mutingIntroduction begins the part of a runbook that is written from the catalogue, to its end.
const mutingIntroduction = "## Muting\n\n<!-- Written from the catalogue by: go test ./internal/alerts -run Muting -update -->\n\n"

// Muting says which alerts mute an alert, which alerts it mutes, and which suppress it, in Markdown: the last part of the alert's
// runbook.
func Muting(name string) string {
	var by, mutes phrases
	for _, i := range Inhibitions() {
		if slices.Contains(alertsOf(i.Target), name) {
			by.add(i.reach(true), alertsOf(i.Source))
		}
		if slices.Contains(alertsOf(i.Source), name) {
			mutes.add(i.reach(false), alertsOf(i.Target))
		}
	}
	text := mutingIntroduction + by.said("It is muted by ", "No alert mutes it.\n") + mutes.said("It mutes ", "It mutes no alert.\n")
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

// reach says what the other alert has in common with one that is muted, or with one that mutes.
func (i Inhibition) reach(muted bool) string {
	component := valueOf(i.Source, flux.LabelApp)
	toMuted, toMuting := "in the same cluster", "in the same cluster"
	switch {
	case valueOf(i.Target, flux.LabelKind) != "":
		toMuted, toMuting = "of the controller that reconciles the object", "of the objects that the controller reconciles"
	case component != "":
		toMuted, toMuting = "of "+component, "if it is about "+component
	case slices.Contains(i.Equal, flux.LabelSourceName):
		toMuted, toMuting = "of its source", "of the objects that depend on the source"
	case slices.Contains(i.Equal, flux.LabelName):
		toMuted, toMuting = "of the same object", "of the same object"
	case slices.Contains(i.Equal, flux.LabelApp):
		toMuted, toMuting = "of the same controller", "of the same controller"
	}
	if muted {
		return toMuted
	}
	return toMuting
}
