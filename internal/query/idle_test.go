package query

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/timestamp"
	promqlengine "github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// idle is a Prometheus that has, of whatever is selected, what matches, and all of it with one value that does not change.
type idle struct{ value float64 }

// Querier lets the engine read these series.
func (i idle) Querier(from, to int64) (storage.Querier, error) {
	return querier(func(matchers []*labels.Matcher) (found []promqlengine.Series) {
		for _, one := range matching(matchers) {
			s, v := promqlengine.Series{Metric: one}, i.value
			if one.Get(model.MetricNameLabel) == flux.RecordedCount { // which is not there rather than 0
				v = max(v, 1)
			}
			for at := from; at <= to; at += (15 * time.Minute).Milliseconds() {
				s.Floats = append(s.Floats, promqlengine.FPoint{T: at, F: v})
			}
			s.Floats = append(s.Floats, promqlengine.FPoint{T: to, F: v})
			found = append(found, s)
		}
		return found
	}), nil
}

// matching are series that matchers select, of each metric one, or one for each bucket. A label without a matcher has one value on all.
func matching(matchers []*labels.Matcher) []labels.Labels {
	values := map[string]string{"cluster": "x", "namespace": "x", "app": "x", "kind": "x", "customresource_kind": "x", "exported_namespace": "x",
		"name": "x", "controller": "x"}
	var metrics []string
	for _, m := range matchers {
		matched := []string{m.Value}
		if m.Type == labels.MatchRegexp {
			matched = m.SetMatches()
		}
		switch {
		case m.Type != labels.MatchEqual && m.Type != labels.MatchRegexp || len(matched) == 0:
		case m.Name == model.MetricNameLabel:
			metrics = matched
		default:
			values[m.Name] = matched[0]
		}
	}
	var all []labels.Labels
	for _, metric := range metrics {
		b := labels.NewBuilder(labels.FromStrings(model.MetricNameLabel, metric))
		for label, value := range values {
			if flux.Carries(metric, label) {
				b.Set(label, value)
			}
		}
		if len(metrics) > 1 { // which are the same when the name is dropped
			b.Set("name", metric)
		}
		if !strings.HasSuffix(metric, "_bucket") {
			all = append(all, b.Labels())
			continue
		}
		for _, bound := range []string{"1", "+Inf"} {
			all = append(all, b.Set("le", bound).Labels())
		}
	}
	return all
}

// evaluated are all queries, and those that functions make of them.
func evaluated() map[string]Query {
	all := Catalogue()
	all["ObjectState"], all["TroubledState"] = ObjectState(flux.Exporter.Records()), TroubledState(flux.Exporter.Records())
	all["DependentsOf"], all["LongNotReadyRatio"] = DependentsOf("GitRepository", "x", "x"), LongNotReadyRatio(0)
	return all
}

// Counters that stand still divide 0 by 0. Grafana has no place on an axis for the outcome, and no rule means it.
func TestIdleControllersHaveNoPointInsteadOfNaN(t *testing.T) {
	engine := newPrometheus().engine
	for name, query := range evaluated() {
		t.Run(name, func(t *testing.T) {
			g, text := NewWithT(t), query.String()
			for _, value := range []float64{0, 7} {
				q, err := engine.NewInstantQuery(context.Background(), idle{value}, nil, text, timestamp.Time(int64(96*time.Hour/time.Millisecond)))
				g.Expect(err).NotTo(HaveOccurred())
				answer, err := q.Exec(context.Background()).Vector()
				g.Expect(err).NotTo(HaveOccurred())
				for _, sample := range answer {
					g.Expect(math.IsNaN(sample.F) || math.IsInf(sample.F, 0)).To(BeFalse(), "%s at %v: %s", text, value, sample)
				}
				q.Close()
			}
		})
	}
}
