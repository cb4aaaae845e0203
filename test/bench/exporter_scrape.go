package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/must"
)

// accepted is what Prometheus asks for, but for its own format of native histograms.
const accepted = "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"

// scraper asks for metrics as Prometheus does, over one connection.
type scraper struct {
	client *http.Client
	url    string
	body   bytes.Buffer
}

func newScraper(port int) *scraper {
	return &scraper{
		client: &http.Client{Transport: &http.Transport{DisableCompression: true}}, // what is compressed is measured as it is
		url:    fmt.Sprintf("http://127.0.0.1:%d/metrics", port),
	}
}

// scrape returns what is served, until the next scrape.
func (s *scraper) scrape(ctx context.Context, encoding string) ([]byte, error) {
	request := must.Get(http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil))
	request.Header.Set("Accept", accepted)
	request.Header.Set("Accept-Encoding", encoding)
	answer, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // it has been read, or the error says why not.
	s.body.Reset()
	_, err = s.body.ReadFrom(answer.Body)
	if got := answer.Header.Get("Content-Encoding"); err == nil && (got == "gzip") != (encoding == "gzip") {
		err = fmt.Errorf("%s answers %q to a scrape that asks for %s", s.url, got, encoding)
	}
	return s.body.Bytes(), err
}

// infos is how many series of flux.StateInfo an exposition holds of Flux objects. The operator exports its FluxMonitorings too.
func infos(exposition []byte) int {
	info := "\n" + flux.StateInfo + "{"
	return bytes.Count(exposition, []byte(info)) - bytes.Count(exposition, []byte(info+`customresource_group="fluxmonitoring.dev"`))
}

// series is how many series it holds at all.
func series(exposition []byte) (n int) {
	for line := range strings.Lines(string(exposition)) {
		if !strings.HasPrefix(line, "#") {
			n++
		}
	}
	return n
}

// scrapes is what a scrape costs.
type scrapes struct {
	took, cpu     time.Duration // the median, and the mean
	bytes, series int
	exposition    []byte
}

// scrapeTimes scrapes again and again.
func (b *bed) scrapeTimes(ctx context.Context, s *scraper, encoding string, n int) scrapes {
	first := must.Get(s.scrape(ctx, encoding))
	result := scrapes{bytes: len(first), series: series(first), exposition: bytes.Clone(first)}
	s.times(ctx, encoding, warmUp)
	before := b.measured.cpu()
	result.took = middle(s.times(ctx, encoding, n))
	result.cpu = (b.measured.cpu() - before) / time.Duration(n)
	return result
}

// times are how long each of n scrapes takes.
func (s *scraper) times(ctx context.Context, encoding string, n int) (all []time.Duration) {
	for range n {
		from := time.Now()
		must.Get(s.scrape(ctx, encoding))
		all = append(all, time.Since(from))
	}
	return all
}
