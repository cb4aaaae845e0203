package exporter

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/shallow"
	"github.com/fluxmonitoring/operator/test/cost"
)

// FuzzObject serves whatever an object may be, of every kind, and has Prometheus read it.
func FuzzObject(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	must(f, err)
	for _, file := range files {
		_, objects := documents(f, file)
		for _, raw := range objects {
			f.Add(raw)
		}
	}
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"metadata":{"name":"\ud800","namespace":"` + "\xff\xfe" + `"}}`))
	f.Add([]byte(`{"metadata":{"name":"a","name":"b","na\u006de":"c"},"metadata":{"namespace":"d"},"spec":{"url":"https://a:b@c/d"}}`))
	f.Add([]byte(`{"status":{"history":[{"firstReconciled":"2026-01-01T00:00:00Z","lastReconciled":"2026-01-01T00:00:00Z","lastReconciledStatus":"x"}]}}`))
	f.Add([]byte(`{"status":{"conditions":[` + strings.Repeat(`{"type":"Ready","status":"False"},`, 100) + `1]}}`))
	f.Add([]byte(`[]`))
	for _, character := range awkward {
		f.Add([]byte(`{"metadata":{"name":"` + strings.Repeat(character, 2000) + `"},"spec":{"url":"https://a/` + strings.Repeat(character, 2000) + `"}}`))
	}
	var forms []*kindSchema
	for _, k := range flux.Kinds() {
		forms = append(forms, newSchema(flux.ServedKind{Kind: k, Version: "v1"}))
	}
	f.Add([]byte(`{"spec":{"values":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, form := range forms {
			checkCost(t, form, raw)
			checkObject(t, form, raw)
		}
	})
}

// The ceilings of reading an object of any kind, however large it is: a stream has one decoder for all.
const (
	mostAllocated = 1 << 20
	// eachByte is how many bytes each byte of an object may have allocated.
	eachByte = 32
	mostKept = 16 * flux.MaxLabelValue
	longest  = 5 * time.Second
)

// checkCost reads an object as it is, and as it is read once one has been met that nests too deeply.
func checkCost(t *testing.T, form *kindSchema, raw []byte) {
	t.Helper()
	var (
		as, made *object
		err      error
	)
	allocated, took := cost.Of(func() {
		as, err = decodeObject(raw, form)
		made, _ = newDecoder(shallow.NewReader(bytes.NewReader(raw)), form).decode()
	})
	if allocated > mostAllocated+eachByte*uint64(len(raw)) {
		t.Errorf("%d bytes are allocated for %d: %.1000s", allocated, len(raw), raw)
	}
	if took > longest {
		t.Errorf("%d bytes take %s: %.1000s", len(raw), took, raw)
	}
	if err == nil && len(as.entry.text) > mostKept {
		t.Errorf("%d bytes are kept: %.1000s", len(as.entry.text), as.entry.text)
	}
	if err == nil && (made == nil || made.entry.text != as.entry.text) {
		t.Errorf("read shallow, it is another: %.1000s", raw)
	}
}

// awkward are characters, as JSON, that are longer as they are served, or longer than a byte.
var awkward = []string{"a", "é", "€", "🙂", `\u0000`, `\n`, `\\`, `\"`, `\ud800`, "\xff", "e\u0301"}

func checkObject(t *testing.T, form *kindSchema, raw []byte) {
	t.Helper()
	o, err := decodeObject(raw, form)
	if err != nil {
		return // it is not JSON
	}
	s := newTestStore(form.kind, true, newSeriesLimiter(0), nil)
	must(t, s.Add(o))
	checkExposition(t, newServingExporter(s), o.series()+2)
}

// series is how many series are served of an object that a store has, in all families.
func (o *object) series() int {
	n := 1 + legacySeriesPerObject
	if o.entry.notReady != nil {
		n++
	}
	if o.entry.deadline() != 0 {
		n++
	}
	return n
}

// checkExposition has Prometheus read what is served, in both formats.
func checkExposition(t *testing.T, e *Exporter, series int) {
	t.Helper()
	for accept, open := range map[string]bool{acceptText: false, acceptOpenMetrics: true} {
		var out bytes.Buffer
		e.write(&out, open)
		found := parse(t, out.Bytes(), accept)
		if len(found) != series {
			t.Fatalf("%d series, not %d, in:\n%s", len(found), series, &out)
		}
		for _, sample := range found {
			sample.Range(func(l labels.Label) {
				if len(l.Value) > flux.MaxLabelValue || !utf8.ValidString(l.Value) {
					t.Fatalf("%d bytes of %s in:\n%s", len(l.Value), l.Name, &out)
				}
			})
		}
		if !utf8.Valid(out.Bytes()) {
			t.Fatalf("not UTF-8:\n%s", &out)
		}
	}
}

func TestAMebibyteOfConditionsDoesNoHarm(t *testing.T) {
	raw := []byte(`{"metadata":{"name":"` + strings.Repeat("é", 1<<19) + `"},"status":{"conditions":[` +
		strings.Repeat(`{"type":"Healthy","status":"False","message":"`+strings.Repeat("x", 1000)+`"},`, 1000) +
		`{"type":"Ready","status":"True"}]}}`)
	form := newSchema(kustomizations)
	d := newDecoder(bytes.NewReader(append(raw, raw...)), form)
	for range 2 {
		o, err := d.decode()
		must(t, err)
		if len(o.entry.text) > 2*flux.MaxLabelValue || !strings.Contains(o.entry.text, `ready="True"`) {
			t.Errorf("of a big object is kept: %.2000s", o.entry.text)
		}
	}
	if d.reset(); cap(d.text) > maxScratch {
		t.Errorf("%d bytes are kept for the next object", cap(d.text))
	}
}
