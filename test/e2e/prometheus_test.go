//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/rest"
)

// prometheus is Prometheus's HTTP API, through the API server.
type prometheus struct{ rest rest.Interface }

const prometheusAPI = "/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy/api/v1/"

// sample is one series with its last value.
type sample struct {
	labels map[string]string
	value  string
}

// answer is what Prometheus wraps its data in.
type answer struct {
	Status   string          `json:"status"`
	Data     json.RawMessage `json:"data"`
	Error    string          `json:"error"`
	Warnings []string        `json:"warnings"`
	Infos    []string        `json:"infos"`
}

// get asks for a path of the API. A warning is an error, for it would be shown to the viewer.
func (p prometheus) get(ctx context.Context, path string, parameters map[string]string, into any) error {
	request := p.rest.Get().AbsPath(prometheusAPI + path)
	for key, value := range parameters {
		request = request.Param(key, value)
	}
	body, err := request.Do(ctx).Raw()
	a := answer{}
	if json.Unmarshal(body, &a) != nil || a.Status != "success" && a.Error == "" {
		return fmt.Errorf("Prometheus does not answer: %w: %s", err, body)
	}
	if complaints := slices.Concat(a.Warnings, a.Infos); a.Error != "" || len(complaints) > 0 {
		return fmt.Errorf("Prometheus returns: %s%s", a.Error, strings.Join(complaints, "; "))
	}
	return json.Unmarshal(a.Data, into)
}

// query evaluates an expression now.
func (p prometheus) query(ctx context.Context, expr string) ([]sample, error) {
	var data struct {
		Result []struct {
			Metric map[string]string `json:"metric"`
			Value  [2]any            `json:"value"`
		} `json:"result"`
	}
	if err := p.get(ctx, "query", map[string]string{"query": expr}, &data); err != nil {
		return nil, err
	}
	samples := []sample{}
	for _, r := range data.Result {
		samples = append(samples, sample{r.Metric, fmt.Sprint(r.Value[1])})
	}
	return samples, nil
}

// queryRange evaluates an expression over the window that ends now, and returns each series with the last value that is a
// number.
func (p prometheus) queryRange(ctx context.Context, expr string, window, step time.Duration) ([]sample, error) {
	now := time.Now()
	all, err := p.evaluated(ctx, expr, now.Add(-window), now, step)
	if err != nil {
		return nil, err
	}
	samples := []sample{}
	for _, one := range all {
		s := sample{one.labels, "NaN"}
		for _, point := range one.points {
			if point.value != "NaN" {
				s.value = point.value
			}
		}
		samples = append(samples, s)
	}
	return samples, nil
}

// values are those a label has among the series that match.
func (p prometheus) values(ctx context.Context, match, label string) ([]string, error) {
	values := []string{}
	err := p.get(ctx, "label/"+label+"/values", map[string]string{"match[]": match}, &values)
	return values, err
}

// targets are those scraped through the PodMonitor of a job, as app and health. No query is used, because the series of a
// target stay for five minutes when its whole job goes at once.
func (p prometheus) targets(ctx context.Context, job string) ([]string, error) {
	var data struct {
		ActiveTargets []struct {
			ScrapePool string            `json:"scrapePool"`
			Health     string            `json:"health"`
			Labels     map[string]string `json:"labels"`
		} `json:"activeTargets"`
	}
	err := p.get(ctx, "targets", map[string]string{"state": "active"}, &data)
	found := []string{}
	for _, t := range data.ActiveTargets {
		if strings.HasPrefix(t.ScrapePool, "podMonitor/"+job+"/") {
			found = append(found, strings.TrimSpace(t.Labels["app"]+" "+t.Health))
		}
	}
	return found, err
}

// group is one rule group as Prometheus has loaded it.
type group struct {
	Name  string `json:"name"`
	File  string `json:"file"`
	Rules []rule `json:"rules"`
}

// rule is one rule of it.
type rule struct {
	Name      string            `json:"name"`
	Query     string            `json:"query"`
	Duration  float64           `json:"duration"`
	Labels    map[string]string `json:"labels"`
	State     string            `json:"state"`
	Health    string            `json:"health"`
	LastError string            `json:"lastError"`
}

// groups are those loaded from PrometheusRules of the sample's namespace and name.
func (p prometheus) groups(ctx context.Context) ([]group, error) {
	var data struct {
		Groups []group `json:"groups"`
	}
	if err := p.get(ctx, "rules", nil, &data); err != nil {
		return nil, err
	}
	mine := slices.DeleteFunc(data.Groups, func(g group) bool { return !strings.Contains(g.File, "/"+namespace+"-"+name+"-") })
	return mine, nil
}

// alert is the rule for one alert of one controller; without a state while it is not loaded.
func (p prometheus) alert(ctx context.Context, name, app string) (rule, error) {
	groups, err := p.groups(ctx)
	for _, g := range groups {
		for _, r := range g.Rules {
			if r.Name == name && r.Labels["app"] == app {
				return r, err
			}
		}
	}
	return rule{}, err
}

// by puts samples as their values by the given labels.
func by(samples []sample, labels ...string) map[string]string {
	all := map[string]string{}
	for _, s := range samples {
		var key []string
		for _, label := range labels {
			key = append(key, s.labels[label])
		}
		all[strings.Join(key, " ")] = s.value
	}
	return all
}

// keys of a map, sorted.
func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

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
