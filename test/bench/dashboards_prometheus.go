package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// connections is how many requests a browser has open to a server at a time.
const connections = 6

// server is a Prometheus with a history, at the moment it ends.
type server struct {
	process *process
	address string
	now     time.Time
	client  *http.Client
}

// serve starts a Prometheus on a data folder. It scrapes nothing, evaluates nothing and leaves the blocks as they are.
func (b *bed) serve(ctx context.Context, data string, now time.Time) (*server, error) {
	folders, err := parts.Build(ctx, os.Stderr, "prometheus")
	if err != nil {
		return nil, err
	}
	addresses, err := cluster.FreeAddresses(1)
	if err != nil {
		return nil, err
	}
	configuration := filepath.Join(b.folder, "prometheus.yaml")
	if err := os.WriteFile(configuration, []byte("{}\n"), 0o644); err != nil {
		return nil, err
	}
	s := &server{address: addresses[0], now: now, client: &http.Client{
		Transport: &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections},
	}}
	s.process, err = launch(ctx, "prometheus", filepath.Join(folders[0], "prometheus"), filepath.Join(b.folder, "prometheus.log"), b.fail,
		"--config.file="+configuration, "--storage.tsdb.path="+data, "--storage.tsdb.retention.time=100y",
		"--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h",
		"--web.listen-address="+s.address, "--query.max-samples=500000000", "--query.timeout=10m", "--log.level=warn")
	if err != nil {
		return nil, err
	}
	b.measured = s.process
	return s, s.ready(ctx)
}

// ready waits until Prometheus answers queries.
func (s *server) ready(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	for {
		if _, err := s.get(ctx, "/-/ready", nil); err == nil {
			return nil
		}
		if err := pause(ctx, between); err != nil {
			return fmt.Errorf("waiting for Prometheus: %w", err)
		}
	}
}

// get returns what the server answers.
func (s *server) get(ctx context.Context, path string, parameters url.Values) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+path, strings.NewReader(parameters.Encode()))
	if strings.HasPrefix(path, "/-/") || strings.Contains(path, "/label/") {
		request, err = http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+path+"?"+parameters.Encode(), nil)
	}
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // all of it has been read, or the error says why not.
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %.300s", path, response.Status, body)
	}
	return body, err
}

// queryCost is what a query took.
type queryCost struct {
	// samples it has looked at, and the most it held at a time.
	samples, peak int64
	// evaluation is Prometheus' own account of the time.
	evaluation time.Duration
	// answer is the size of what it answered.
	answer int
	// results is how many series it answered.
	results int
}

// ask evaluates a query and tells its cost.
func (s *server) ask(ctx context.Context, q asked) (queryCost, error) {
	path, parameters := "/api/v1/query", url.Values{"query": {q.expr}, "stats": {"all"}}
	if q.instant {
		parameters.Set("time", stamp(s.now))
	} else {
		path = "/api/v1/query_range"
		end := s.now.Truncate(q.step)
		parameters.Set("start", stamp(s.now.Add(-q.over).Truncate(q.step)))
		parameters.Set("end", stamp(end))
		parameters.Set("step", strconv.FormatFloat(q.step.Seconds(), 'f', -1, 64))
	}
	body, err := s.get(ctx, path, parameters)
	if err != nil {
		return queryCost{}, fmt.Errorf("%s: %w", q.expr, err)
	}
	var told struct {
		Data struct {
			Result []json.RawMessage
			Stats  struct {
				Timings struct{ EvalTotalTime float64 }
				Samples struct{ TotalQueryableSamples, PeakSamples int64 }
			}
		}
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return queryCost{}, fmt.Errorf("%s: %w", q.expr, err)
	}
	stats := told.Data.Stats
	return queryCost{
		samples: stats.Samples.TotalQueryableSamples, peak: stats.Samples.PeakSamples, answer: len(body), results: len(told.Data.Result),
		evaluation: time.Duration(stats.Timings.EvalTotalTime * float64(time.Second)),
	}, nil
}

// labelValues are the values of a label on series that match, as a variable of a dashboard lists them.
func (s *server) labelValues(ctx context.Context, label, match string, over time.Duration) ([]string, error) {
	body, err := s.get(ctx, "/api/v1/label/"+label+"/values", url.Values{
		"match[]": {match}, "start": {stamp(s.now.Add(-over))}, "end": {stamp(s.now)},
	})
	if err != nil {
		return nil, err
	}
	var told struct{ Data []string }
	return told.Data, json.Unmarshal(body, &told)
}

func stamp(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }
