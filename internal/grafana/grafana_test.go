package grafana

import (
	"encoding/json"
	"math"
	"testing"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/test/golden"
)

// example uses everything this package has once.
func example() Dashboard {
	source := Datasource{Type: "prometheus", UID: "$datasource"}
	return Dashboard{
		UID: "example", Title: "Example", Description: "All there is.", Tags: []string{"test"}, From: "now-1h", Refresh: "1m",
		Variables: []Variable{
			{Name: "datasource", Label: "Data source", DatasourceType: "prometheus"},
			{Name: "one", Label: "One", Query: "label_values(up, one)", Datasource: source, Single: true},
			{Name: "level", Label: "Level", Choices: []string{"error", "info"}, AllValue: ".*"},
			{Name: "search", Label: "Search", Text: true},
			{Name: "app", Label: "App", Query: "label_values(up, app)", Datasource: source, AllValue: ".*"},
		},
		Annotations: []Annotation{{Name: "deploys", Color: "blue", Tags: []string{"deploy"}}},
		Links:       []Link{{UID: "other", Title: "Other"}},
		Rows: []Row{
			{Panels: []Panel{{
				Kind: Stat, Title: "One number", Description: "How many.", Datasource: source, Unit: "short", Decimals: -1,
				Targets: []Target{{Expr: "count(up)", Instant: true}},
				Steps:   []Step{{Color: "green"}, {Value: 3, Color: "red"}},
				Paints:  []Paint{{Pattern: "/up/", Steps: []Step{{Color: "green"}, {Value: 1, Color: "red"}}}},
			}, {
				Kind: BarGauge, Title: "Bars", Description: "How long.", Datasource: source, Unit: "s", Min: Of(0), Max: Of(60),
				Targets: []Target{{Expr: "seconds", Legend: "{{app}}", Instant: true}},
			}}},
			{Title: "Heading", Panels: []Panel{{
				Kind: TimeSeries, Title: "Lines", Description: "When.", Datasource: source, Unit: "bytes", Decimals: 1, Stacked: true, SoftMax: 1, Color: "#8A9BB5", Renames: []Rename{{From: "b", To: "B"}},
				Paints:  []Paint{{Pattern: "/a$/", Color: "blue"}, {Pattern: "/b/", Color: "red"}},
				Targets: []Target{{Expr: "a < 1", Legend: "a"}, {Expr: "b", Legend: "b"}},
				Steps:   []Step{{Color: "green"}, {Value: 0.5, Color: "red"}},
			}, {
				Kind: TimeSeries, Title: "Levels", Description: "How high.", Datasource: source, Unit: "s", Decimals: -1, ByValue: true, Logarithmic: true,
				Bars: true, Targets: []Target{{Expr: "g"}}, Steps: []Step{{Color: "green"}, {Color: "red"}},
			}, {
				Kind: Table, Title: "Rows", Description: "Which.", Datasource: source, Decimals: -1, Unit: "short",
				Nothing: "None", Filterable: true, Targets: []Target{{Expr: "c", Instant: true}, {Expr: "d", Instant: true}},
				Columns: []Column{
					{Label: "name", Heading: "Name", Width: 200, Opens: DataLink{Title: "Show", URL: "/d/one?${app:queryparam}&var-name=${__data.fields.Name}"}},
					{Label: "ready", Heading: "Ready", Texts: []Text{{Value: "True", Word: "Yes", Color: "green"}}},
				},
				Values: []Value{
					{Heading: "State", Texts: []Text{{Value: Decimal(0), Word: "Bad", Color: "red"}}},
					{Heading: "Since", Width: 110, Whole: true, Unit: "s", Steps: []Step{{Color: "green"}, {Value: 60, Color: "red"}}},
				},
			}}},
			{Title: "Over time", Collapsed: true, Panels: []Panel{{
				Kind: StateTimeline, Title: "States", Description: "How.", Datasource: source, Unit: "short", Decimals: -1, Width: 12, Height: 5,
				MinStep: "1m", Targets: []Target{{Expr: "e", Legend: "{{app}}"}}, Texts: []Text{{Value: "1", Word: "Up", Color: "green"}},
				Opens: DataLink{Title: "Show", URL: "/d/one"},
			}, {
				Kind: Heatmap, Title: "Buckets", Description: "How many.", Datasource: source, Unit: "s", Decimals: -1,
				Targets: []Target{{Expr: "f", Legend: "{{le}}"}},
			}, {
				Kind: Logs, Title: "Lines of a log", Description: "What.", Datasource: Datasource{Type: "loki", UID: "loki"}, Decimals: -1,
				Targets: []Target{{Expr: `{app="a"}`, MaxLines: 100}},
			}}},
		},
	}
}

