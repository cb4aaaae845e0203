package alerts

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
	"github.com/fluxmonitoring/operator/test/golden"
)

// cells are those of the table row of the reference that begins with this, or nil without one.
func cells(beginning string) []string {
	for line := range strings.Lines(Reference()) {
		if strings.HasPrefix(line, "| "+beginning) {
			inner := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "| "), " |")
			return strings.Split(inner, " | ")
		}
	}
	return nil
}

func TestTheReferenceIsTheOneInTheDocs(t *testing.T) {
	golden.File(t, filepath.Join("..", "..", "docs", "alerts.md"), Reference())
}

func TestTheReferenceHasAWholeRowForEveryAlert(t *testing.T) {
	for _, name := range Names() {
		g := NewWithT(t)
		row := cells("[" + name + "](runbooks/" + name + ".md) ")
		g.Expect(row).To(HaveLen(8), name)
		g.Expect(row).NotTo(ContainElement(BeEmpty()), name)
	}
}

func TestTheReferenceHasAWholeRowForEveryRecordingOfEverySource(t *testing.T) {
	g := NewWithT(t)
	for _, source := range stateSources {
		for _, name := range source.Records() {
			row := cells("`" + name + "`")
			g.Expect(row).To(HaveLen(3), name)
			g.Expect(row).NotTo(ContainElement(BeEmpty()), name)
			g.Expect(strings.Split(row[2], ", ")).To(ContainElement(string(source)), name)
		}
	}
	for _, name := range flux.WorkRecords() {
		g.Expect(cells("`"+name+"`")).To(HaveExactElements("`"+name+"`", Not(BeEmpty()), "-"), name)
	}
	g.Expect(recordingsInWords).To(HaveLen(len(flux.Exporter.Records()) + len(flux.WorkRecords())))
}

func TestTheReferenceSaysOfAnAlertWhatTheCatalogueHas(t *testing.T) {
	for name, want := range map[string][]string{
		"FluxReceiverWebhookErrors": {"warning", "15m", "15m", "> 0", "Flux fails to handle incoming webhooks.", "-", "2.0"},
		"FluxReconcilePanic":        {"warning", "-", "-", "> 0", "`<app>` panics.", "-", "2.4"},
		"FluxReconcileStuck":        {"warning", "5m", "5m", "> 3600, or the longest timeout of the kind", "A reconciliation in `<app>` does not end.", "-", "2.0"},
		"FluxControllerNotReconciling": {"critical", "15m", "-", "-", "`<app>` has stopped reconciling. Looks back twice the longest interval, " +
			"at least 1h, or 2h if no interval is known. No rule if the interval is longer than 3d12h.", "-", "2.0"},
		"FluxErrorBudgetBurnFast": {"critical", "2m", "10m", "> 14.4 times the error budget, of at least 50 objects",
			"Failing Flux objects use up a month's error budget in two days.", "Exporter, KubeStateMetrics, FluxOperator", "2.0"},
		"ReconciliationFailure": {"critical", "10m", "5m", "-",
			"`<kind>` `<exported_namespace>`/`<name>` is not ready. Not for what FluxBootstrapNotReady fires for. Not for what FluxResourceBlockedByDependency fires for.",
			"Exporter, KubeStateMetrics, FluxOperator, Controllers", "2.0"},
		"FluxManyResourcesNotReady": {"critical", "10m", "10m", "> 0.2, if more than 5 objects are", "Many Flux objects are not ready at once.",
			"Exporter, KubeStateMetrics, FluxOperator, Controllers", "2.0"},
		"FluxExporterIncomplete":      {"warning", "15m", "5m", "> 0", "The exporter does not tell of every `<kind>`.", "Exporter", "2.0"},
		"FluxMonitoringOperatorStuck": {"warning", "5m", "5m", "> 600", "A reconciliation of the operator of FluxMonitorings does not end.", "-", "2.0"},
		"FluxMonitoringNotReady": {"warning", "15m", "5m", "-", "FluxMonitoring `<exported_namespace>`/`<name>` is not ready.",
			"Exporter, KubeStateMetrics", "2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			row := cells("[" + name + "]")
			g.Expect(row).NotTo(BeEmpty())
			g.Expect(row[1:]).To(Equal(want))
		})
	}
}

