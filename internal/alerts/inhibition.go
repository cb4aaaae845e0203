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

// aboutObjects are the alerts about single objects.
var aboutObjects = []string{"ReconciliationFailure", "FluxSourceBlocksDependents", "FluxSourceNotReady", "FluxResourceBlockedByDependency",
	"FluxResourceStalled", "FluxKustomizationBehindSource", "FluxResourceFlapping"}

// aboutFleets are the alerts about all objects together.
var aboutFleets = []string{"FluxManyResourcesNotReady", "FluxErrorBudgetBurnFast", "FluxErrorBudgetBurn", "FluxErrorBudgetBurnSlow"}

// Inhibitions returns which alert of the catalogue mutes which: the alert on many objects mutes those on each of them, a controller
// that is down mutes the alerts on its objects, a source mutes the alerts on its dependents, and an object's failure mutes the other
// alerts on that object. They are the same for every installation.
func Inhibitions() []Inhibition {
	return slices.Concat([]Inhibition{
		{Source: []Matcher{named("FluxManyResourcesNotReady")}, Target: []Matcher{named(slices.Concat(aboutObjects, aboutFleets[1:])...)},
			Equal: []string{flux.LabelCluster}},
		{Source: []Matcher{named("FluxErrorBudgetBurnFast")}, Target: []Matcher{named("FluxErrorBudgetBurn", "FluxErrorBudgetBurnSlow")},
			Equal: []string{flux.LabelCluster}},
		{Source: []Matcher{named("FluxErrorBudgetBurn")}, Target: []Matcher{named("FluxErrorBudgetBurnSlow")},
			Equal: []string{flux.LabelCluster}},
		{Source: []Matcher{named("FluxBootstrapNotReady", "FluxSourceBlocksDependents")},
			Target: []Matcher{named("ReconciliationFailure", "FluxSourceNotReady")},
			Equal:  append([]string{flux.LabelCluster}, flux.SourceReference()...)},
		{Source: []Matcher{named("ReconciliationFailure", "FluxBootstrapNotReady", "FluxSourceBlocksDependents", "FluxSourceNotReady")},
			Target: []Matcher{named("FluxResourceStalled", "FluxResourceFlapping")}, Equal: flux.Identity()},
		{Source: []Matcher{named("FluxSourceBlocksDependents")}, Target: []Matcher{named("FluxSourceNotReady")}, Equal: flux.Identity()},
		{Source: []Matcher{named("FluxMonitoringNotReady")}, Target: []Matcher{named("FluxMonitoringNotEffective")}, Equal: flux.Identity()},
		{Source: []Matcher{named("FluxControllerDown")},
			Target: []Matcher{named("FluxControllerNotActive", "FluxControllerRestarting", "FluxControllerNotReconciling")},
			Equal:  []string{flux.LabelCluster, flux.LabelNamespace, flux.LabelApp}},
	}, ofControllers())
}

// ofControllers are the inhibitions by controllers that are down. While source-controller is down, no other controller gets anything
// new to apply: it mutes every alert about objects.
func ofControllers() []Inhibition {
	var all []Inhibition
	for _, component := range flux.Components() {
		target := []Matcher{named(aboutObjects...), {Label: flux.LabelKind, Value: strings.Join(kindsOf(component), "|"), Regexp: true}}
		if component == flux.SourceController {
			target = []Matcher{named(slices.Concat(aboutObjects, []string{"FluxBootstrapNotReady"}, aboutFleets)...)}
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
