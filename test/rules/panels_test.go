package rules

import (
	"os"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// shown are the queries the cases of panels name, as dashboards draw them where the state of objects is told as here: those about
// one object are about Kustomization apps/shop, or what is made from GitRepository apps/shop, and time ranges are 33
// minutes, to which a rate of samples a minute apart is extrapolated without a rounding error.
func shown(p alerts.Params) map[string]query.Query {
	const timeRange = "33m"
	shop := []*labels.Matcher{query.Is(flux.LabelKind, "Kustomization"), query.Is("customresource_kind", "Kustomization"),
		query.Is(flux.LabelObjectNamespace, "apps"), query.Is(flux.LabelName, "shop")}
	policy := []*labels.Matcher{query.Is("customresource_kind", "ImagePolicy"), query.Is(flux.LabelObjectNamespace, "apps"),
		query.Is(flux.LabelName, "shop")}
	one := []string{flux.LabelCluster, "customresource_kind", flux.LabelObjectNamespace, flux.LabelName}
	return map[string]query.Query{
		"Failures": query.Failures, "APIErrors": query.APIErrors, "ControllersUpCount": query.ControllersUpCount,
		"MemoryTotal": query.MemoryTotal, "NotReadyCount": query.NotReadyCount, "ObjectCount": query.ObjectCount,
		"ObjectsByKind": query.ObjectsByKind, "Readiness": query.Readiness, "ReconciliationSeconds": query.ReconciliationSeconds, "MeanReconciliationSeconds": query.MeanReconciliationSeconds.Over(timeRange),
		"APIErrorRatio": query.APIErrorRatio, "SlowestObjects": query.SlowestObjects,
		"ReconciliationsByKind": query.ReconciliationsByKind, "SilentObjects": query.SilentObjects, "Suspended": query.Suspended,
		"APIThrottled": query.APIThrottled, "QueueSeconds": query.QueueSeconds, "ControllerSecondsP90": query.ControllerSecondsP90, "MostReconciled": query.MostReconciled.Over(timeRange),
		"ControllerSecondsBuckets": query.ControllerSecondsBuckets, "ControllerSeconds": query.ControllerSeconds,

		"ObjectState": query.ObjectState(p.Recorded()), "TroubledState": query.TroubledState(p.Recorded()),
		"LongestNotReady":         query.LongestNotReady.Over(timeRange),
		"ObjectsThatWereNotReady": query.TroubledState(p.Recorded()).And(flux.Identity(), query.LongestNotReady).Over(timeRange),
		"SuspendedSeconds":        query.SuspendedSeconds,
		"ItsInfo":                 query.Info.Within(shop...), "ItsInfoInTheReport": query.ReportInfo.Within(shop...),
		"ItsRevisions": query.Revisions.Within(shop...), "ItsRevisionsInTheReport": query.ReportRevisions.Within(shop...),
		"ItsReasons": query.Reasons.Within(shop...), "ItsReasonsInTheReport": query.ReportReasons.Within(shop...),
		"ItsSource":                   query.Info.And(one, query.Sources.Within(shop...)),
		"ItsSourceAsAPolicy":          query.Info.And(one, query.Sources.Within(policy...)),
		"MonitoringSuspendedSeconds":  query.SuspendedSeconds.Within(query.Is(flux.LabelKind, "FluxMonitoring")),
		"MonitoringReconciliations":   query.Reconciliations.Within(query.Is(flux.LabelKind, "FluxMonitoring")),
		"MadeFromImages":              query.DependentsOf("ImageRepository", "apps", "shop"),
		"MadeFromShop":                query.DependentsOf("GitRepository", "apps", "shop"),
		"ItsReconciliations":          query.Reconciliations.Over(timeRange).Within(shop...),
		"ItsReconciliationsPerMinute": query.ReconciliationsPerMinute.Within(shop...),
		"ItsSeconds":                  query.ReconcileSeconds.Within(shop...), "ItsSecondsBuckets": query.ReconcileSecondsBuckets.Within(shop...),

		"Exported": query.Exported, "ExportedCount": query.ExportedCount, "OmittedCount": query.OmittedCount,
		"UnreadableCount": query.UnreadableCount, "Incomplete": query.Incomplete, "ScrapeSeconds": query.ScrapeSeconds,
		"PodUp": query.PodUp, "Leads": query.Leads, "MonitoringReady": query.MonitoringReady,
		"MonitoringsNotReadyCount": query.MonitoringsNotReadyCount,

		"FleetObjects": query.FleetObjects, "FleetNotReady": query.FleetNotReady, "FleetSuspended": query.FleetSuspended,
		"FleetOldest": query.FleetOldest, "FleetControllersDown": query.FleetControllersDown, "FleetCritical": query.FleetCritical,
		"FleetFiring": query.FleetFiring, "Firing": query.Firing, "FleetReporting": query.FleetReporting, "FleetClusters": query.FleetClusters,
		"FleetTroubled": query.FleetTroubled, "FleetSilent": query.FleetSilent, "FleetTotal": query.FleetTotal,
		"NotReadyShare": query.NotReadyShare, "FailingShare": query.FailingShare,
	}
}

// named puts queries where a text names them: $Name is the query of that name, scoped as its dashboard scopes it.
func named(g Gomega, text string, p alerts.Params, scope ...*labels.Matcher) string {
	queries := shown(p)
	return os.Expand(text, func(name string) string {
		if name == "Name" {
			return "$Name" // the comment that explains it
		}
		g.Expect(queries).To(HaveKey(name))
		return strconv.Quote(queries[name].Within(scope...).String())
	})
}

// showsOn runs the cases of a file of panels, where a source tells the state of objects.
func showsOn(t *testing.T, file string, source flux.StateSource, scope ...*labels.Matcher) {
	t.Helper()
	p := told(source)
	passesOn(t, p, file, func(text string) string { return named(NewWithT(t), text, p, scope...) })
}

func TestPanelsShowWhatTheirCasesSay(t *testing.T) {
	showsOn(t, "panels.yaml", flux.Controllers, query.Is(flux.LabelJob, jobs[flux.Controllers]))
}

func TestPanelsAboutObjectsShowWhatTheirCasesSayWhateverTellsThem(t *testing.T) {
	for _, source := range sources {
		t.Run(string(source), func(t *testing.T) {
			t.Parallel()
			showsOn(t, "panels-objects.yaml", source, query.Is(flux.LabelJob, jobs[source]))
		})
	}
}

func TestPanelsAboutTheOperatorShowWhatTheirCasesSay(t *testing.T) {
	showsOn(t, "panels-operator.yaml", flux.Exporter, query.Is(flux.LabelJob, jobs[flux.Exporter]))
}

// A Prometheus that many clusters write to records nothing itself, and its dashboard does not ask for a job.
func TestPanelsAboutAFleetShowWhatTheirCasesSay(t *testing.T) {
	showsOn(t, "panels-fleet.yaml", "")
}

func TestFailuresAreCountedHoweverOftenRulesAreEvaluated(t *testing.T) {
	for _, interval := range []string{"15s", "30s", "1m"} {
		t.Run(interval, func(t *testing.T) {
			p := told(flux.Exporter)
			passesOn(t, p, "flapping.yaml", func(text string) string {
				return "evaluation_interval: " + interval + "\n" + named(NewWithT(t), text, p, query.Is(flux.LabelJob, jobs[flux.Exporter]))
			})
		})
	}
}
