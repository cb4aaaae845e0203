package exporter

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	. "github.com/onsi/gomega"
)

func TestTheRequestedFormatIsServed(t *testing.T) {
	for accept, want := range map[string]string{
		"":    "text/plain; version=0.0.4",
		"*/*": "text/plain; version=0.0.4", acceptText: "text/plain; version=0.0.4",
		acceptOpenMetrics: "application/openmetrics-text; version=1.0.0",
		"application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5": "application/openmetrics-text; version=1.0.0",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6," +
			"application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3": "application/openmetrics-text; version=1.0.0",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited": "text/plain; version=0.0.4",
	} {
		t.Run(accept, func(t *testing.T) {
			g := NewWithT(t)
			answer := get(exporterOf(t, "testdata/sources.yaml", false), accept, "")
			g.Expect(answer.Header().Get("Content-Type")).To(HavePrefix(want))
			g.Expect(strings.HasSuffix(answer.Body.String(), "# EOF\n")).To(Equal(strings.Contains(want, "openmetrics")))
		})
	}
}

func TestGzipIsServedOnRequest(t *testing.T) {
	g := NewWithT(t)
	e := exporterOf(t, "testdata/sources.yaml", true)
	plain := get(e, acceptText, "identity").Body.String()
	for encoding, compressed := range map[string]bool{
		"gzip": true, "br, gzip;q=0.5": true, "GZIP": true, "gzip;q=0": false, "deflate": false, "": false,
	} {
		answer := get(e, acceptText, encoding)
		g.Expect(answer.Header().Get("Content-Encoding") == "gzip").To(Equal(compressed), encoding)
		if compressed {
			reader, err := gzip.NewReader(answer.Body)
			must(t, err)
			text, err := io.ReadAll(reader)
			must(t, err)
			g.Expect(strings.Split(string(text), "\n")).To(ConsistOf(strings.Split(plain, "\n")))
		}
	}
}

func TestAnExporterThatFollowsNothingServesNothing(t *testing.T) {
	g := NewWithT(t)
	e := &Exporter{}
	for accept, want := range map[string]string{acceptText: "", acceptOpenMetrics: "# EOF\n"} {
		g.Expect(get(e, accept, "").Body.String()).To(Equal(want))
		g.Expect(scrape(t, e, accept)).To(BeEmpty())
	}
}

func TestOnlyReadingIsAllowed(t *testing.T) {
	g := NewWithT(t)
	answer := httptest.NewRecorder()
	(&Exporter{}).ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/metrics", nil))
	g.Expect(answer.Code).To(Equal(http.StatusMethodNotAllowed))
	answer = httptest.NewRecorder()
	exporterOf(t, "testdata/sources.yaml", true).ServeHTTP(answer, httptest.NewRequest(http.MethodHead, "/metrics", nil))
	g.Expect(answer.Code).To(Equal(http.StatusOK))
	g.Expect(answer.Body.Len()).To(BeZero())
}

func TestAnAbortedScrapeHarmsNoOther(t *testing.T) {
	g := NewWithT(t)
	e := exporterOf(t, "testdata/sources.yaml", true)
	before := e.text(false)
	closed, connection := io.Pipe()
	must(t, closed.Close())
	e.write(connection, false)
	g.Expect(e.text(false)).To(Equal(before))
}
