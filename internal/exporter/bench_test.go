package exporter

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
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
func full(t testing.TB, legacy bool) *store {
	s := newTestStore(kustomizations, legacy, newSeriesLimiter(0), nil)
	items := make([]any, many)
	for i := range items {
		items[i] = s.read(t, benchmarked(t, i))
	}
	must(t, s.Replace(items, ""))
	return s
}

func BenchmarkObject(b *testing.B) {
	raw := benchmarked(b, 0)
	d := newDecoder(&repeated{whole: raw}, newSchema(kustomizations))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := d.decode()
		must(b, err)
	}
}

// repeated reads the same again and again.
type repeated struct{ whole, rest []byte }

func (r *repeated) Read(to []byte) (int, error) {
	if len(r.rest) == 0 {
		r.rest = r.whole
	}
	n := copy(to, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// BenchmarkMemory reports the memory of an object that is exported.
func BenchmarkMemory(b *testing.B) {
	for _, legacy := range []bool{false, true} {
		b.Run(fmt.Sprintf("legacy=%t", legacy), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				s := full(b, legacy)
				b.ReportMetric(float64(heap()-before)/many, "B/object")
				runtime.KeepAlive(s)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // it is not that large
}
