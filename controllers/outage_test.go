package controllers_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// line is a connection to an API server that can be cut.
type line struct {
	to string

	mu    sync.Mutex
	down  bool
	conns map[net.Conn]bool
}

// lineTo is a line to the control plane, and the cluster as it is reached by it.
func (c *testCluster) lineTo(t *testing.T) (*line, *testCluster) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := rest.CopyConfig(c.plane.Config)
	l := &line{to: strings.Trim(strings.TrimPrefix(config.Host, "https:"), "/"), conns: map[net.Conn]bool{}}
	config.Host = "https://" + listener.Addr().String()
	go l.serve(listener)
	t.Cleanup(func() {
		_ = listener.Close()
		l.cut(true)
	})
	return l, &testCluster{Client: c.Client, plane: &cluster.ControlPlane{Config: config}, auditLog: c.auditLog}
}

func (l *line) serve(listener net.Listener) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", l.to) //nolint:noctx // it ends with the line
		if err != nil || !l.keep(from, to) {
			_ = from.Close()
			continue
		}
		for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
			go func() {
				_, _ = io.Copy(way[0], way[1])
				_, _ = way[0].Close(), way[1].Close()
			}()
		}
	}
}

func (l *line) keep(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		if l.down {
			_ = c.Close()
		} else {
			l.conns[c] = true
		}
	}
	return !l.down
}

// cut ends all connections and lets no other through, or lets them through again.
func (l *line) cut(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	for c := range l.conns {
		_ = c.Close()
	}
	clear(l.conns)
}

func TestAnOutageOfTheAPIServerIsNoNewsOfEachKind(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	folder, _, err := cluster.CRDs(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	c.installCRDs(t, folder)
	line, reached := c.lineTo(t)
	at, exporter := exporting(t)
	reached.operator(t, exporter)
	p := c.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	unreadable := func() []string { return at.series(t.Context(), "gotk_resources_unreadable") }
	kinds := func() int { return len(at.counted(t.Context())) }
	g.Eventually(kinds, soon, often).Should(BeNumerically(">", 10))
	all := kinds()
	log := audit{file: c.auditLog}
	log.settle(t)
	events := p.events(fm)

	line.cut(true)
	g.Eventually(unreadable, soon, often).Should(HaveLen(all), "every kind fails")
	line.cut(false)
	g.Eventually(unreadable, "2m", often).Should(Equal([]string{}), "every kind is read again")
	g.Consistently(func() []string { return writes(log.requests(t)) }, quiet, often).Should(BeEmpty())
	g.Expect(p.events(fm)).To(Equal(events))
}
