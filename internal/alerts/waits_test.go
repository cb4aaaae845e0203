package alerts

import (
	"fmt"
	"math"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/model"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// waiting is params of a cluster with these waits.
func waiting(waits map[string]flux.Waits) Params {
	p := params("v2.9.4")
	p.Waits = waits
	return p
}

func TestAnAlertOnAFailureGivesItOneRetry(t *testing.T) {
	for name, c := range map[string]struct {
		waits map[string]flux.Waits
		want  string
	}{
		"ten minutes where nothing is known": {nil, "10m"},
		"ten minutes where all is quick":     {map[string]flux.Waits{"Kustomization": {Timeout: 2 * time.Minute, Retry: 2 * time.Minute}}, "10m"},
		"a timeout and a retry": {
			map[string]flux.Waits{"Kustomization": {Timeout: 5 * time.Minute, Retry: 30 * time.Minute}}, "45m"},
		"of the kind that takes the longest": {map[string]flux.Waits{
			"Kustomization": {Timeout: 5 * time.Minute, Retry: 10 * time.Minute}, "HelmRelease": {Timeout: time.Hour}}, "1h"},
		"two hours at most, whoever may take longer": {
			map[string]flux.Waits{"Kustomization": {Timeout: 8760 * time.Hour, Retry: math.MaxInt64}}, "2h"},
		"of what applies something alone": {map[string]flux.Waits{"GitRepository": {Timeout: time.Hour}}, "10m"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(string(*theRule(g, waiting(c.waits), "ReconciliationFailure").For)).To(Equal(c.want))
			g.Expect(string(*theRule(g, waiting(c.waits), "FluxRootNotReady").For)).To(Equal(max15m(c.want)))
			g.Expect(string(*theRule(g, waiting(c.waits), "FluxRootSourceNotReady").For)).To(Equal("15m"))
			g.Expect(string(*theRule(g, waiting(c.waits), "FluxSourceNotReady").For)).To(Equal("10m"))
			many := theRule(g, waiting(c.waits), "FluxManyResourcesNotReady")
			g.Expect(many.For).To(BeNil(), "the clock is each object's own")
			g.Expect(many.Annotations["description"]).To(ContainSubstring(" for " + c.want + " or longer"))
			wait, err := model.ParseDuration(c.want)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(many.Expr.StrVal).To(ContainSubstring(fmt.Sprintf(`not_ready_since{kind!="FluxMonitoring"} >= %d)`, int(time.Duration(wait).Seconds()))))
		})
	}
}

// max15m is the wait of what waits a quarter of an hour at least.
func max15m(wait string) string {
	if wait == "10m" {
		return "15m"
	}
	return wait
}

func TestAnOverrideWinsOverWhatIsInUse(t *testing.T) {
	g := NewWithT(t)
	p := waiting(map[string]flux.Waits{"Kustomization": {Timeout: 2 * time.Hour}})
	p.Overrides = []Override{
		{Name: "ReconciliationFailure", For: duration("10m")}, {Name: "FluxReconcileStuck", Threshold: "600"},
		{Name: "FluxManyResourcesNotReady", For: duration("30m")}}
	g.Expect(theRule(g, p, "FluxManyResourcesNotReady").Expr.StrVal).To(ContainSubstring(`not_ready_since{kind!="FluxMonitoring"} >= 1800)`))
	g.Expect(string(*theRule(g, p, "ReconciliationFailure").For)).To(Equal("10m"))
	g.Expect(theRule(g, p, "FluxReconcileStuck").Expr.StrVal).To(HaveSuffix(" > 600"))
}

func TestAReconciliationIsStuckBeyondTheLongestTimeout(t *testing.T) {
	g := NewWithT(t)
	g.Expect(theRule(g, waiting(nil), "FluxReconcileStuck").Expr.StrVal).To(HaveSuffix(" > 3600"))
	long := waiting(map[string]flux.Waits{"HelmRelease": {Timeout: 2 * time.Hour}, "Kustomization": {Timeout: time.Minute}})
	g.Expect(theRule(g, long, "FluxReconcileStuck").Expr.StrVal).To(HaveSuffix(" > 7200"))
	endless := waiting(map[string]flux.Waits{"HelmRelease": {Timeout: math.MaxInt64}})
	g.Expect(theRule(g, endless, "FluxReconcileStuck").Expr.StrVal).To(HaveSuffix(" > 86400"))
	g.Expect(theRule(g, waiting(nil), "FluxReconcileStuck").Expr.StrVal).To(HaveSuffix(" > 3600"), "the catalogue is not changed")
}

// silences are the windows of FluxNoReconciliations by controller.
func silences(g Gomega, p Params) map[string]string {
	found := map[string]string{}
	for _, r := range rules(g, p, "FluxNoReconciliations") {
		g.Expect(r.Expr.StrVal).To(MatchRegexp(`increase\(.*\[(\w+)\]\)\) == 0 .* offset (\w+)\)$`))
		g.Expect(r.Annotations["description"]).NotTo(ContainSubstring("$"))
		found[r.Labels["app"]] = r.Expr.StrVal[len(r.Expr.StrVal)-3 : len(r.Expr.StrVal)-1]
	}
	return found
}

func TestAControllerIsSilentAfterTwiceItsLongestInterval(t *testing.T) {
	g := NewWithT(t)
	g.Expect(silences(g, waiting(nil))).To(Equal(map[string]string{
		"helm-controller": "2h", "kustomize-controller": "2h", "notification-controller": "2h", "source-controller": "2h"}))
	g.Expect(silences(g, waiting(map[string]flux.Waits{
		"Kustomization": {Interval: 10 * time.Minute}, "GitRepository": {Interval: time.Minute}, "HelmChart": {Interval: 24 * time.Hour},
	}))).To(Equal(map[string]string{"kustomize-controller": "1h", "source-controller": "2d"}),
		"of no controller that has nothing to repeat")
	g.Expect(silences(g, waiting(map[string]flux.Waits{
		"Kustomization": {Interval: 100 * time.Hour}, "GitRepository": {Interval: math.MaxInt64}, "HelmRelease": {Unknown: true},
	}))).To(Equal(map[string]string{"helm-controller": "2h"}),
		"of none whose interval is longer than Prometheus remembers, but of one whose objects cannot be read")
}

// An empty map is known to hold nothing; nil is not known.
func TestWhereEveryObjectRestsNoControllerIsSilent(t *testing.T) {
	g := NewWithT(t)
	g.Expect(silences(g, waiting(map[string]flux.Waits{}))).To(BeEmpty())
	g.Expect(silences(g, waiting(nil))).To(HaveLen(4))
}
