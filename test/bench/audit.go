package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// auditLog is what kube-apiserver has logged of every request.
type auditLog struct{ file string }

// size of the log, to count from.
func (a auditLog) size() (int64, error) {
	info, err := os.Stat(a.file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// requests are how often the operator asked what, by "verb resource". Watches are among them: "watch pods".
type requests map[string]int

// since counts the operator's requests from a size of the log on.
func (a auditLog) since(size int64) (requests, error) {
	file, err := os.Open(a.file)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read.
	if _, err := file.Seek(size, io.SeekStart); err != nil {
		return nil, err
	}
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
	return counted, lines.Err()
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
	var all []string
	for request := range r {
		all = append(all, request)
	}
	slices.SortFunc(all, func(a, b string) int { return r[b] - r[a] })
	var figures []figure
	for _, request := range all {
		if r[request]*20 >= n { // once in a while, or at start, is not per resource
			figures = append(figures, told("requests a resource: "+request, "%.2f", float64(r[request])/float64(n)))
		}
	}
	return figures
}

// String lists the requests, the most frequent first.
func (r requests) String() string {
	var all []string
	for request, n := range r {
		all = append(all, fmt.Sprintf("%d %s", n, request))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
