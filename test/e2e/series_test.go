//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"
)

// series is one series over some time.
type series struct {
	labels map[string]string
	points []point
}

// point is one of its samples.
type point struct {
	at    time.Time
	value string
}

// stored are the samples of a selector since then as they were scraped or recorded, without any that are looked back for.
func (p prometheus) stored(ctx context.Context, selector string, since time.Time) ([]series, error) {
	span := strconv.Itoa(int(math.Ceil(time.Since(since).Seconds())))
	all, err := p.matrix(ctx, "query", map[string]string{"query": selector + "[" + span + "s]"})
	for i := range all {
		kept := all[i].points[:0]
		for _, one := range all[i].points {
			if !one.at.Before(since) {
				kept = append(kept, one)
			}
		}
		all[i].points = kept
	}
	return all, err
}

// evaluated are the values of an expression over some time, as rules would see it.
func (p prometheus) evaluated(ctx context.Context, expr string, from, until time.Time, step time.Duration) ([]series, error) {
	return p.matrix(ctx, "query_range", map[string]string{
		"query": expr, "start": seconds(from), "end": seconds(until), "step": strconv.FormatFloat(step.Seconds(), 'f', -1, 64),
	})
}

func (p prometheus) matrix(ctx context.Context, path string, parameters map[string]string) ([]series, error) {
	var data struct {
		Result []struct {
			Metric map[string]string `json:"metric"`
			Values [][2]any          `json:"values"`
		} `json:"result"`
	}
	if err := p.get(ctx, path, parameters, &data); err != nil {
		return nil, err
	}
	all := []series{}
	for _, r := range data.Result {
		s := series{labels: r.Metric}
		for _, value := range r.Values {
			at, ok := value[0].(float64)
			if !ok {
				return nil, fmt.Errorf("%v is not a time", value[0])
			}
			s.points = append(s.points, point{time.UnixMilli(int64(math.Round(at * 1000))), fmt.Sprint(value[1])})
		}
		all = append(all, s)
	}
	return all, nil
}

func seconds(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }
