package desired

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestAnUnknownNameIsReportedWithTheNearestName(t *testing.T) {
	for spec, want := range map[string][]string{
		"": nil,
		"alerts: {overrides: [{name: FluxControllerDown, for: 1m}]}\ndashboards: {include: [flux-cluster]}": nil,
		"alerts: {overrides: [{name: FluxControllerDown}, {name: FluxSourceNotRedy, for: 1m}]}": {
			"spec.alerts.overrides[1]: no alert FluxSourceNotRedy; did you mean FluxSourceNotReady?"},
		"alerts: {overrides: [{name: FluxWorkersSaturated, enabled: false}, {name: ReconcilationFailure}]}": {
			"spec.alerts.overrides[0]: no alert FluxWorkersSaturated",
			"spec.alerts.overrides[1]: no alert ReconcilationFailure; did you mean ReconciliationFailure?"},
		"dashboards: {include: [flux-clusters, flux-tenancy-of-apps]}": {
			"spec.dashboards.include[0]: no dashboard flux-clusters; did you mean flux-cluster?",
			"spec.dashboards.include[1]: no dashboard flux-tenancy-of-apps"},
	} {
		g := NewWithT(t)
		fm := monitoring(t, spec)
		g.Expect(UnknownNames(&fm.Spec)).To(Equal(want), spec)
	}
}

func TestAnUnknownNameChangesNoObject(t *testing.T) {
	const known = "alerts: {overrides: [{name: FluxControllerDown, for: 1m}]}\ndashboards: {include: [flux-cluster]}"
	const more = "alerts: {overrides: [{name: FluxControllerDown, for: 1m}, {name: FluxGone, threshold: '2', for: 5m}]}\n" +
		"dashboards: {include: [flux-cluster, flux-gone]}"
	NewWithT(t).Expect(objectsOf(t, more)).To(Equal(objectsOf(t, known)))
}
