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
	summary:                        object + " is not ready and blocks dependents.",
	description: "Changes do not reach the cluster: objects that depend on " + object + " are not ready either ({{ $value }} in " +
		"all). If the source is ready again, wait for them. See what the source reports: " + describe,
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
	labels:      ofOwner,
	summary:     object + " is not ready.",
	description: "Changes to " + object + " do not reach the cluster. See why it is not ready: " + describe,
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
	summary:                        "Bootstrap " + object + " is not ready.",
	description: "Flux cannot update itself, and merged changes do not reach the cluster. See why " + object + " is not ready: " +
		describe,
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
	summary:       object + " is not ready.",
	description: "Objects that depend on " + object + " keep their current state and get no changes. See why it is not ready: " +
		describe,
}, {
	name:          "FluxResourceBlockedByDependency",
	group:         ResourceGroup,
	query:         query.Waiting,
	pendingFor:    "1h",
	keepFiringFor: "5m",
	severity:      Warning,
	labels:        ofOwner,
	summary:       object + " waits for a dependency.",
	description: "Changes to " + object + " do not reach the cluster until every object in its spec.dependsOn exists and is ready. See " +
		"which one it waits for: " + describe,
}, {
	name:          "FluxResourceStalled",
	group:         ResourceGroup,
	query:         query.Stalled,
	pendingFor:    "5m",
	keepFiringFor: "5m",
	severity:      Warning,
	labels:        ofOwner,
	summary:       object + " is stalled.",
	description: "Flux has given up on " + object + " and retries only when the object or its source changes. See what must change: " +
		describe,
}, {
	name:          "FluxKustomizationBehindSource",
	group:         ResourceGroup,
	query:         query.Behind,
	pendingFor:    "30m",
	keepFiringFor: "5m",
	severity:      Warning,
	labels:        ofOwner,
	summary:       object + " is behind its source.",
	description: "The latest revision does not reach the cluster: " + object + " is ready, but not at the revision of its source. Compare the two " +
		"revisions: `flux get all -A`.",
}, {
	name:          "FluxResourceFlapping",
	group:         ResourceGroup,
	query:         query.Failures,
	limit:         above(query.FlappingLimit),
	keepFiringFor: "30m",
	severity:      Warning,
	labels:        ofOwner,
	summary:       object + " keeps failing and recovering.",
	description: object + " failed {{ $value }} times within two hours and became ready in between. No single failure lasts long " +
		"enough for another alert. See why it fails: " + describe,
}, {
	name:       "FluxResourceSuspended",
	group:      ResourceGroup,
	query:      query.Suspended,
	pendingFor: "24h",
	severity:   Info,
	labels:     ofOwner,
	summary:    object + " is still suspended.",
	description: "Changes to " + object + " do not reach the cluster, and no alert reports its failures. See who suspended it, then " +
		"resume or delete it: `kubectl -n {{ $labels.exported_namespace }} get " + resource + " {{ $labels.name }} -o yaml " +
		"--show-managed-fields`.",
}}

// notificationAlerts are about what Flux itself sends to people.
var notificationAlerts = []alert{{
	name:          "FluxNotificationsFailing",
	group:         ResourceGroup,
	query:         query.NotificationsFailed,
	kind:          flux.KindAlert,
	limit:         above(query.NotificationsFailedLimit),
	keepFiringFor: "5m",
	severity:      Warning,
	labels:        merged(ofOwner, map[string]string{flux.LabelKind: flux.KindAlert}),
	summary:       "Flux fails to notify for Alert {{ $labels.exported_namespace }}/{{ $labels.name }}.",
	description: "People miss messages: Flux failed to send notifications for Alert {{ $labels.exported_namespace }}/{{ $labels.name }} " +
		"within the last hour. See why in its events: `kubectl -n {{ $labels.exported_namespace }} describe " +
		"alerts.notification.toolkit.fluxcd.io {{ $labels.name }}`.",
}}

// fleetAlerts are about all objects together.
var fleetAlerts = []alert{{
	name:           "FluxManyResourcesNotReady",
	group:          GuideGroup,
	query:          query.LongNotReadyRatio(longNotReady),
	limit:          above(query.ManyNotReadyLimit),
	among:          "if these are more than 5 objects",
	pendingFor:     "10m",
	keepFiringFor:  "10m",
	severity:       Critical,
	ofInstallation: true,
	finalize:       moveForIntoQuery,
	summary:        "Many Flux objects are not ready at once.",
	description: "{{ $value | humanizePercentage }} of the objects of the Flux in namespace {{ $labels.namespace }} have not been " +
		"ready for $wait or longer, and get no changes. Find the cause that they share, such as a source, a credential, an admission " +
		"webhook or the API server: " + failing,
}}
