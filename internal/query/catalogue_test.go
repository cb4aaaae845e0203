package query

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	promqlparser "github.com/prometheus/prometheus/promql/parser"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// named is every query of this package by its name.
func named() map[string]Query {
	return map[string]Query{
		"APIErrorRatio": APIErrorRatio, "APIErrors": APIErrors, "APIRequests": APIRequests,
		"APIRequestsTotal": APIRequestsTotal, "CPU": CPU, "ControllerDown": ControllerDown,
		"ControllerNotActive": ControllerNotActive, "ControllerSecondsMedian": ControllerSecondsMedian,
		"ControllerSecondsP90": ControllerSecondsP90, "ControllerSecondsP99": ControllerSecondsP99,
		"ControllersUp": ControllersUp, "ControllersUpCount": ControllersUpCount, "EventRequests": EventRequests,
		"LongestReconcile": LongestReconcile, "Memory": Memory, "MemoryRatio": MemoryRatio, "MemoryTotal": MemoryTotal,
		"ControllerNotReconciling": ControllerNotReconciling, "NotReady": NotReady, "NotReadyByKind": NotReadyByKind,
		"NotReadyCount": NotReadyCount, "ObjectCount": ObjectCount, "ObjectsByKind": ObjectsByKind,
		"ExporterObserved": ExporterObserved, "InfoObserved": InfoObserved, "InfoState": InfoState,
		"ReportObserved": ReportObserved, "ReportState": ReportState, "ControllersObserved": ControllersObserved,
		"ConditionState": ConditionState, "RecordedReady": RecordedReady, "RecordedNotReady": RecordedNotReady,
		"RecordedSuspended": RecordedSuspended, "RecordedWaiting": RecordedWaiting, "RecordedStalled": RecordedStalled,
		"RecordedFailing": RecordedFailing,
		"Panics":          Panics, "QueueDepth": QueueDepth, "QueueDepthMax": QueueDepthMax, "QueueSeconds": QueueSeconds,
		"Readiness": Readiness, "ReceiverWebhookErrors": ReceiverWebhookErrors, "ReceiverRequests": ReceiverRequests,
		"ReconciliationErrors": ReconciliationErrors, "ReconciliationSeconds": ReconciliationSeconds,
		"ReconciliationsByController": ReconciliationsByController, "ReconciliationsByKind": ReconciliationsByKind,
		"Reconciled": Reconciled, "Restarts": Restarts, "SilentObjects": SilentObjects, "SlowestObjects": SlowestObjects,
		"Suspended": Suspended, "Up": Up, "WorkerLoad": WorkerLoad,
		"ExporterDeadline": ExporterDeadline, "NotReadyReconcilers": NotReadyReconcilers, "NotReadyOthers": NotReadyOthers, "NotReadyMonitorings": NotReadyMonitorings,
		"NotReadyBootstrapAppliers": NotReadyBootstrapAppliers, "NotReadyBootstrapSources": NotReadyBootstrapSources, "Waiting": Waiting,
		"Blocked": Blocked, "RecordedNotReadySince": RecordedNotReadySince, "NotReadyShare": NotReadyShare, "NotReadySeconds": NotReadySeconds, "FailingShare": FailingShare, "Stalled": Stalled,
		"Behind": Behind, "Failures": Failures, "StateMissing": StateMissing, "Incomplete": Incomplete,
		"BurnFast": BurnFast, "Burn": Burn, "BurnSlow": BurnSlow,
		"InfoBehind": InfoBehind,
		"Info":       Info, "ReportInfo": ReportInfo, "Revisions": Revisions, "ReportRevisions": ReportRevisions, "Reasons": Reasons, "ReportReasons": ReportReasons, "Dependents": Dependents, "Sources": Sources, "ReconcileSeconds": ReconcileSeconds, "Reconciliations": Reconciliations, "ReconciliationsPerMinute": ReconciliationsPerMinute, "ReconcileSecondsBuckets": ReconcileSecondsBuckets, "FleetObjects": FleetObjects, "FleetNotReady": FleetNotReady, "FleetSuspended": FleetSuspended, "FleetOldest": FleetOldest, "FleetControllersDown": FleetControllersDown, "FleetCritical": FleetCritical, "FleetFiring": FleetFiring, "Firing": Firing, "FleetReporting": FleetReporting, "Observed": Observed, "FleetClusters": FleetClusters, "FleetTroubled": FleetTroubled, "FleetSilent": FleetSilent, "FleetTotal": FleetTotal, "Exported": Exported, "ExportedCount": ExportedCount, "OmittedCount": OmittedCount, "UnreadableCount": UnreadableCount, "ScrapeSeconds": ScrapeSeconds, "ScrapeSamples": ScrapeSamples, "PodUp": PodUp, "Leads": Leads, "PodCPU": PodCPU, "PodMemory": PodMemory, "Leaderless": Leaderless, "OperatorUnready": OperatorUnready, "Unreconciled": Unreconciled, "MonitoringReady": MonitoringReady, "MonitoringsNotReadyCount": MonitoringsNotReadyCount, "LongestNotReady": LongestNotReady, "NotReadySecondsOrZero": NotReadySecondsOrZero, "KnownObjects": KnownObjects, "SuspendedSeconds": SuspendedSeconds, "RecordedSuspendedSince": RecordedSuspendedSince, "MostReconciled": MostReconciled, "ControllerSeconds": ControllerSeconds, "ControllerSecondsBuckets": ControllerSecondsBuckets, "APIThrottled": APIThrottled,
		"RecordedObjects": RecordedObjects, "RecordedRate": RecordedRate, "RecordedSecondsRate": RecordedSecondsRate,
		"RecordedSlowest": RecordedSlowest, "MeanReconciliationSeconds": MeanReconciliationSeconds,
		"RecordedCount": RecordedCount, "RecordedFailingRatio": RecordedFailingRatio,
	}
}

