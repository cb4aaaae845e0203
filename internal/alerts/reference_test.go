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

func TestTheReferenceIsInTheDocs(t *testing.T) {
	golden.File(t, "../../docs/alerts.md", Reference())
}

func TestTheReferenceHasEveryAlert(t *testing.T) {
	for _, name := range Names() {
		g := NewWithT(t)
		row := cells("[" + name + "](runbooks/" + name + ".md) ")
		g.Expect(row).To(HaveLen(8), name)
		g.Expect(row).NotTo(ContainElement(BeEmpty()), name)
	}
}

func TestTheReferenceHasEveryRecording(t *testing.T) {
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

// An alert that needs a count of objects beside its threshold has that count with the threshold, with the number of its rule.
func TestTheReferenceHasTheLeastCountOfObjects(t *testing.T) {
	for name, c := range map[string]struct{ rule, threshold string }{
		"FluxManyResourcesNotReady": {"> 5)", "> 0.2, if these are more than 5 objects"},
		"FluxErrorBudgetBurnFast":   {"flux:resource:count >= 50", "> 14.4 times the error budget, of at least 50 objects"},
		"FluxErrorBudgetBurn":       {"flux:resource:count >= 50", "> 6 times the error budget, of at least 50 objects"},
		"FluxErrorBudgetBurnSlow":   {"flux:resource:count >= 50", "> 1 times the error budget, of at least 50 objects"},
	} {
		g := NewWithT(t)
		a, _ := entry(name)
		g.Expect(a.query.String()).To(ContainSubstring(c.rule), name)
		g.Expect(cells("[" + name + "]")[4]).To(Equal(c.threshold))
	}
}

func TestTheReferenceHasEveryInhibition(t *testing.T) {
	g := NewWithT(t)
	sources := cells("inhibited | ")
	g.Expect(sources).NotTo(BeEmpty())
	for _, i := range Inhibitions() {
		for _, source := range alertsOf(i.Source) {
			for _, target := range alertsOf(i.Target) {
				g.Expect(cells(target + " | ")[slices.Index(sources, source)]).To(ContainSubstring(i.common().word), "%s inhibits %s", source, target)
			}
		}
	}
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

func TestQueriesOfRunbooksSelectKnownMetrics(t *testing.T) {
	exists := func(metric string) bool {
		return slices.ContainsFunc(stateSources, func(source flux.StateSource) bool { return on(flux.CurrentRelease, source).Exposes(metric) }) ||
			slices.ContainsFunc(slices.Concat(flux.OtherFamilies(), flux.StackFamilies()), func(f flux.Family) bool { return f.Name == metric })
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

func TestOverridesOfRunbooksAreAccepted(t *testing.T) {
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
