package query

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/timestamp"
	"github.com/prometheus/prometheus/model/value"
	promqlengine "github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// prometheus stores samples in order and has Prometheus' query engine. It scrapes and evaluates as Prometheus does, when a test calls it.
type prometheus struct {
	engine *promqlengine.Engine
	stored map[uint64]*promqlengine.Series
	// scraped are the series of the last scrape, recorded those of the last evaluation of each rule.
	scraped  []labels.Labels
	recorded map[string][]labels.Labels
	// enforced is the label namespace that every recorded series is given (enforcedNamespaceLabel); empty where none is enforced.
	enforced string
}

func newPrometheus() *prometheus {
	return &prometheus{
		engine:   promqlengine.NewEngine(promqlengine.EngineOpts{MaxSamples: 50_000_000, Timeout: time.Minute, EnableAtModifier: true, Parser: parser.NewParser(parser.Options{})}),
		stored:   map[uint64]*promqlengine.Series{},
		recorded: map[string][]labels.Labels{},
	}
}

func (p *prometheus) append(one labels.Labels, at time.Time, v float64) {
	s, has := p.stored[one.Hash()]
	if !has {
		s = &promqlengine.Series{Metric: one}
		p.stored[one.Hash()] = s
	}
	s.Floats = append(s.Floats, promqlengine.FPoint{T: timestamp.FromTime(at), F: v})
}

// ended stores a stale marker in each earlier series that is not among the present ones.
func (p *prometheus) ended(before, present []labels.Labels, at time.Time) {
	kept := map[uint64]bool{}
	for _, s := range present {
		kept[s.Hash()] = true
	}
	for _, s := range before {
		if !kept[s.Hash()] {
			p.append(s, at, math.Float64frombits(value.StaleNaN))
		}
	}
}

// Querier lets the engine read what is stored.
func (p *prometheus) Querier(int64, int64) (storage.Querier, error) {
	return querier(func(matchers []*labels.Matcher) (found []promqlengine.Series) {
		for _, s := range p.stored {
			if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(s.Metric.Get(m.Name)) }) {
				found = append(found, *s)
			}
		}
		return found
	}), nil
}

// querier is a Querier whose series a function selects.
func querier(selected func([]*labels.Matcher) []promqlengine.Series) storage.Querier {
	return &storage.MockQuerier{SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
		return &seriesSet{storage.EmptySeriesSet(), nil, selected(matchers)}
	}}
}

// seriesSet are series for the engine to go through, without errors and warnings.
type seriesSet struct {
	storage.SeriesSet
	at   storage.Series
	rest []promqlengine.Series
}

func (s *seriesSet) Next() bool {
	if len(s.rest) == 0 {
		return false
	}
	s.at, s.rest = promqlengine.NewStorageSeries(s.rest[0]), s.rest[1:]
	return true
}

func (s *seriesSet) At() storage.Series { return s.at }

// scrape stores what a target exposes, and a stale marker in the rest of what it exposed before.
func (p *prometheus) scrape(at time.Time, exposed []labels.Labels) {
	p.ended(p.scraped, exposed, at)
	for _, one := range exposed {
		p.append(one, at, 1)
	}
	p.scraped = exposed
}

// evaluate evaluates a group of recordings, and does something after the rule of a number.
func (p *prometheus) evaluate(t testing.TB, at time.Time, group []Recording, cluster string, after int, then func()) {
	t.Helper()
	for i, r := range group {
		p.record(t, at, r, cluster)
		if i == after {
			then()
		}
	}
}

// record evaluates one rule and stores its result, and a stale marker in the rest of its earlier result.
func (p *prometheus) record(t testing.TB, at time.Time, r Recording, cluster string) {
	t.Helper()
	var now []labels.Labels
	for _, s := range p.ask(t, at, r.Query.String()) {
		b := labels.NewBuilder(s.Metric).Set(model.MetricNameLabel, r.Name)
		if cluster != "" {
			b.Set(flux.LabelCluster, cluster)
		}
		if p.enforced != "" {
			b.Set("namespace", p.enforced)
		}
		same := func(other labels.Labels) bool { return labels.Equal(other, b.Labels()) }
		NewWithT(t).Expect(slices.ContainsFunc(now, same)).To(BeFalse(), "%s has %s twice, for which Prometheus drops the rule", r.Name, b.Labels())
		now = append(now, b.Labels())
		p.append(b.Labels(), at, s.F)
	}
	p.ended(p.recorded[r.Name], now, at)
	p.recorded[r.Name] = now
}

// ask is the answer to a query at a time.
func (p *prometheus) ask(t testing.TB, at time.Time, expr string) promqlengine.Vector {
	t.Helper()
	g := NewWithT(t)
	q, err := p.engine.NewInstantQuery(context.Background(), p, nil, expr, at)
	g.Expect(err).NotTo(HaveOccurred(), expr)
	defer q.Close()
	answer, err := q.Exec(context.Background()).Vector()
	g.Expect(err).NotTo(HaveOccurred(), expr)
	return append(promqlengine.Vector{}, answer...) // what the query holds is used again when it is closed
}
