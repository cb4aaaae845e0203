package alerts

import (
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Inhibition says that alerts are not worth a notification while another one fires that explains them.
type Inhibition struct {
	// Source matches the alert that explains, Target those that are muted.
	Source, Target []Matcher
	// Equal are the labels that both must have with the same value, or both not have.
	Equal []string
}

// Matcher is a condition on one label of an alert.
type Matcher struct {
	// Label to look at.
	Label string
	// Value it must have; with Regexp, an expression its whole value must match.
	Value  string
	Regexp bool
}

const alertName = "alertname"

func named(names ...string) Matcher {
	return Matcher{Label: alertName, Value: strings.Join(names, "|"), Regexp: len(names) > 1}
}

// aboutObjects are the alerts about single objects that break off, or are about to.
var aboutObjects = []string{"ReconciliationFailure", "FluxSourceNotReady", "FluxResourceNotReady", "FluxDependencyNotReady",
	"FluxResourceStalled", "FluxRevisionNotApplied", "FluxResourceFlapping"}

// aboutFleets are the alerts about all objects together.
var aboutFleets = []string{"FluxManyResourcesNotReady", "FluxErrorBudgetBurnFast", "FluxErrorBudgetBurn", "FluxErrorBudgetBurnSlow"}

// Inhibitions returns which alert of the catalogue mutes which: many objects that fail at once mute each of them, a controller
// that is down mutes what it reconciles, a source that fails mutes what is made from it, and an object's failure mutes what
// else there is to say of it. They are the same for every installation.
func Inhibitions() []Inhibition {
	return slices.Concat([]Inhibition{
		{Source: []Matcher{named("FluxManyResourcesNotReady")}, Target: []Matcher{named(slices.Concat(aboutObjects, aboutFleets[1:])...)},
			Equal: []string{flux.LabelCluster}},
		{Source: []Matcher{named("FluxErrorBudgetBurnFast")}, Target: []Matcher{named("FluxErrorBudgetBurn", "FluxErrorBudgetBurnSlow")},
			Equal: []string{flux.LabelCluster}},
		{Source: []Matcher{named("FluxErrorBudgetBurn")}, Target: []Matcher{named("FluxErrorBudgetBurnSlow")},
			Equal: []string{flux.LabelCluster}},
		{Source: []Matcher{named("FluxRootSourceNotReady", "FluxSourceNotReady")},
			Target: []Matcher{named("ReconciliationFailure", "FluxResourceNotReady")},
			Equal:  append([]string{flux.LabelCluster}, flux.SourceReference()...)},
		{Source: []Matcher{named("ReconciliationFailure", "FluxRootNotReady", "FluxRootSourceNotReady", "FluxSourceNotReady", "FluxResourceNotReady")},
			Target: []Matcher{named("FluxResourceStalled", "FluxResourceFlapping")}, Equal: flux.Identity()},
		{Source: []Matcher{named("FluxSourceNotReady")}, Target: []Matcher{named("FluxResourceNotReady")}, Equal: flux.Identity()},
		{Source: []Matcher{named("FluxControllerDown")},
			Target: []Matcher{named("FluxControllerMetricsMissing", "FluxControllerRestarting", "FluxNoReconciliations")},
			Equal:  []string{flux.LabelCluster, flux.LabelNamespace, flux.LabelApp}},
	}, ofControllers())
}

// ofControllers are the inhibitions by controllers that are down. Nothing can be made from what is fetched while
// source-controller is: it mutes every alert about objects.
func ofControllers() []Inhibition {
	var all []Inhibition
	for _, component := range flux.Components() {
		target := []Matcher{named(aboutObjects...), {Label: flux.LabelKind, Value: strings.Join(kindsOf(component), "|"), Regexp: true}}
		if component == flux.SourceController {
			target = []Matcher{named(slices.Concat(aboutObjects, []string{"FluxRootNotReady", "FluxRootSourceNotReady"}, aboutFleets)...)}
		}
		all = append(all, Inhibition{
			Source: []Matcher{named("FluxControllerDown"), {Label: flux.LabelApp, Value: component}},
			Target: target, Equal: []string{flux.LabelCluster},
		})
	}
	return all
}

// kindsOf are the kinds a controller reconciles.
func kindsOf(component string) []string {
	var names []string
	for _, k := range flux.Kinds() {
		if k.Component == component {
			names = append(names, k.Name)
		}
	}
	return names
}
