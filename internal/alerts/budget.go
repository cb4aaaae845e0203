package alerts

import (
	"math"

	"github.com/fluxmonitoring/operator/internal/query"
)

// BudgetGroup is the name of the group of alerts about the error budget.
const BudgetGroup = "FluxErrorBudget"

// budgetAlerts are about how many objects fail for how long, for clusters in which a single object is not worth a page. They are rendered
// if the user has set an objective. They all end with `flux get`, because there is no one object to look at.
var budgetAlerts = []alert{{
	name:           "FluxErrorBudgetBurnFast",
	group:          BudgetGroup,
	query:          query.BurnFast,
	limit:          above(query.BurnFastRate),
	ofBudget:       true,
	among:          "of at least 50 objects",
	pendingFor:     "2m",
	keepFiringFor:  "10m",
	severity:       Critical,
	ofInstallation: true,
	summary:        "Failing Flux objects use up a month's error budget in two days.",
	description: "{{ $value | humanizePercentage }} of the objects of the Flux in namespace {{ $labels.namespace }} failed over the " +
		"last hour, and still fail. Find the cause that they share: " + failing,
}, {
	name:           "FluxErrorBudgetBurn",
	group:          BudgetGroup,
	query:          query.Burn,
	limit:          above(query.BurnRate),
	ofBudget:       true,
	among:          "of at least 50 objects",
	pendingFor:     "15m",
	keepFiringFor:  "30m",
	severity:       Warning,
	ofInstallation: true,
	summary:        "Failing Flux objects use up a month's error budget in five days.",
	description: "{{ $value | humanizePercentage }} of the objects of the Flux in namespace {{ $labels.namespace }} failed over the " +
		"last six hours, and still fail. Find the cause that they share: " + failing,
}, {
	name:           "FluxErrorBudgetBurnSlow",
	group:          BudgetGroup,
	query:          query.BurnSlow,
	limit:          above(query.BurnSlowRate),
	ofBudget:       true,
	among:          "of at least 50 objects",
	pendingFor:     "1h",
	keepFiringFor:  "1h",
	severity:       Warning,
	ofInstallation: true,
	summary:        "Failing Flux objects use up the whole error budget of a month.",
	description: "{{ $value | humanizePercentage }} of the objects of the Flux in namespace {{ $labels.namespace }} failed over the " +
		"last three days, and still fail. Find the cause that they share: " + failing,
}}

// share is the share of failing objects at which the error budget burns at a rate. It is rounded, so that the rule has 0.072 instead of
// 0.07200000000000001.
func (p Params) share(rate float64) float64 {
	return math.Round(rate*(100-p.Objective)/100*1e9) / 1e9
}

// canBurn reports whether there is an error budget, and objects can burn it at a rate: no more than all of them can fail.
func (p Params) canBurn(rate float64) bool { return p.Objective > 0 && p.share(rate) < 1 }