// declared returns the exported variables of this package's sources, with their documentation.
func declared(g Gomega) map[string]string {
	docs := map[string]string{}
	files, err := os.ReadDir(".")
	g.Expect(err).NotTo(HaveOccurred())
	for _, f := range files {
		if strings.HasSuffix(f.Name(), "_test.go") || !strings.HasSuffix(f.Name(), ".go") {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.ParseComments)
		g.Expect(err).NotTo(HaveOccurred())
		ast.Inspect(source, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && spec.Names[0].IsExported() {
				if call, isCall := spec.Values[0].(*ast.CallExpr); isCall && call != nil {
					docs[spec.Names[0].Name] = spec.Doc.Text()
				}
			}
			return true
		})
	}
	return docs
}

func TestEveryQueryIsNamedHereAndDocumented(t *testing.T) {
	g := NewWithT(t)
	docs := declared(g)
	for name := range named() {
		g.Expect(docs).To(HaveKey(name))
	}
	for name, doc := range docs {
		_, listed := named()[name]
		g.Expect(listed).To(BeTrue(), name)
		g.Expect(doc).To(HavePrefix(name+" "), name)
	}
}

func TestEveryQueryStandsOnKnownMetrics(t *testing.T) {
	g := NewWithT(t)
	known := slices.Concat(flux.Exporter.Records(), flux.WorkRecords())
	for _, f := range slices.Concat(flux.Families(), flux.OtherFamilies(), flux.StateFamilies()) {
		known = append(known, f.Samples()...)
	}
	for name, q := range named() {
		g.Expect(q.Metrics()).NotTo(BeEmpty(), name)
		g.Expect(known).To(ContainElements(q.Metrics()), name)
	}
}

// Over gives a query one window. The burn of the error budget is judged over two, which are not for anybody to change.
func TestAQueryHasOneWindow(t *testing.T) {
	g := NewWithT(t)
	for name, q := range named() {
		if strings.Contains(name, "Burn") {
			continue
		}
		windows := regexp.MustCompile(`\[([^\]]*)\]`).FindAllString(q.String(), -1)
		slices.Sort(windows)
		g.Expect(len(slices.Compact(windows))).To(BeNumerically("<=", 1), name)
	}
}

// The cluster must survive every aggregation, or alerts and lines of several clusters become one. A heatmap is of all it shows.
func TestEveryAggregationByLabelsKeepsTheCluster(t *testing.T) {
	g := NewWithT(t)
	for name, q := range named() {
		if strings.HasSuffix(name, "Buckets") {
			continue
		}
		promqlparser.Inspect(mustParse(q.String()), func(node promqlparser.Node, _ []promqlparser.Node) error {
			if a, ok := node.(*promqlparser.AggregateExpr); ok && len(a.Grouping) > 0 {
				g.Expect(a.Grouping).To(ContainElement("cluster"), name)
			}
			return nil
		})
	}
}

// A matcher on a label the metric does not have selects nothing, for ever.
func TestQueriesMatchOnLabelsTheirMetricsCarry(t *testing.T) {
	g := NewWithT(t)
	for name, q := range named() {
		eachSelector(mustParse(q.String()), func(s *promqlparser.VectorSelector) {
			for _, m := range s.LabelMatchers {
				g.Expect(m.Name == "__name__" || flux.Carries(s.Name, m.Name)).To(BeTrue(), "%s: %s", name, m)
			}
		})
	}
}
