package serving

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

const (
	soon     = time.Minute
	often    = 10 * time.Millisecond
	attacker = "127.0.0.2"
	scraper  = "127.0.0.1"
)

// serve serves a handler until the test ends, and returns the address.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	return serveAs(t, Server{Name: "test", Address: scraper + ":0", Handler: handler, Log: logr.Discard()})
}

func serveAs(t *testing.T, as Server) string {
	t.Helper()
	server, err := as.Listen(t.Context())
	must(t, err)
	run(t, server)
	return server.Listener.Addr().String()
}

// run runs until the test ends.
func run(t *testing.T, r manager.Runnable) {
	ended := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	go func() { defer close(ended); _ = r.Start(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
}

// dial connects from an address.
func dial(from, to string) (net.Conn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: soon}
	return dialer.Dial("tcp", to)
}

// ask asks from an address, and reads nothing.
func ask(t *testing.T, from, to string) {
	t.Helper()
	c, err := dial(from, to)
	if err != nil {
		return // it was refused before it was established
	}
	t.Cleanup(func() { _ = c.Close() })
	_, _ = fmt.Fprintf(c, "GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
}

// closed reports whether the other side has closed a connection that nothing was asked on.
func closed(c net.Conn) bool {
	_ = c.SetReadDeadline(time.Now().Add(often))
	_, err := c.Read(make([]byte, 1))
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

// open is how many of them the other side has not closed.
func open(all []net.Conn) (still int) {
	for _, c := range all {
		if !closed(c) {
			still++
		}
	}
	return still
}

// scrape scrapes from an address with a token, with the timeout that Prometheus has by default.
func scrape(from, to, token string) (code int, body string, err error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+to+"/metrics", nil) //nolint:noctx // its client has a timeout
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return dial(from, to) }}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

// large answers with much, and holds a buffer for each that it answers, as an exporter does.
func large(answering, most *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if now := answering.Add(1); now > most.Load() {
			most.Store(now)
		}
		defer answering.Add(-1)
		buffer := make([]byte, 1<<20)
		for range answer >> 20 {
			if _, err := w.Write(buffer); err != nil {
				return
			}
		}
	})
}

const answer = 16 << 20

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapInuse) //nolint:gosec // it is not that large
}

func TestSlowClientsAreBoundedAndBlockNobody(t *testing.T) {
	g := NewWithT(t)
	var answering, most atomic.Int64
	address := serve(t, LimitScrapes(large(&answering, &most)))
	before := heap()
	for i := range 300 {
		ask(t, fmt.Sprintf("127.0.0.%d", 2+i%6), address) // six addresses, each with more than it may
	}
	g.Eventually(answering.Load, soon, often).Should(BeNumerically("==", maxScrapes))
	g.Expect(heap()-before).To(BeNumerically("<", 24<<20), "eight buffers and what 64 connections need")
	for range 3 {
		code, body, err := scrape(scraper, address, "")
		must(t, err)
		g.Expect(code).To(Equal(http.StatusOK))
		g.Expect(len(body)).To(Equal(answer))
	}
	g.Expect(most.Load()).To(BeNumerically("==", maxScrapes))
}

func TestOneAddressHasAFewConnectionsOnly(t *testing.T) {
	g := NewWithT(t)
	address := serve(t, http.NotFoundHandler())
	kept := func() int {
		var all []net.Conn
		for range 3 * maxConnectionsPerSource {
			c, err := dial(attacker, address)
			if err != nil {
				continue // it was refused before it was established
			}
			defer c.Close() //nolint:errcheck // it is asked about before
			all = append(all, c)
		}
		g.Eventually(func() int { return open(all) }, soon, often).Should(BeNumerically("<=", maxConnectionsPerSource))
		return open(all)
	}
	g.Expect(kept()).To(Equal(maxConnectionsPerSource))
	g.Eventually(kept, soon, often).Should(Equal(maxConnectionsPerSource), "those that were closed make room")
	code, _, err := scrape(scraper, address, "")
	must(t, err)
	g.Expect(code).To(Equal(http.StatusNotFound), "another address is served")
}

func TestAFullPortAcceptsASourceWithFewConnections(t *testing.T) {
	g := NewWithT(t)
	address := serve(t, http.NotFoundHandler())
	var all []net.Conn
	for i := range maxConnections {
		c, err := dial(fmt.Sprintf("127.0.0.%d", 2+i/maxConnectionsPerSource), address)
		must(t, err)
		defer c.Close() //nolint:errcheck // the test is over
		all = append(all, c)
		g.Expect(closed(c)).To(BeFalse())
	}
	code, _, err := scrape(scraper, address, "")
	must(t, err)
	g.Expect(code).To(Equal(http.StatusNotFound))
	g.Eventually(func() int { return len(all) - open(all) }, soon, often).Should(Equal(1), "one of the others made room")
}

func TestAHeadThatIsTooLongIsRefused(t *testing.T) {
	g := NewWithT(t)
	address := serve(t, http.NotFoundHandler())
	c, err := dial(scraper, address)
	must(t, err)
	defer c.Close() //nolint:errcheck // the test is over
	_, err = fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: test\r\nLong: %0*d\r\n\r\n", 2*maxHeaderBytes, 1)
	must(t, err)
	line, err := bufio.NewReader(c).ReadString('\n')
	must(t, err)
	g.Expect(line).To(HavePrefix("HTTP/1.1 431 "))
}

func TestEveryTimeIsBounded(t *testing.T) {
	g := NewWithT(t)
	server, err := Server{Address: scraper + ":0", Log: logr.Discard()}.Listen(t.Context())
	must(t, err)
	defer server.Listener.Close() //nolint:errcheck // nobody has connected
	g.Expect([]time.Duration{
		server.Server.ReadHeaderTimeout, server.Server.ReadTimeout, server.Server.WriteTimeout, server.Server.IdleTimeout, *server.ShutdownTimeout,
	}).To(Equal([]time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 2 * time.Minute, 5 * time.Second}))
}
