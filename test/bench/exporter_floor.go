package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/test/must"
)

// floor is what reading the objects takes whoever reads them.
type floor struct {
	bytes      map[string]int64 // by kind
	total      int64
	list, scan time.Duration // from the API server: to nowhere, and through a scanner of JSON
	listCPU    time.Duration
	scanCPU    time.Duration
	apiServer  time.Duration // its CPU for one list
	scrape     time.Duration // what our exposition takes that lies in memory as it is, the median
}

// floorOf lists each kind as one stream, to nowhere and through a scanner that keeps nothing.
func (b *bed) floorOf(ctx context.Context) *floor {
	f := &floor{bytes: map[string]int64{}}
	server, before := b.apiServer()
	f.list, f.listCPU = b.listAll(ctx, func(s shape, body io.Reader) {
		n := must.Get(io.Copy(io.Discard, body))
		f.bytes[s.kind], f.total = n, f.total+n
	})
	f.apiServer = cpuOf(server) - before
	f.scan, f.scanCPU = b.listAll(ctx, func(_ shape, body io.Reader) {
		must.Succeed(jsontext.NewDecoder(body, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)).SkipValue())
	})
	return f
}

// listAll lists each kind, and returns how long it took and how much CPU of this process.
func (b *bed) listAll(ctx context.Context, read func(shape, io.Reader)) (took, cpu time.Duration) {
	client := must.Get(rest.HTTPClientFor(b.plane.Config))
	before, from := cpuOf(os.Getpid()), time.Now()
	for _, s := range shapes() {
		address := must.Get(url.JoinPath(b.plane.Config.Host, s.path())) + "?resourceVersion=0"
		request := must.Get(http.NewRequestWithContext(ctx, http.MethodGet, address, nil))
		request.Header.Set("Accept-Encoding", "identity")
		answer, err := client.Do(request)
		must.Succeed(err)
		if answer.StatusCode != http.StatusOK {
			must.Succeed(fmt.Errorf("%s: %s", address, answer.Status))
		}
		read(s, answer.Body)
		must.Succeed(answer.Body.Close())
	}
	return time.Since(from), cpuOf(os.Getpid()) - before
}

// floorOfScrape is how long a scrape takes, the median, where a server has nothing to do but to write these bytes.
func floorOfScrape(ctx context.Context, exposition []byte) time.Duration {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(exposition) // the client reports an answer that is cut short
	}))
	defer server.Close()
	s := newScraper(server.Listener.Addr().(*net.TCPAddr).Port)
	s.times(ctx, "identity", warmUp)
	return middle(s.times(ctx, "identity", plainScrapes))
}

// apiServer is the number of the API server's process, and its CPU time so far.
func (b *bed) apiServer() (pid int, cpu time.Duration) {
	address := must.Get(url.Parse(b.plane.Config.Host))
	for _, file := range must.Get(filepath.Glob("/proc/[0-9]*/cmdline")) {
		line, err := os.ReadFile(file) // unless the process has ended meanwhile
		if err == nil && strings.Contains(string(line), "--secure-port="+address.Port()+"\x00") {
			pid = must.Get(strconv.Atoi(filepath.Base(filepath.Dir(file))))
			return pid, cpuOf(pid)
		}
	}
	must.Succeed(errors.New("kube-apiserver is not among the processes"))
	return 0, 0
}
