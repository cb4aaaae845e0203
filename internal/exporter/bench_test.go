package exporter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// many is how many objects a large installation has.
const many = 10_000

// benchmarked is the i-th object of a large installation, as an API server sends it: 5 KB, of which most is of no interest.
func benchmarked(t testing.TB, i int) []byte {
	ready, reason := "True", "ReconciliationSucceeded"
	if i%20 == 0 {
		ready, reason = "False", "HealthCheckFailed"
	}
	var fields, inventory strings.Builder
	for j := range 40 {
		fmt.Fprintf(&fields, `{"f:lastTransitionTime":{},"f:message":{},"f:field-%d":{".":{},"f:type":{}}},`, j)
		fmt.Fprintf(&inventory, `{"id":"team-%d_app-%d_apps_Deployment","v":"v1"},`, i%50, j)
	}
	raw := fmt.Appendf(nil, `{"apiVersion":"kustomize.toolkit.fluxcd.io/v1","kind":"Kustomization","metadata":{"annotations":
{"reconcile.fluxcd.io/requestedAt":"2026-08-01T00:00:00Z"},"creationTimestamp":"2026-01-02T03:04:05Z","finalizers":["finalizers.fluxcd.io"],
"generation":3,"labels":{"app.kubernetes.io/part-of":"apps","sharding.fluxcd.io/key":"shard1"},"managedFields":[%s{}],"name":"app-%d",
"namespace":"team-%d","resourceVersion":"%d","uid":"6b0a1f3e-0000-4000-8000-%012d"},"spec":{"force":false,"interval":"10m0s","path":"./apps/app-%d",
"prune":true,"sourceRef":{"kind":"GitRepository","name":"apps","namespace":"flux-system"},"timeout":"5m","wait":true},"status":{"conditions":
[{"lastTransitionTime":"2026-08-01T10:10:00Z","message":"Applied revision: main@sha1:6a26ba39a7bd03bc9f0a1c0a3bd1bcd1b7b7d7f6","observedGeneration":3,
"reason":"%s","status":"%s","type":"Ready"},{"lastTransitionTime":"2026-08-01T10:10:00Z","message":"Health check passed in 2.3s",
"observedGeneration":3,"reason":"Succeeded","status":"True","type":"Healthy"}],"inventory":{"entries":[%s{}]},
"lastAppliedRevision":"main@sha1:6a26ba39a7bd03bc9f0a1c0a3bd1bcd1b7b7d7f6","observedGeneration":3}}`,
		&fields, i, i%50, i, i, i, reason, ready, &inventory)
	if len(raw) < 4000 || len(raw) > 7000 {
		t.Fatalf("an object of %d bytes is not usual", len(raw))
	}
	return bytes.ReplaceAll(raw, []byte("\n"), nil)
}

// full is a store with many objects.
func full(t testing.TB, compatibility bool) *store {
	s := newTestStore(kustomizations, compatibility, newSeriesLimiter(0), nil)
	items := make([]any, many)
	for i := range items {
		items[i] = s.read(t, benchmarked(t, i))
	}
	if err := s.Replace(items, ""); err != nil {
		t.Fatal(err)
	}
	return s
}

func BenchmarkObject(b *testing.B) {
	raw := benchmarked(b, 0)
	reader := bytes.NewReader(raw)
	d := newDecoder(repeated{reader}, newSchema(kustomizations))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.decode(); err != nil {
			b.Fatal(err)
		}
	}
}

// repeated reads the same again and again.
type repeated struct{ *bytes.Reader }

func (r repeated) Read(to []byte) (int, error) {
	n, err := r.Reader.Read(to)
	if errors.Is(err, io.EOF) {
		_, err = r.Seek(0, io.SeekStart)
		if err == nil {
			n, err = r.Reader.Read(to)
		}
	}
	return n, err
}

func BenchmarkUpdate(b *testing.B) {
	s := full(b, true)
	d := newDecoder(repeated{bytes.NewReader(benchmarked(b, 0))}, s.schema)
	b.ReportAllocs()
	for b.Loop() {
		o, err := d.decode()
		if err != nil {
			b.Fatal(err)
		}
		_ = s.Update(o)
	}
}

func BenchmarkScrape(b *testing.B) {
	for _, compatibility := range []bool{false, true} {
		e := newServingExporter(full(b, compatibility))
		for _, encoding := range []string{"identity", "gzip"} {
			b.Run(fmt.Sprintf("compatibility=%t/%s", compatibility, encoding), func(b *testing.B) {
				request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
				request.Header.Set("Accept-Encoding", encoding)
				w := &counted{header: http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					w.n = 0
					e.ServeHTTP(w, request)
				}
				b.ReportMetric(float64(w.n), "B/scrape")
			})
		}
	}
}

type counted struct {
	header http.Header
	n      int
}

func (w *counted) Header() http.Header { return w.header }

func (w *counted) Write(p []byte) (int, error) {
	w.n += len(p)
	return len(p), nil
}

func (w *counted) WriteHeader(int) {}

// BenchmarkMemory tells what an object costs while it is served.
func BenchmarkMemory(b *testing.B) {
	for _, compatibility := range []bool{false, true} {
		b.Run(fmt.Sprintf("compatibility=%t", compatibility), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				s := full(b, compatibility)
				b.ReportMetric(float64(heap()-before)/many, "B/object")
				runtime.KeepAlive(s)
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkFollow takes up many objects from an API server that streams them, and tells how far the heap grew on the way.
func BenchmarkFollow(b *testing.B) {
	objects := make([][]byte, many)
	for i := range objects {
		objects[i] = fmt.Appendf(nil, "{\"type\":\"ADDED\",\"object\":%s}\n", benchmarked(b, i))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, o := range objects {
			_, _ = w.Write(o)
		}
		_, _ = io.WriteString(w, bookmark)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	for b.Loop() {
		before, peak := heap(), uint64(0)
		ctx, stop := context.WithCancel(b.Context())
		complete := make(chan struct{}, 8)
		e, err := New(&rest.Config{Host: server.URL}, nil, Options{Changed: func() { complete <- struct{}{} }})
		if err != nil {
			b.Fatal(err)
		}
		e.Follow(ctx, Desired{Kinds: []flux.ServedKind{kustomizations}})
		for tick := time.NewTicker(time.Millisecond); !e.Health().Serving; {
			<-tick.C
			peak = max(peak, inUse())
		}
		stop()
		b.ReportMetric(float64(max(peak, before)-before)/(1<<20), "MiB-peak")
	}
	server.CloseClientConnections()
}

// inUse is the heap's size, garbage included.
func inUse() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
