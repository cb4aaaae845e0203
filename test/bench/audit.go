package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/test/must"
)

// auditLog is what kube-apiserver has logged of every request.
type auditLog struct{ file string }

// size of the log, to count from.
func (a auditLog) size() int64 {
	return must.Get(os.Stat(a.file)).Size()
}

// requests are how often the operator asked what, by "verb resource". Watches are among them: "watch pods".
type requests map[string]int

// since counts the operator's requests from a size of the log on.
func (a auditLog) since(size int64) requests {
	file := must.Get(os.Open(a.file))
	defer file.Close() //nolint:errcheck // it was only read.
	must.Get(file.Seek(size, io.SeekStart))
	counted := requests{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if !bytes.Contains(lines.Bytes(), []byte(`"userAgent":"`+binaryName)) {
			continue
		}
		var r struct {
			Verb, Stage, RequestURI string
			ObjectRef               struct{ Resource, Subresource string }
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			continue // the line is still being written
		}
		if r.Verb == "watch" && r.Stage != "ResponseStarted" {
			continue // the end of it, which is logged as well
		}
		what := strings.TrimSuffix(r.ObjectRef.Resource+"/"+r.ObjectRef.Subresource, "/")
		if what == "" {
			what = r.RequestURI
		}
		counted[r.Verb+" "+what]++
	}
	must.Succeed(lines.Err())
	return counted
}

// count adds up the requests of some verbs, the lease of a leader aside.
func (r requests) count(verbs ...string) int {
	sum := 0
	for request, n := range r {
		verb, what, _ := strings.Cut(request, " ")
		if what != "leases" && slices.Contains(verbs, verb) {
			sum += n
		}
	}
	return sum
}

// writes are all that may change something, whether it did or not.
func (r requests) writes() int {
	return r.count("create", "update", "patch", "delete", "deletecollection")
}

// reads are those that are not watches.
func (r requests) reads() int { return r.count("get", "list") }

// per lists the requests, as so many for each of n.
func (r requests) per(n int) []figure {
	var figures []figure
	for _, request := range slices.SortedFunc(maps.Keys(r), func(a, b string) int { return r[b] - r[a] }) {
		if r[request]*20 >= n { // once in a while, or at start, is not per resource
			figures = append(figures, plain("requests a resource: "+request, "%.2f", float64(r[request])/float64(n)))
		}
	}
	return figures
}
