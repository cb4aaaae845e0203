package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"k8s.io/client-go/rest"
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
func (b *bed) floorOf(ctx context.Context) (*floor, error) {
	f := &floor{bytes: map[string]int64{}}
	server, before, err := b.apiServer()
	if err != nil {
		return nil, err
	}
	f.list, f.listCPU, err = b.listAll(ctx, func(s shape, body io.Reader) error {
		n, err := io.Copy(io.Discard, body)
		f.bytes[s.kind], f.total = n, f.total+n
		return err
	})
	if err != nil {
		return nil, err
	}
	after, err := cpuOf(server)
	if err != nil {
		return nil, err
	}
	f.apiServer = after - before
	f.scan, f.scanCPU, err = b.listAll(ctx, func(_ shape, body io.Reader) error {
		return jsontext.NewDecoder(body, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)).SkipValue()
	})
	return f, err
}

// listAll has something read the list of each kind, and tells how long it took and how much CPU of this process.
func (b *bed) listAll(ctx context.Context, read func(shape, io.Reader) error) (took, cpu time.Duration, err error) {
	client, err := rest.HTTPClientFor(b.plane.Config)
	if err != nil {
		return 0, 0, err
	}
	before, err1 := cpuOf(os.Getpid())
	from := time.Now()
	for _, s := range shapes() {
		if err := b.listOne(ctx, client, s, read); err != nil {
			return 0, 0, fmt.Errorf("listing %s objects: %w", s.kind, err)
		}
	}
	took = time.Since(from)
	after, err2 := cpuOf(os.Getpid())
	return took, after - before, firstOf(err1, err2)
}

func (b *bed) listOne(ctx context.Context, client *http.Client, s shape, read func(shape, io.Reader) error) error {
	address, err := url.JoinPath(b.plane.Config.Host, s.path())
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?resourceVersion=0", nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept-Encoding", "identity")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	} else {
		err = read(s, answer.Body)
	}
	return firstOf(err, answer.Body.Close())
}

// floorOfScrape is how long a scrape takes, the median, where a server has nothing to do but to write these bytes.
func floorOfScrape(ctx context.Context, exposition []byte) (time.Duration, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	server := &http.Server{ReadHeaderTimeout: soon, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(exposition) // the client tells if it did not come
	})}
	go server.Serve(l)   //nolint:errcheck // it ends when it is closed.
	defer server.Close() //nolint:errcheck // nobody asks it any more.
	s, all := newScraper(l.Addr().(*net.TCPAddr).Port), []time.Duration(nil)
	for i := range warmUp + plainScrapes {
		from := time.Now()
		if _, err := s.scrape(ctx, "identity"); err != nil {
			return 0, err
		}
		if i >= warmUp {
			all = append(all, time.Since(from))
		}
	}
	return time.Duration(median(all) * float64(time.Millisecond)), nil
}

// apiServer is the number of the API server's process, and its CPU time so far.
func (b *bed) apiServer() (pid int, cpu time.Duration, err error) {
	address, err := url.Parse(b.plane.Config.Host)
	if err != nil {
		return 0, 0, err
	}
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return 0, 0, err
	}
	for _, file := range found {
		line, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(line), "--secure-port="+address.Port()+"\x00") {
			continue // it has ended meanwhile, or is another
		}
		if pid, err = strconv.Atoi(filepath.Base(filepath.Dir(file))); err != nil {
			return 0, 0, err
		}
		cpu, err = cpuOf(pid)
		return pid, cpu, err
	}
	return 0, 0, errors.New("kube-apiserver is not among the processes")
}
