package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/fluxmonitoring/operator/test/must"
)

// page is a dashboard, as far as what it asks of Prometheus goes.
type page struct {
	UID       string
	Title     string
	From      string
	Variables []pageVariable
	Panels    []pagePanel
}

// pageVariable is a choice the viewer has.
type pageVariable struct {
	Name string
	// Query lists the values. Empty: Value is what is chosen.
	Query string
	// All is that all values are chosen at first, and AllValue what then stands for them; empty is each of them in turn.
	All      bool
	AllValue string
	Value    string
}

// pagePanel is a panel. Its width is in 24ths of the page.
type pagePanel struct {
	Title   string
	Width   int
	MinStep string
	Queries []pageQuery
}

type pageQuery struct {
	Expr    string
	Instant bool
}

// drawnDashboard is what is read of a dashboard's JSON.
type drawnDashboard struct {
	UID, Title string
	Time       struct{ From string }
	Templating struct{ List []drawnVariable }
	Panels     []drawnPanel
}

type drawnVariable struct {
	Name, Type, AllValue, Regex string
	IncludeAll                  bool
	Query                       any
	Current                     struct{ Value any }
}

type drawnPanel struct {
	Title, Type, Interval string
	GridPos               struct{ W int }
	Datasource            struct{ Type string }
	Panels                []drawnPanel
	Targets               []struct {
		Expr                 string
		Instant, Range, Hide bool
	}
}

// pagesOf reads a dashboard of ours: what Grafana asks when it opens it, and, where it has collapsed rows, what it asks when these
// are opened.
func pagesOf(content []byte) []page {
	var d drawnDashboard
	must.Succeed(json.Unmarshal(content, &d))
	p := page{UID: d.UID, Title: d.Title, From: d.Time.From}
	for _, v := range d.Templating.List {
		if v.Type == "datasource" {
			continue
		}
		one := pageVariable{Name: v.Name, All: v.IncludeAll, AllValue: v.AllValue}
		switch v.Type {
		case "query":
			one.Query = textOf(v.Query)
		case "custom":
			one.Value, _, _ = strings.Cut(textOf(v.Query), ",")
		default:
			one.Value = textOf(v.Query)
		}
		p.Variables = append(p.Variables, one)
	}
	p.Panels = panelsOf(d.Panels)
	var collapsed []pagePanel
	for _, row := range d.Panels {
		collapsed = append(collapsed, panelsOf(row.Panels)...)
	}
	if len(collapsed) == 0 {
		return []page{p}
	}
	opened := page{UID: p.UID + " opened", Title: p.Title + ", its collapsed rows", From: p.From, Variables: p.Variables, Panels: collapsed}
	return []page{p, opened}
}

// textOf is a variable's query, which stands alone or in an object.
func textOf(query any) string {
	if fields, is := query.(map[string]any); is {
		query = fields["query"]
	}
	text, _ := query.(string)
	return text
}

// panelsOf are the panels that ask Prometheus something.
func panelsOf(drawn []drawnPanel) []pagePanel {
	var all []pagePanel
	for _, d := range drawn {
		p := pagePanel{Title: d.Title, Width: d.GridPos.W, MinStep: d.Interval}
		for _, t := range d.Targets {
			if t.Expr != "" && !t.Hide && d.Datasource.Type == "prometheus" {
				p.Queries = append(p.Queries, pageQuery{Expr: t.Expr, Instant: t.Instant && !t.Range})
			}
		}
		if len(p.Queries) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// asked is a query as Grafana sends it.
type asked struct {
	panel, expr string
	instant     bool
	over, step  time.Duration
}

// pixels is how wide the panels of a page are together.
const pixels = 1600

// over is the time range a page opens with.
func (p page) over() time.Duration {
	return time.Duration(must.Get(model.ParseDuration(strings.TrimPrefix(p.From, "now-"))))
}

// asks are the queries of the page over a time range, with the variables' values in them.
func (p page) asks(values map[string]string, over time.Duration) []asked {
	var all []asked
	for _, panel := range p.Panels {
		step := panel.step(over)
		for _, q := range panel.Queries {
			expr := filled(q.Expr, values, over, step)
			all = append(all, asked{panel: strings.TrimSpace(panel.Title), expr: expr, instant: q.Instant, over: over, step: step})
		}
	}
	return all
}

// steps are the distances of points that Grafana takes, and up to which one each is taken.
var steps = []struct{ upTo, step time.Duration }{
	{25 * time.Second, 20 * time.Second}, {45 * time.Second, 30 * time.Second}, {90 * time.Second, time.Minute},
	{210 * time.Second, 2 * time.Minute}, {450 * time.Second, 5 * time.Minute}, {750 * time.Second, 10 * time.Minute},
	{1050 * time.Second, 15 * time.Minute}, {1500 * time.Second, 20 * time.Minute}, {45 * time.Minute, 30 * time.Minute},
	{2 * time.Hour, time.Hour},
}

// step is the distance of two points of the panel: a round one so that each has a pixel, but at least the scrape interval of the
// datasource, and the panel's own.
func (p pagePanel) step(over time.Duration) time.Duration {
	step := scrapeEvery
	if p.MinStep != "" {
		step = max(step, time.Duration(must.Get(model.ParseDuration(p.MinStep))))
	}
	each := over / time.Duration(pixels*p.Width/24)
	if i := slices.IndexFunc(steps, func(s struct{ upTo, step time.Duration }) bool { return each < s.upTo }); i >= 0 {
		return max(step, steps[i].step)
	}
	return max(step, each)
}

// reference is a variable in an expression: $name, ${name} or ${name:format}.
var reference = regexp.MustCompile(`\$(?:(\w+)|\{(\w+)(?::\w+)?\})`)

// filled is the expression with the values of variables, Grafana's own too. What is no variable, as $1, stays.
func filled(expr string, values map[string]string, over, step time.Duration) string {
	own := map[string]string{
		"__rate_interval": inSeconds(max(step+scrapeEvery, 4*scrapeEvery)),
		"__interval":      inSeconds(step),
		"__range":         inSeconds(over),
	}
	return reference.ReplaceAllStringFunc(expr, func(match string) string {
		parts := reference.FindStringSubmatch(match)
		name := parts[1] + parts[2]
		if value, is := own[name]; is {
			return value
		}
		if value, is := values[name]; is {
			return value
		}
		return match
	})
}

func inSeconds(d time.Duration) string { return fmt.Sprintf("%ds", int64(d.Seconds())) }
