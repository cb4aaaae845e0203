package alerts

import (
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

const (
	// GuideGroup is the name Flux's guide gives the group of ReconciliationFailure. The alerts that mute it and wait as long are
	// of that group too: a group is evaluated at one moment, so that they are there when the first notification is made.
	GuideGroup = "GitOpsToolkit"
	// ResourceGroup is the name of the group of alerts about single objects, or about all of them together.
	ResourceGroup = "FluxResourceState"
)

// outlasting is how long an alert fires on that mutes those about what is made from a source: longer than they do, by more than their
// groups are evaluated and sent apart.
const outlasting = "7m"

// ofOwner is the label by which an alert about an object reaches the owner of the object, not of Flux.
var ofOwner = map[string]string{flux.LabelNamespace: "{{ $labels.exported_namespace }}"}

// reconcilerAlerts are about what applies what users hand to Flux.
var reconcilerAlerts = []alert{{
	name:                           "FluxSourceBlocksDependents",
	group:                          GuideGroup,
	query:                          query.Blocked,
	needsSourceLabels:              true,
	limit:                          atLeast(query.BlockedLimit),
	pendingFor:                     "10m",
	keepFiringFor:                  outlasting,
	keepFiringUntilDependentsReady: true,
	severity:                       Critical,
	suppressedBy:                   []suppression{{by: "FluxBootstrapNotReady", on: flux.Identity(), parts: bootstrapSources}},
	labels:                         ofOwner,
	summary:                        "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} fails, and so does what is made from it.",
	description: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready, or was not until a moment ago, and what " +
		"is made from it is not either ({{ $value }} in all). Mend it first: see why with " + describe,
}, {
	name:          "ReconciliationFailure",
	group:         GuideGroup,
	query:         query.NotReadyReconcilers,
	pendingFor:    "10m",
	keepFiringFor: "5m",
	severity:      Critical,
	alwaysShip:    true,
	suppressedBy: []suppression{
		{by: "FluxBootstrapNotReady", on: flux.Identity(), parts: bootstrapAppliers}, {by: "FluxResourceBlockedByDependency", on: flux.Identity()}},
	labels:  ofOwner,
	summary: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready.",
	description: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready, and its retries " +
		"do not help: what it describes does not reach the cluster. See why with " + describe,
}, {
	name:          "FluxBootstrapNotReady",
	group:         ResourceGroup,
	query:         query.NotReadyBootstrapAppliers,
	parts:         bootstrapObjects,
	pendingFor:    "15m",
	keepFiringFor: outlasting,
	severity:      Critical,
	labels: merged(ofOwner, map[string]string{ // so that a source mutes its dependents; nothing depends on the other kinds by these labels
		flux.LabelSourceKind:      "{{ $labels.kind }}",
		flux.LabelSourceNamespace: "{{ $labels.exported_namespace }}",
		flux.LabelSourceName:      "{{ $labels.name }}",
	}),
	keepFiringUntilDependentsReady: true,
	summary:                        "Flux cannot update itself: {{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready.",
	description: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is a bootstrap object: all that Flux applies in this " +
		"cluster comes from it, and it is not ready. No merged change arrives. See why with " + describe,
}}

// resourceAlerts are about single objects.
var resourceAlerts = []alert{{
	name:          "FluxSourceNotReady",
	group:         ResourceGroup,
	query:         query.NotReadyOthers,
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	suppressedBy:  []suppression{{by: "FluxBootstrapNotReady", on: flux.Identity(), parts: bootstrapSources}},
	labels:        ofOwner,
	summary:       "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready.",
	description: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready. What needs it goes on with what " +
		"it had last, so that changes stop arriving before anything breaks. See why with " + describe,
}, {
	name:          "FluxResourceBlockedByDependency",
	group:         ResourceGroup,
	query:         query.Waiting,
	pendingFor:    "1h",
	keepFiringFor: "5m",
	severity:      Warning,
	labels:        ofOwner,
	summary:       "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} waits for what it depends on.",
	description: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} has been waiting for an object in its spec.dependsOn " +
		"that is not ready, or is not there: what it describes does not reach the cluster. See for which with " + describe,
}, {
	name:          "FluxResourceStalled",
	group:         ResourceGroup,
	query:         query.Stalled,
	pendingFor:    "5m",
	keepFiringFor: "5m",
	severity:      Warning,
	labels:        ofOwner,
	summary:       "Flux has given up on {{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }}.",
	description: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is stalled: Flux does not try again before " +
		"someone changes it. See what must change with " + describe,
}, {
	name:          "FluxKustomizationBehindSource",
	group:         ResourceGroup,
	query:         query.Behind,
	pendingFor:    "30m",
	keepFiringFor: "5m",
	severity:      Warning,
	labels:        ofOwner,
	summary:       "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} does not apply the revision its source has.",
	description: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} says it is ready, but at another revision than its " +
		"source has had for half an hour: its controller does not work on it. Compare the two with " +
		"`flux get kustomizations {{ $labels.name }} -n {{ $labels.exported_namespace }}` and `flux get sources all -A`.",
}, {
	name:          "FluxResourceFlapping",
	group:         ResourceGroup,
	query:         query.Failures,
	limit:         above(query.FlappingLimit),
	keepFiringFor: "30m",
	severity:      Warning,
	labels:        ofOwner,
	summary:       "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} fails and recovers again and again.",
	description: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} failed {{ $value }} times within two hours and " +
		"became ready in between. No single failure lasts long enough to be told of. See what comes and goes with " + describe,
}, {
	name:       "FluxResourceSuspended",
	group:      ResourceGroup,
	query:      query.Suspended,
	pendingFor: "24h",
	severity:   Info,
	labels:     ofOwner,
	summary:    "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} has been suspended for a day.",
	description: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} has been suspended for a day; changes to it do not " +
		"arrive, and nobody is told when it breaks. See who suspended it, and resume or delete it: " +
		"`kubectl -n {{ $labels.exported_namespace }} get " + resource + " {{ $labels.name }} -o yaml --show-managed-fields`.",
}}

// fleetAlerts are about all objects together.
var fleetAlerts = []alert{{
	name:           "FluxManyResourcesNotReady",
	group:          GuideGroup,
	query:          query.LongNotReadyRatio(longNotReady),
	limit:          above(query.ManyNotReadyLimit),
	among:          "if more than 5 objects are",
	pendingFor:     "10m",
	keepFiringFor:  "10m",
	severity:       Critical,
	ofInstallation: true,
	finalize:       moveForIntoQuery,
	summary:        "Many Flux objects are not ready at once.",
	description: "{{ $value | humanizePercentage }} of the objects of the Flux in namespace {{ $labels.namespace }} have not been ready for " +
		"$wait or longer: look for the one cause they share, such as a source, a credential, an admission webhook or the API server. " +
		"Look for the message that most of them have with `flux get all -A --status-selector ready=false`.",
}}
