package alerts

import (
	"math"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// waiting is params of a cluster with these waits.
func waiting(waits map[string]flux.ReconcileTimings) Params {
	p := params("v2.9.4")
	p.Waits = waits
	return p
}

// What is known of waits: nothing, and that one kind's objects may take for ever.
var anyWaits = map[string]map[string]flux.ReconcileTimings{
	"nothing":  nil,
	"for ever": {"Kustomization": {Interval: math.MaxInt64, Timeout: math.MaxInt64, Retry: math.MaxInt64}, "HelmRelease": {Timeout: time.Hour}},
}

func TestALongWaitOfSomeObjectsChangesNoFor(t *testing.T) {
	for name, waits := range anyWaits {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			for _, source := range stateSources {
				p := from(params("v2.9.4"), source)
				if source == flux.Controllers {
					p = from(params("v2.4.0"), source)
				}
				p.Waits = waits
				g.Expect(string(*theRule(g, p, "ReconciliationFailure").For)).To(Equal("10m"), source)
				g.Expect(string(*theRule(g, p, "FluxBootstrapNotReady").For)).To(Equal("15m"), source)
				many := theRule(g, p, "FluxManyResourcesNotReady")
				g.Expect(many.For).To(BeNil(), "the clock is each object's own")
				g.Expect(many.Annotations["description"]).To(ContainSubstring(" for 10m or longer"))
				g.Expect(many.Expr.StrVal).To(ContainSubstring(`time() - flux:resource:deadline{kind!="FluxMonitoring"} >= 600)`), source)
				if source != flux.Controllers {
					g.Expect(string(*theRule(g, p, "FluxResourceBlockedByDependency").For)).To(Equal("1h"), source)
				}
			}
		})
	}
}

// deadlineOf is what is recorded of until when objects may take their time.
func deadlineOf(g Gomega, p Params) string {
	for _, r := range groups(g, p)[0].Rules {
		if r.Record == flux.RecordedDeadline {
			return r.Expr.StrVal
		}
	}
	return ""
}

func TestWithoutAnExportedDeadlineTheLongestTimeoutCounts(t *testing.T) {
	g := NewWithT(t)
	waits := map[string]flux.ReconcileTimings{"Kustomization": {Timeout: time.Hour, Retry: 12 * time.Hour}, "HelmRelease": {Timeout: math.MaxInt64},
		"GitRepository": {Timeout: time.Hour}}
	p := waiting(waits)
	g.Expect(deadlineOf(g, p)).NotTo(ContainSubstring("3600"), "the exporter exports it")
	g.Expect(deadlineOf(g, p)).To(ContainSubstring("gotk_resource_deadline_seconds{job=\"monitoring/flux-exporter\"}"))
	for _, source := range []flux.StateSource{flux.KubeStateMetrics, flux.OperatorReport} {
		of := deadlineOf(g, from(p, source))
		g.Expect(of).To(ContainSubstring(`(time() + 3600) * group by (cluster, kind, exported_namespace, name) (flux:resource:state{kind="Kustomization"} >= 3)`))
		g.Expect(of).To(ContainSubstring(`(time() + 7200) * group by (cluster, kind, exported_namespace, name) (flux:resource:state{kind="HelmRelease"} >= 3)`))
		g.Expect(of).NotTo(ContainSubstring("GitRepository"))
	}
}

// A source's alert that fires on after the source is ready again mutes the alerts on its dependents.
func TestASourcesAlertFiresOnForHalfAnHourAtMost(t *testing.T) {
	for retry, want := range map[time.Duration]string{
		time.Minute: "10m", 14 * time.Minute: "15m", 19 * time.Minute: "20m", time.Hour: "30m", math.MaxInt64: "30m",
	} {
		g := NewWithT(t)
		p := waiting(map[string]flux.ReconcileTimings{"Kustomization": {Timeout: time.Minute, Retry: retry}})
		g.Expect(theRule(g, p, "FluxSourceBlocksDependents").Expr.StrVal).To(ContainSubstring(`alertstate="firing"} offset `+want), retry.String())
	}
}

func TestAnOverrideWinsOverWaits(t *testing.T) {
	g := NewWithT(t)
	p := waiting(map[string]flux.ReconcileTimings{"Kustomization": {Timeout: 2 * time.Hour}})
	p.Overrides = []Override{
		{Name: "ReconciliationFailure", For: duration("10m")}, {Name: "FluxReconcileStuck", Threshold: "600"},
		{Name: "FluxManyResourcesNotReady", For: duration("30m")}}
	g.Expect(theRule(g, p, "FluxManyResourcesNotReady").Expr.StrVal).To(ContainSubstring(`deadline{kind!="FluxMonitoring"} >= 1800)`))
	g.Expect(string(*theRule(g, p, "ReconciliationFailure").For)).To(Equal("10m"))
	g.Expect(theRule(g, p, "FluxReconcileStuck").Expr.StrVal).To(HaveSuffix(" > 600"))
}

