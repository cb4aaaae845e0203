package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/internal/dashboards"
	"github.com/fluxmonitoring/operator/test/must"
)

// ourPages are the dashboards as they are built for the Flux of the history, but for those that ask another datasource.
func ourPages() []page {
	var all []page
	for _, d := range dashboards.Build(dashboards.Params{
		Exposure: exposure(), Job: fluxJob, StateJob: exporterJob, OperatorJob: operatorJob, Fleet: true,
	}) {
		all = append(all, pagesOf(d.JSON)...)
	}
	return all
}

// upstreamPages are what the dashboards in these files ask, which are Grafana's JSON.
func upstreamPages(files []string) []page {
	var all []page
	for _, file := range files {
		all = append(all, pagesOf(must.Get(os.ReadFile(file)))...)
	}
	return all
}

// values are what is chosen of a page's variables when it opens.
func (s *server) values(ctx context.Context, p page, over time.Duration) map[string]string {
	values := map[string]string{}
	for _, v := range p.Variables {
		if v.Query == "" {
			values[v.Name] = v.Value
			continue
		}
		found := listing.FindStringSubmatch(filled(v.Query, values, over, scrapeEvery))
		if found == nil {
			must.Succeed(fmt.Errorf("%q lists no values of a label", v.Query))
		}
		values[v.Name] = v.chosen(s.labelValues(ctx, found[2], found[1], over))
	}
	return values
}

// chosen is what stands for a variable in an expression when the page opens, of the values there are.
func (v pageVariable) chosen(all []string) string {
	switch {
	case v.All && v.AllValue != "":
		return v.AllValue
	case v.All:
		escaped := make([]string, 0, len(all))
		for _, one := range all {
			escaped = append(escaped, regexp.QuoteMeta(one))
		}
		return "(" + strings.Join(escaped, "|") + ")"
	case len(all) > 0:
		return all[0]
	default:
		return ""
	}
}

// listing is how a variable's query names series and the label whose values it lists.
var listing = regexp.MustCompile(`^label_values\((.+),\s*(\w+)\)$`)

// opened is a page that is opened several times: samples and answers are the same each time.
type opened struct {
	page
	over time.Duration
	// cpu is what Prometheus used each time.
	cpu  []time.Duration
	asks []asked
	// costs are those of each query alone.
	costs []queryCost
}

// open asks all that a page asks when it is opened: what its variables list one after the other, then the panels' queries, as many
// at a time as a browser does. The first time it asks each query again by itself, for what it costs.
func (s *server) open(ctx context.Context, o *opened) {
	before := s.process.cpu()
	o.asks = o.page.asks(s.values(ctx, o.page, o.over), o.over)
	s.askAll(ctx, o.asks, connections)
	o.cpu = append(o.cpu, s.process.cpu()-before)
	if o.costs == nil {
		o.costs = s.askAll(ctx, o.asks, 1)
	}
}

// askAll asks all queries in their order, so many at a time, and returns the cost of each.
func (s *server) askAll(ctx context.Context, asks []asked, atATime int) []queryCost {
	costs := make([]queryCost, len(asks))
	sideBySide(ctx, len(asks), atATime, func(ctx context.Context, i int) { costs[i] = s.ask(ctx, asks[i]) })
	return costs
}

// of is what the panels of these titles cost; all of them without titles.
func (o *opened) of(titles ...string) queryCost {
	var sum queryCost
	for i, q := range o.asks {
		if len(titles) == 0 || slices.Contains(titles, q.panel) {
			sum.samples += o.costs[i].samples
			sum.answer += o.costs[i].answer
		}
	}
	return sum
}

// titles are those of the panels that ask something.
func (o *opened) titles() []string {
	var all []string
	for _, q := range o.asks {
		all = append(all, q.panel)
	}
	return slices.Compact(all)
}
