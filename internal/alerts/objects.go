package alerts

import "github.com/fluxmonitoring/operator/internal/query"

// GuideGroup is the name Flux's guide gives the group of ReconciliationFailure.
const GuideGroup = "GitOpsToolkit"

// objectAlerts are about what users hand to Flux.
var objectAlerts = []alert{{
	name:     "ReconciliationFailure",
	group:    GuideGroup,
	query:    query.NotReady,
	holds:    "10m",
	lingers:  "5m",
	severity: Critical,
	guide:    true,
	// Routing by namespace must reach the owner of the object, not of Flux.
	labels:  map[string]string{"namespace": "{{ $labels.exported_namespace }}"},
	summary: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready.",
	description: "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready, and its retries " +
		"do not help: what it describes does not reach the cluster. See why with " +
		"`flux events --for {{ $labels.kind }}/{{ $labels.name }} -n {{ $labels.exported_namespace }}`.",
}}