func TestAReconciliationIsStuckBeyondTheLongestTimeoutOfItsKind(t *testing.T) {
	g := NewWithT(t)
	stuck := func(waits map[string]flux.ReconcileTimings) string {
		return theRule(g, waiting(waits), "FluxReconcileStuck").Expr.StrVal
	}
	all := `max by (cluster, namespace, app, name) (workqueue_longest_running_processor_seconds{job="monitoring/flux"`
	g.Expect(stuck(nil)).To(Equal(all + `}) > 3600`))
	g.Expect(stuck(map[string]flux.ReconcileTimings{"HelmRelease": {Timeout: 2 * time.Hour}, "Kustomization": {Timeout: time.Minute}})).To(Equal(
		all + `,name!="helmrelease"}) > 3600 or on (name) (` + all + `,name="helmrelease"}) > 7200)`))
	g.Expect(stuck(map[string]flux.ReconcileTimings{"HelmRelease": {Timeout: math.MaxInt64}})).To(HaveSuffix(` > 86400)`))
	g.Expect(stuck(nil)).To(HaveSuffix(" > 3600"), "the catalogue is not changed")
}

func TestAnAlertWithSeveralLimitsHasNoThreshold(t *testing.T) {
	g := NewWithT(t)
	long := waiting(map[string]flux.ReconcileTimings{"HelmRelease": {Timeout: 2 * time.Hour}})
	g.Expect(Thresholds(long)).NotTo(HaveKey("FluxReconcileStuck"))
	g.Expect(Thresholds(waiting(nil))).To(HaveKeyWithValue("FluxReconcileStuck", HaveField("Value", 3600.0)))
	long.Overrides = []Override{{Name: "FluxReconcileStuck", Threshold: "600"}}
	g.Expect(Thresholds(long)).To(HaveKeyWithValue("FluxReconcileStuck", HaveField("Value", 600.0)))
}

// noReconcileWindows are the windows of FluxControllerNotReconciling by controller.
func noReconcileWindows(g Gomega, p Params) map[string]string {
	found := map[string]string{}
	for _, r := range rules(g, p, "FluxControllerNotReconciling") {
		g.Expect(r.Expr.StrVal).To(MatchRegexp(`increase\(.*\[(\w+)\]\)\) == 0 .* offset (\w+)\)$`))
		g.Expect(r.Annotations["description"]).NotTo(ContainSubstring("$"))
		found[r.Labels["app"]] = r.Expr.StrVal[len(r.Expr.StrVal)-3 : len(r.Expr.StrVal)-1]
	}
	return found
}

func TestFluxControllerNotReconcilingLooksBackTwiceTheLongestInterval(t *testing.T) {
	g := NewWithT(t)
	g.Expect(noReconcileWindows(g, waiting(nil))).To(Equal(map[string]string{
		"helm-controller": "2h", "kustomize-controller": "2h", "notification-controller": "2h", "source-controller": "2h"}))
	g.Expect(noReconcileWindows(g, waiting(map[string]flux.ReconcileTimings{
		"Kustomization": {Interval: 10 * time.Minute}, "GitRepository": {Interval: time.Minute}, "HelmChart": {Interval: 24 * time.Hour},
	}))).To(Equal(map[string]string{"kustomize-controller": "1h", "source-controller": "2d"}),
		"of no controller that has nothing to repeat")
	g.Expect(noReconcileWindows(g, waiting(map[string]flux.ReconcileTimings{
		"Kustomization": {Interval: 100 * time.Hour}, "GitRepository": {Interval: math.MaxInt64}, "HelmRelease": {Unknown: true},
	}))).To(Equal(map[string]string{"helm-controller": "2h"}),
		"of none whose interval is longer than Prometheus remembers, but of one whose objects cannot be read")
}

// An empty map is known to hold nothing; nil is not known.
func TestWithoutIntervalsFluxControllerNotReconcilingHasNoRule(t *testing.T) {
	g := NewWithT(t)
	g.Expect(noReconcileWindows(g, waiting(map[string]flux.ReconcileTimings{}))).To(BeEmpty())
	g.Expect(noReconcileWindows(g, waiting(nil))).To(HaveLen(4))
}

func TestAnUnrecognisedControllerHasTheLongestIntervalOfAll(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Flux = fluxOf("v2.9.4", "")
	p.Flux.Controllers[0].App = "gitops-a"
	p.Waits = map[string]flux.ReconcileTimings{"HelmRelease": {Interval: 4 * time.Hour}, "Kustomization": {Interval: time.Hour}, "ResourceSet": {Interval: 24 * time.Hour}}
	g.Expect(noReconcileWindows(g, p)).To(HaveKeyWithValue("gitops-a", "8h"))
}
