package exporter

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/given"
	"github.com/fluxmonitoring/operator/test/rig"
)

// now is the time in tests.
const now = 1_800_000_000

// served is a kind of Flux in a version.
func served(name, version string) flux.ServedKind { return given.Kinds(name + "/" + version)[0] }

var kustomizations = served("Kustomization", "v1")

// newTestStore is one that no API server fills.
func newTestStore(kind flux.ServedKind, legacy bool, b *seriesLimiter, before *store) *store {
	b.configure(nil, NamespaceSet{All: legacy})
	s := newStore(newSchema(kind), b, before, func() {})
	s.now = func() time.Time { return time.Unix(now, 0) }
	return s
}

// newServingExporter is an exporter that serves these stores.
func newServingExporter(stores ...*store) *Exporter {
	e := &Exporter{}
	e.view.Store(&view{stores: stores, limiter: stores[0].limiter})
	return e
}

// asJSON makes JSON of a YAML document.
func asJSON(t testing.TB, document string) []byte {
	t.Helper()
	raw, err := yaml.YAMLToJSON([]byte(document))
	must(t, err)
	return raw
}

// read decodes an object of the store's kind.
func (s *store) read(t testing.TB, raw []byte) *object {
	t.Helper()
	o, err := decodeObject(raw, s.schema)
	must(t, err)
	return o
}

// documents are the objects in a file, with their kinds.
func documents(t testing.TB, file string) (kinds []flux.ServedKind, objects [][]byte) {
	t.Helper()
	for document := range strings.SplitSeq(rig.Read(t, file), "\n---\n") {
		var of struct{ APIVersion, Kind string }
		must(t, yaml.Unmarshal([]byte(document), &of))
		kinds = append(kinds, served(of.Kind, schema.FromAPIVersionAndKind(of.APIVersion, of.Kind).Version))
		objects = append(objects, asJSON(t, document))
	}
	return kinds, objects
}

// text is the exposition with the samples of each family in order.
func (e *Exporter) text(openMetrics bool) string {
	var out bytes.Buffer
	e.write(&out, openMetrics)
	var lines, family []string
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "# ") {
			slices.Sort(family)
			lines, family = append(append(lines, family...), line), nil
		} else {
			family = append(family, line)
		}
	}
	slices.Sort(family)
	return strings.Join(append(lines, family...), "")
}

// valueOf is the value of a line of an exposition.
func valueOf(line string) string { return line[strings.LastIndexByte(line, ' ')+1:] }

// samples are the lines of an exposition that are of a family.
func samples(exposition, family string) []string {
	var found []string
	for line := range strings.Lines(exposition) {
		if strings.HasPrefix(line, family+"{") {
			found = append(found, strings.TrimSuffix(line, "\n"))
		}
	}
	return found
}

// parse has the samples of an exposition, by Prometheus' own parser.
func parse(t testing.TB, exposition []byte, contentType string) (all []labels.Labels) {
	t.Helper()
	parser, err := textparse.New(exposition, contentType, labels.NewSymbolTable(), textparse.ParserOptions{})
	must(t, err)
	for {
		entry, err := parser.Next()
		switch {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatalf("%v in:\n%s", err, exposition)
		case entry == textparse.EntrySeries:
			var l labels.Labels
			parser.Labels(&l)
			all = append(all, l)
		}
	}
}

const (
	acceptText        = "text/plain;version=0.0.4"
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0"
)

// get is the answer to a scrape.
func get(e http.Handler, accept, encoding string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", encoding)
	answer := httptest.NewRecorder()
	e.ServeHTTP(answer, request)
	return answer
}

// scrape scrapes and parses.
func scrape(t testing.TB, e http.Handler, accept string) []labels.Labels {
	t.Helper()
	answer := get(e, accept, "")
	return parse(t, answer.Body.Bytes(), answer.Header().Get("Content-Type"))
}
