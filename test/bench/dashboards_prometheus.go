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
	"time"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/must"
)

// connections is how many requests a browser has open to a server at a time.
const connections = 6

// server is a Prometheus with a history, at the moment it ends.
type server struct {
	process measured
	address string
	now     time.Time
	client  *http.Client
}

// serve starts a Prometheus on a data folder. It scrapes nothing, evaluates nothing and leaves the blocks as they are.
func (b *bed) serve(ctx context.Context, data string, now time.Time) *server {
	program := filepath.Join(must.Get(parts.Build(ctx, os.Stderr, "prometheus"))[0], "prometheus")
	configuration := filepath.Join(b.folder, "prometheus.yaml")
	must.Succeed(os.WriteFile(configuration, []byte("{}\n"), 0o644))
	address := must.Get(cluster.FreeAddresses(1))[0]
	b.launch(ctx, "prometheus", program, "--config.file="+configuration, "--storage.tsdb.path="+data, "--storage.tsdb.retention.time=100y",
		"--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h",
		"--web.listen-address="+address, "--query.max-samples=500000000", "--query.timeout=10m", "--log.level=warn")
	s := &server{process: b.measured, address: address, now: now, client: &http.Client{
		Transport: &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections},
	}}
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	for must.Try(func() { s.get(ctx, "/-/ready", nil) }) != nil {
		pause(ctx, between)
	}
	return s
}

// get returns what the server answers.
func (s *server) get(ctx context.Context, path string, parameters url.Values) []byte {
	address := "http://" + s.address + path + "?" + parameters.Encode()
	response, err := s.client.Do(must.Get(http.NewRequestWithContext(ctx, http.MethodGet, address, nil)))
	must.Succeed(err)
	defer response.Body.Close() //nolint:errcheck // all of it has been read, or the error says why not.
	body := must.Get(io.ReadAll(response.Body))
	if response.StatusCode != http.StatusOK {
		must.Succeed(fmt.Errorf("%s: %s: %.300s", address, response.Status, body))
	}
	return body
}

// queryCost is what a query took.
type queryCost struct {
	samples int64 // that it reads
	answer  int   // the size of what it answers
	results int   // how many series it answers
}

// ask evaluates a query, and returns its cost.
func (s *server) ask(ctx context.Context, q asked) queryCost {
	path, parameters := "/api/v1/query", url.Values{"query": {q.expr}, "stats": {"all"}}
	if q.instant {
		parameters.Set("time", stamp(s.now))
	} else {
		path = "/api/v1/query_range"
		parameters.Set("start", stamp(s.now.Add(-q.over).Truncate(q.step)))
		parameters.Set("end", stamp(s.now.Truncate(q.step)))
		parameters.Set("step", strconv.FormatFloat(q.step.Seconds(), 'f', -1, 64))
	}
	body := s.get(ctx, path, parameters)
	var answer struct {
		Data struct {
			Result []json.RawMessage
			Stats  struct {
				Samples struct{ TotalQueryableSamples int64 }
			}
		}
	}
	must.Succeed(json.Unmarshal(body, &answer))
	return queryCost{samples: answer.Data.Stats.Samples.TotalQueryableSamples, answer: len(body), results: len(answer.Data.Result)}
}

// labelValues are the values of a label on series that match, as a variable of a dashboard lists them.
func (s *server) labelValues(ctx context.Context, label, match string, over time.Duration) []string {
	body := s.get(ctx, "/api/v1/label/"+label+"/values", url.Values{
		"match[]": {match}, "start": {stamp(s.now.Add(-over))}, "end": {stamp(s.now)},
	})
	var answer struct{ Data []string }
	must.Succeed(json.Unmarshal(body, &answer))
	return answer.Data
}

func stamp(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }
