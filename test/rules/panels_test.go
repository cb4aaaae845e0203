package rules

import (
	"maps"
	"os"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// shown are the queries that the cases of panels name: all of package query, and those that dashboards narrow or combine. The latter are about
// Kustomization apps/shop, or the dependents of GitRepository apps/shop. Time ranges are 33 minutes, to which Prometheus extrapolates a
// rate of samples a minute apart without a rounding error.
func shown(p alerts.Params) map[string]query.Query {
	const timeRange = "33m"
	shop := []*labels.Matcher{query.Is(flux.LabelKind, "Kustomization"), query.Is("customresource_kind", "Kustomization"),
		query.Is(flux.LabelObjectNamespace, "apps"), query.Is(flux.LabelName, "shop")}
	policy := []*labels.Matcher{query.Is("customresource_kind", "ImagePolicy"), query.Is(flux.LabelObjectNamespace, "apps"),
		query.Is(flux.LabelName, "shop")}
	one := []string{flux.LabelCluster, "customresource_kind", flux.LabelObjectNamespace, flux.LabelName}
	queries := query.Catalogue()
	maps.Copy(queries, map[string]query.Query{
		"MeanReconciliationSeconds":  query.MeanReconciliationSeconds.Over(timeRange),
		"MostReconciled":             query.MostReconciled.Over(timeRange),
		"ObjectState":                query.ObjectState(p.Recorded()),
		"TroubledState":              query.TroubledState(p.Recorded()),
		"StalledCount":               query.TroubleCount(p.Recorded(), query.StateStalled),
		"FailingCount":               query.TroubleCount(p.Recorded(), query.StateFailing),
		"ProgressingCount":           query.TroubleCount(p.Recorded(), query.StateNotReady),
		"WaitingCount":               query.TroubleCount(p.Recorded(), query.StateWaiting),
		"WorstReasons":               query.WorstReasons(p.State),
		"LongestNotReady":            query.LongestNotReady.Over(timeRange),
		"ObjectsThatWereNotReady":    query.TroubledState(p.Recorded()).And(flux.Identity(), query.LongestNotReady).Over(timeRange),
		"ItsInfo":                    query.Info.Within(shop...),
		"ItsInfoInTheReport":         query.ReportInfo.Within(shop...),
		"ItsRevisions":               query.Revisions.Within(shop...),
		"ItsRevisionsInTheReport":    query.ReportRevisions.Within(shop...),
		"ItsReasons":                 query.Reasons.Within(shop...),
		"ItsReasonsInTheReport":      query.ReportReasons.Within(shop...),
		"ItsSource":                  query.Info.And(one, query.Sources.Within(shop...)),
		"ItsSourceAsAPolicy":         query.Info.And(one, query.Sources.Within(policy...)),
		"MonitoringSuspendedSeconds": query.SuspendedSeconds.Within(query.Is(flux.LabelKind, "FluxMonitoring")),
		"MonitoringReconciliations":  query.Reconciliations.Within(query.Is(flux.LabelKind, "FluxMonitoring")),
		"MadeFromImages":             query.DependentsOf("ImageRepository", "apps", "shop"),
		"MadeFromShop":               query.DependentsOf("GitRepository", "apps", "shop"),
		"ItsReconciliations":         query.Reconciliations.Over(timeRange).Within(shop...),
		"ItsSeconds":                 query.ReconcileSeconds.Within(shop...),
		"ItsSecondsBuckets":          query.ReconcileSecondsBuckets.Within(shop...),
	})
	return queries
}

// named puts queries where a text names them: $Name is the query of that name, scoped as its dashboard scopes it.
func named(g Gomega, text string, p alerts.Params, scope ...*labels.Matcher) string {
	queries := shown(p)
	return os.Expand(text, func(name string) string {
		if name == "Name" {
			return "$Name" // the comment that explains it
		}
		_, known := queries[name]
		g.Expect(known).To(BeTrue(), "package query has no query %s: correct the case, or add it to shown in test/rules/panels_test.go", name)
		return strconv.Quote(queries[name].Within(scope...).String())
	})
}

func TestPanelsPassTheirCases(t *testing.T) {
	type cases struct {
		file   string
		source flux.StateSource
	}
	all := []cases{
		{"panels.yaml", flux.Controllers}, {"panels-operator.yaml", flux.Exporter},
		{"panels-fleet.yaml", ""}, // a Prometheus that many clusters write to records nothing, and its dashboard has no job
	}
	for _, source := range sources {
		all = append(all, cases{"panels-objects.yaml", source})
	}
	for _, c := range all {
		t.Run(c.file+"/"+string(c.source), func(t *testing.T) {
			t.Parallel()
			p := exporting(c.source)
			var scope []*labels.Matcher
			if c.source != "" {
				scope = append(scope, query.Is(flux.LabelJob, jobs[c.source]))
			}
			passesOn(t, p, c.file, func(text string) string { return named(NewWithT(t), text, p, scope...) })
		})
	}
}

func TestFailuresAreCountedAtEveryEvaluationInterval(t *testing.T) {
	for _, interval := range []string{"15s", "30s", "1m"} {
		t.Run(interval, func(t *testing.T) {
			p := exporting(flux.Exporter)
			passesOn(t, p, "flapping.yaml", func(text string) string {
				return "evaluation_interval: " + interval + "\n" + named(NewWithT(t), text, p, query.Is(flux.LabelJob, jobs[flux.Exporter]))
			})
		})
	}
}