func TestADashboardMatchesTheGoldenFile(t *testing.T) {
	for range 10 { // to the same bytes each time
		got, err := example().JSON()
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		golden.File(t, "testdata/example.json", string(got))
	}
}

func TestANumberJSONCannotHoldIsAnError(t *testing.T) {
	d := Dashboard{Rows: []Row{{Panels: []Panel{{Kind: Stat, Min: Of(math.NaN())}}}}}
	_, err := d.JSON()
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("NaN")))
}

// A Flux Kustomization that substitutes variables in the text would take ${...} for its own.
func TestABracedVariableIsEscapedInJSON(t *testing.T) {
	g := NewWithT(t)
	got, err := Dashboard{Title: "${a} $b {c}"}.JSON()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(got)).NotTo(ContainSubstring("${"))
	var read struct{ Title string }
	g.Expect(json.Unmarshal(got, &read)).To(Succeed())
	g.Expect(read.Title).To(Equal("${a} $b {c}"))
}

func TestAnEmptyDashboardHasEmptyListsAndNoNulls(t *testing.T) {
	g := NewWithT(t)
	got, err := Dashboard{UID: "empty", Tags: []string{}}.JSON()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(got)).NotTo(ContainSubstring("null"))
	g.Expect(string(got)).To(ContainSubstring(`"panels": []`))
}

// place is where a panel is on the grid.
type place struct{ X, Y, W, H int }

// placesOf lays out rows and returns where each panel and heading went.
func placesOf(rows ...Row) []place {
	var places []place
	for _, model := range layOut(rows) {
		var p place
		text, err := json.Marshal(model["gridPos"])
		if err == nil {
			err = json.Unmarshal(text, &p)
		}
		if err != nil {
			panic(err)
		}
		places = append(places, p)
	}
	return places
}

func TestPanelsFlowFromLeftToRightAndTopToBottom(t *testing.T) {
	stat, line, table := Panel{Kind: Stat}, Panel{Kind: TimeSeries}, Panel{Kind: Table}
	for name, c := range map[string]struct {
		rows []Row
		want []place
	}{
		"four stats fill a line": {
			[]Row{{Panels: []Panel{stat, stat, stat, stat}}},
			[]place{{0, 0, 6, 4}, {6, 0, 6, 4}, {12, 0, 6, 4}, {18, 0, 6, 4}},
		},
		"two stats are stretched over it": {
			[]Row{{Panels: []Panel{stat, stat}}},
			[]place{{0, 0, 12, 4}, {12, 0, 12, 4}},
		},
		"the next line is under the highest panel": {
			[]Row{{Panels: []Panel{stat, line, table}}},
			[]place{{0, 0, 8, 4}, {8, 0, 16, 8}, {0, 8, 24, 9}},
		},
		"a heading has a line of its own": {
			[]Row{{Panels: []Panel{table}}, {Title: "More", Panels: []Panel{line, line}}},
			[]place{{0, 0, 24, 9}, {0, 9, 24, 1}, {0, 10, 12, 8}, {12, 10, 12, 8}},
		},
		"a panel is as wide as it asks, and no wider than the grid": {
			[]Row{{Panels: []Panel{{Kind: Stat, Width: 16}, {Kind: Stat, Width: 8}, {Kind: Stat, Width: 99}}}},
			[]place{{0, 0, 16, 4}, {16, 0, 8, 4}, {0, 4, 24, 4}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(placesOf(c.rows...)).To(Equal(c.want))
		})
	}
}

