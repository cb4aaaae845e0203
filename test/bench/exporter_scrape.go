package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
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
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", accepted)
	request.Header.Set("Accept-Encoding", encoding)
	answer, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	s.body.Reset()
	_, err = io.Copy(&s.body, answer.Body)
	err = firstOf(err, answer.Body.Close())
	if got := answer.Header.Get("Content-Encoding"); err == nil && (got == "gzip") != (encoding == "gzip") {
		err = fmt.Errorf("%s answers %q to a scrape that asks for %s", s.url, got, encoding)
	}
	return s.body.Bytes(), err
}

// infos is how many series of flux.StateInfo an exposition holds.
func infos(exposition []byte) int { return bytes.Count(exposition, []byte("\n"+flux.StateInfo+"{")) }

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
func (b *bed) scrapeTimes(ctx context.Context, s *scraper, encoding string, times int) (scrapes, error) {
	var all []time.Duration
	var before time.Duration
	result := scrapes{}
	for i := range warmUp + times {
		if i == warmUp {
			var err error
			if before, err = b.measured.cpu(); err != nil {
				return result, err
			}
		}
		from := time.Now()
		body, err := s.scrape(ctx, encoding)
		if err != nil {
			return result, err
		}
		if all = append(all, time.Since(from)); i == 0 {
			result.bytes, result.series, result.exposition = len(body), series(body), bytes.Clone(body)
		}
	}
	after, err := b.measured.cpu()
	result.took = time.Duration(median(all[warmUp:]) * float64(time.Millisecond))
	result.cpu = (after - before) / time.Duration(times)
	return result, err
}

// firstOf returns the first error there is.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