// What an alert asks for beside its threshold is said with the threshold, with the number that its rule has.
func TestTheReferenceSaysHowManyObjectsAnAlertAsksFor(t *testing.T) {
	for name, asks := range map[string]struct{ rule, said string }{
		"FluxManyResourcesNotReady": {"> 5)", "> 0.2, if more than 5 objects are"},
		"FluxErrorBudgetBurnFast":   {"flux:resource:count >= 50", "> 14.4 times the error budget, of at least 50 objects"},
		"FluxErrorBudgetBurn":       {"flux:resource:count >= 50", "> 6 times the error budget, of at least 50 objects"},
		"FluxErrorBudgetBurnSlow":   {"flux:resource:count >= 50", "> 1 times the error budget, of at least 50 objects"},
	} {
		g := NewWithT(t)
		a, _ := entry(name)
		g.Expect(a.query.String()).To(ContainSubstring(asks.rule), name)
		g.Expect(cells("[" + name + "]")[4]).To(Equal(asks.said))
	}
}

func TestTheReferenceSaysWhichAlertMutesWhich(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Reference()).To(ContainSubstring(
		"- `FluxErrorBudgetBurnFast` mutes `FluxErrorBudgetBurn` and `FluxErrorBudgetBurnSlow`, where both have the same `cluster`.\n"))
	g.Expect(Reference()).To(MatchRegexp("\n- `FluxControllerDown` with `app` `helm-controller` mutes `ReconciliationFailure`.* " +
		"and `FluxResourceFlapping` with `kind` `HelmRelease`, where both have the same `cluster`.\n"))
	g.Expect(strings.Count(Reference(), ", where both have the same `cluster`")).To(Equal(len(Inhibitions())))
}

func TestARowOfTheReferenceKeepsItsCells(t *testing.T) {
	NewWithT(t).Expect(row("a|b", "c")).To(Equal("| a\\|b | c |\n"))
}

// blocks are the blocks of code in a language, of the runbook of an alert.
func blocks(g Gomega, name, language string) []string {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "runbooks", name+".md"))
	g.Expect(err).NotTo(HaveOccurred())
	var found []string
	for _, match := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		found = append(found, match[1])
	}
	return found
}

func TestTheQueriesOfARunbookAreOnSeriesThatExist(t *testing.T) {
	ofOperator := func(metric string) bool {
		return slices.ContainsFunc(flux.OtherFamilies(), func(f flux.Family) bool { return f.Name == metric })
	}
	exists := func(metric string) bool {
		for _, source := range stateSources {
			if on(flux.CurrentRelease, source).Exposes(metric) {
				return true
			}
		}
		return ofOperator(metric)
	}
	checked := 0
	for _, name := range Names() {
		g := NewWithT(t)
		for _, block := range blocks(g, name, "promql") {
			for expr := range strings.Lines(block) {
				g.Expect(query.Parse(expr)).To(Succeed(), name)
				for _, metric := range query.New(expr).Metrics() {
					g.Expect(exists(metric)).To(BeTrue(), "%s: %s", name, metric)
					checked++
				}
			}
		}
	}
	NewWithT(t).Expect(checked).To(BeNumerically(">", 10), "the blocks are found")
}

func TestTheOverrideOfARunbookIsAccepted(t *testing.T) {
	checked := 0
	for _, name := range Names() {
		g := NewWithT(t)
		for _, block := range blocks(g, name, "yaml") {
			var resource struct {
				Spec struct {
					Alerts struct {
						ErrorBudget struct{ Objective string }
						Overrides   []Override
					}
				}
			}
			g.Expect(yaml.UnmarshalStrict([]byte(block), &resource)).To(Succeed(), name)
			p := params("v2.9.4")
			p.Overrides = resource.Spec.Alerts.Overrides
			if resource.Spec.Alerts.ErrorBudget.Objective == "" || len(p.Overrides) > 0 {
				g.Expect(p.Overrides).To(ContainElement(HaveField("Name", name)))
			}
			_, err := Groups(p)
			g.Expect(err).NotTo(HaveOccurred(), name)
			checked++
		}
	}
	NewWithT(t).Expect(checked).To(BeNumerically(">", 10), "the blocks are found")
}
