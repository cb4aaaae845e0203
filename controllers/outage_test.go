package controllers_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// line is a connection to an API server that can be cut.
type line struct {
	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

// lineTo is a line to the control plane, and the cluster as it is reached by it.
func (c *testCluster) lineTo() (*line, *testCluster) {
	l, config := &line{}, rest.CopyConfig(c.plane.Config)
	config.Dial = l.dial
	return l, &testCluster{Client: c.Client, plane: &cluster.ControlPlane{Config: config}, auditLog: c.auditLog}
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, errors.Join(net.ErrClosed, conn.Close())
	}
	l.conns = append(l.conns, conn)
	return conn, nil
}

// cut ends all connections and lets no other through, or lets them through again.
func (l *line) cut(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	for _, conn := range l.conns {
		_ = conn.Close()
	}
	l.conns = nil
}

func TestAnOutageOfTheAPIServerChangesNoStatus(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	folder, _, err := cluster.CRDs(t.Context())
	p.must(err)
	p.installCRDs(t, folder)
	line, reached := p.lineTo()
	at, exporter := exporting(t)
	reached.operator(t, exporter)
	fm := p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	unreadable := func() []string { return at.series("gotk_resources_unreadable") }
	kinds := func() int { return len(at.counted()) }
	p.Eventually(kinds).Should(BeNumerically(">", 10))
	all := kinds()
	log := audit{file: p.auditLog}
	log.settle(t)
	events := p.events(fm)

	line.cut(true)
	p.Eventually(unreadable).Should(HaveLen(all), "every kind fails")
	line.cut(false)
	p.Eventually(unreadable, 2*soon).Should(Equal([]string{}), "every kind is read again")
	p.Consistently(func() []string { return writes(log.requests(t)) }).Should(BeEmpty())
	p.Expect(p.events(fm)).To(Equal(events))
}
