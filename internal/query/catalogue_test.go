package query

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	promqlparser "github.com/prometheus/prometheus/promql/parser"

	"github.com/fluxmonitoring/operator/internal/flux"
)

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

func TestEveryQueryIsInTheCatalogueAndDocumented(t *testing.T) {
	docs := declared(NewWithT(t))
	if got, want := slices.Sorted(maps.Keys(Catalogue())), slices.Sorted(maps.Keys(docs)); !slices.Equal(got, want) {
		t.Error("internal/query/catalogue.go is not current. Renew it with: make generate")
	}
	for name, doc := range docs {
		if !strings.HasPrefix(doc, name+" ") {
			t.Errorf("the comment of %s does not begin with %q", name, name+" ")
		}
	}
}

func TestEveryQueryStandsOnKnownMetrics(t *testing.T) {
	g := NewWithT(t)
	known := slices.Concat(flux.Exporter.Records(), flux.WorkRecords())
	for _, f := range slices.Concat(flux.Families(), flux.OtherFamilies(), flux.StateFamilies(), flux.StackFamilies(), flux.APIServerFamilies()) {
		known = append(known, f.Samples()...)
	}
	for name, q := range Catalogue() {
		g.Expect(q.Metrics()).NotTo(BeEmpty(), name)
		g.Expect(known).To(ContainElements(q.Metrics()), name)
	}
}

// Over gives a query one window. The burn of the error budget is judged over two, which are not for anybody to change.
func TestAQueryHasOneWindow(t *testing.T) {
	g := NewWithT(t)
	for name, q := range Catalogue() {
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
	for name, q := range Catalogue() {
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
	for name, q := range Catalogue() {
		eachSelector(mustParse(q.String()), func(s *promqlparser.VectorSelector) {
			for _, m := range s.LabelMatchers {
				g.Expect(m.Name == "__name__" || flux.Carries(s.Name, m.Name)).To(BeTrue(), "%s: %s", name, m)
			}
		})
	}
}
