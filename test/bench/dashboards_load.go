package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/dashboards"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// ourPages are the dashboards as they are built for the Flux of the history, but for those that ask another datasource.
func ourPages() ([]page, error) {
	var all []page
	for _, d := range dashboards.Build(dashboards.Params{
		Exposure: exposure(), Job: fluxJob, StateJob: exporterJob, OperatorJob: operatorJob, Fleet: true,
	}) {
		pages, err := pagesOf(d.JSON)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name, err)
		}
		all = append(all, pages...)
	}
	return all, nil
}

// upstreamPages are what upstream's dashboards ask.
func upstreamPages() ([]page, error) {
	root, err := parts.Checkout()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(root, "test", "bench", "testdata", "upstream_*.yaml"))
	if err != nil {
		return nil, err
	}
	var all []page
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var p page
		if err := yaml.UnmarshalStrict(content, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, p)
	}
	return all, nil
}

// values are what is chosen of a page's variables when it opens.
func (s *server) values(ctx context.Context, p page, over time.Duration) (map[string]string, error) {
	values := map[string]string{}
	for _, v := range p.Variables {
		if v.Query == "" {
			values[v.Name] = v.Value
			continue
		}
		match, label, err := listed(filled(v.Query, values, over, scrapeEvery))
		if err != nil {
			return nil, err
		}
		all, err := s.labelValues(ctx, label, match, over)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.Query, err)
		}
		values[v.Name] = v.chosen(all)
	}
	return values, nil
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

// listed reads a variable's query.
func listed(query string) (match, label string, err error) {
	found := listing.FindStringSubmatch(query)
	if found == nil {
		return "", "", fmt.Errorf("%q lists no values of a label", query)
	}
	return found[1], found[2], nil
}

// pageLoad is what it cost to open a page.
type pageLoad struct {
	// wall is the time until the last answer, listing the part of it that the variables took, and cpu what Prometheus used.
	wall, listing, cpu time.Duration
	asks               []asked
	// costs are those of each query alone.
	costs []queryCost
}

// open asks all that a page asks when it is opened: what its variables list one after the other, then the panels' queries, as many
// at a time as a browser does; and then each query again by itself, for what it costs.
func (s *server) open(ctx context.Context, p page, over time.Duration) (pageLoad, error) {
	used, err := s.process.cpu()
	if err != nil {
		return pageLoad{}, err
	}
	began := time.Now()
	values, err := s.values(ctx, p, over)
	if err != nil {
		return pageLoad{}, err
	}
	l := pageLoad{listing: time.Since(began)}
	if l.asks, err = p.asks(values, over); err != nil {
		return pageLoad{}, err
	}
	if _, err := s.askAll(ctx, l.asks, connections); err != nil {
		return pageLoad{}, err
	}
	l.wall = time.Since(began)
	all, err := s.process.cpu()
	if err != nil {
		return pageLoad{}, err
	}
	l.cpu = all - used
	l.costs, err = s.askAll(ctx, l.asks, 1)
	return l, err
}

// askAll asks all queries in their order, so many at a time, and returns the cost of each.
func (s *server) askAll(ctx context.Context, asks []asked, atATime int) ([]queryCost, error) {
	costs, errs := make([]queryCost, len(asks)), make([]error, atATime)
	var next atomic.Int64
	var all sync.WaitGroup
	for c := range atATime {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(asks)) && errs[c] == nil; i = next.Add(1) - 1 {
				costs[i], errs[c] = s.ask(ctx, asks[i])
			}
		})
	}
	all.Wait()
	return costs, errors.Join(errs...)
}

// opened is what several loads of a page say: samples and answers are the same each time, times are medians.
type opened struct {
	page
	over               time.Duration
	wall, listing, cpu time.Duration
	asks               []asked
	costs              []queryCost
}

// settledLoads makes one of several loads.
func settledLoads(p page, over time.Duration, loads []pageLoad) opened {
	o := opened{page: p, over: over, asks: loads[0].asks, costs: slices.Clone(loads[0].costs)}
	middle := func(of func(pageLoad) time.Duration) time.Duration {
		var all []time.Duration
		for _, l := range loads {
			all = append(all, of(l))
		}
		return time.Duration(median(all) * float64(time.Millisecond))
	}
	o.wall = middle(func(l pageLoad) time.Duration { return l.wall })
	o.listing = middle(func(l pageLoad) time.Duration { return l.listing })
	o.cpu = middle(func(l pageLoad) time.Duration { return l.cpu })
	for i := range o.costs {
		o.costs[i].evaluation = middle(func(l pageLoad) time.Duration { return l.costs[i].evaluation })
	}
	return o
}

// of is what the panels of these titles cost; all of them without titles.
func (o opened) of(titles ...string) queryCost {
	var sum queryCost
	for i, q := range o.asks {
		if len(titles) == 0 || slices.Contains(titles, q.panel) {
			sum.samples += o.costs[i].samples
			sum.evaluation += o.costs[i].evaluation
			sum.answer += o.costs[i].answer
			sum.peak = max(sum.peak, o.costs[i].peak)
		}
	}
	return sum
}

// titles are those of the panels that ask something.
func (o opened) titles() []string {
	var all []string
	for _, q := range o.asks {
		all = append(all, q.panel)
	}
	return slices.Compact(all)
}