func TestACollapsedRowKeepsItsPanelsAndTakesOneLine(t *testing.T) {
	g := NewWithT(t)
	line := Panel{Kind: TimeSeries}
	rows := []Row{{Title: "A", Panels: []Panel{line}}, {Title: "B", Collapsed: true, Panels: []Panel{line, line}}, {Title: "C", Panels: []Panel{line}}}
	g.Expect(placesOf(rows...)).To(Equal([]place{{0, 0, 24, 1}, {0, 1, 24, 8}, {0, 9, 24, 1}, {0, 10, 24, 1}, {0, 11, 24, 8}}))
	var ids []any
	for _, panel := range layOut(rows) {
		ids = append(ids, panel["id"])
		if inner, is := panel["panels"].([]object); is {
			for _, one := range inner {
				ids = append(ids, one["id"])
			}
		}
	}
	g.Expect(ids).To(Equal([]any{1, 2, 3, 4, 5, 6, 7}))
}

func TestNoTwoPanelsOverlapAndEveryLineIsFull(t *testing.T) {
	panel := rapid.Custom(func(t *rapid.T) Panel {
		return Panel{
			Kind:  rapid.SampledFrom([]Kind{Stat, TimeSeries, Table, BarGauge, StateTimeline, Heatmap, Logs}).Draw(t, "kind"),
			Width: rapid.IntRange(0, 30).Draw(t, "width"),
		}
	})
	row := rapid.Custom(func(t *rapid.T) Row {
		return Row{Title: rapid.SampledFrom([]string{"", "a"}).Draw(t, "title"), Panels: rapid.SliceOfN(panel, 0, 9).Draw(t, "panels")}
	})
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		taken, columns := map[[2]int]bool{}, map[int]int{}
		for _, p := range placesOf(rapid.SliceOfN(row, 0, 5).Draw(t, "rows")...) {
			g.Expect(p.W).To(BeNumerically(">", 0))
			columns[p.Y] += p.W
			for x := p.X; x < p.X+p.W; x++ {
				for y := p.Y; y < p.Y+p.H; y++ {
					g.Expect(taken[[2]int{x, y}]).To(BeFalse())
					taken[[2]int{x, y}] = true
				}
			}
		}
		for _, used := range columns {
			g.Expect(used).To(Equal(gridColumns))
		}
	})
}

func TestATableKeepsTheColumnsItNames(t *testing.T) {
	g := NewWithT(t)
	columns := []Column{{Label: "kind", Heading: "Kind"}, {Label: "name", Heading: "Name"}}
	pattern := func(transformation object) any {
		return transformation["options"].(object)["include"].(object)["pattern"]
	}
	g.Expect(pattern(Panel{Columns: columns}.transformations()[0])).To(Equal("^(kind|name)$"))
	g.Expect(pattern(Panel{Columns: columns, Values: []Value{{Heading: "State"}}}.transformations()[0])).To(Equal("^(kind|name|Value)$"))
	g.Expect(pattern(Panel{Columns: columns, Values: []Value{{}}}.transformations()[0])).To(Equal("^(kind|name)$"))

	several := Panel{Columns: columns, Values: []Value{{Heading: "State"}, {Heading: "Since"}}}.transformations()
	g.Expect(several[0]).To(Equal(object{"id": "merge", "options": object{}}))
	g.Expect(pattern(several[1])).To(Equal("^(kind|name|Value #A|Value #B)$"))
}

func TestATableBeginsWithTheWorst(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Panel{Values: []Value{{Heading: "State", Texts: []Text{{}, {}}}, {Heading: "Seconds"}}}.sorting()).
		To(Equal([]object{{"displayName": "State", "desc": false}, {"displayName": "Seconds", "desc": true}}))
	g.Expect(Panel{Values: []Value{{Heading: "Seconds"}}}.sorting()).To(Equal([]object{{"displayName": "Seconds", "desc": true}}))
	g.Expect(Panel{}.sorting()).To(BeEmpty())
}
