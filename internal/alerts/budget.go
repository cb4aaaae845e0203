package alerts

import "github.com/fluxmonitoring/operator/internal/query"

// BudgetGroup is the name of the group of alerts about the error budget.
const BudgetGroup = "FluxErrorBudget"

// budgetAlerts are about how many objects fail for how long, for fleets in which a single object is not worth a page. They all
// end with `flux get`, for there is no one object to look at.
var budgetAlerts = []alert{{
	name:           "FluxErrorBudgetBurnFast",
	group:          BudgetGroup,
	query:          query.BurnFast,
	limit:          above(query.BurnFastLimit),
	among:          "of at least 50 objects",
	holds:          "2m",
	lingers:        "10m",
	severity:       Critical,
	ofInstallation: true,
	summary:        "Flux objects fail so that a month's error budget is gone in two days.",
	description: "{{ $value | humanizePercentage }} of the objects of the Flux in namespace {{ $labels.namespace }} failed over the last hour, and " +
		"go on failing. See which, and what they share, with `flux get all -A --status-selector ready=false`.",
}, {
	name:           "FluxErrorBudgetBurn",
	group:          BudgetGroup,
	query:          query.Burn,
	limit:          above(query.BurnLimit),
	among:          "of at least 50 objects",
	holds:          "15m",
	lingers:        "30m",
	severity:       Warning,
	ofInstallation: true,
	summary:        "Flux objects fail so that a month's error budget is gone in five days.",
	description: "{{ $value | humanizePercentage }} of the objects of the Flux in namespace {{ $labels.namespace }} failed over the last six " +
		"hours, and go on failing. See which, and what they share, with `flux get all -A --status-selector ready=false`.",
}, {
	name:           "FluxErrorBudgetBurnSlow",
	group:          BudgetGroup,
	query:          query.BurnSlow,
	limit:          above(query.BurnSlowLimit),
	among:          "of at least 50 objects",
	holds:          "1h",
	lingers:        "1h",
	severity:       Warning,
	ofInstallation: true,
	summary:        "Flux objects fail so that no error budget will be left at the end of a month.",
	description: "{{ $value | humanizePercentage }} of the objects of the Flux in namespace {{ $labels.namespace }} failed over the last three " +
		"days, and go on failing. See which have been for long with `flux get all -A --status-selector ready=false`.",
}}
