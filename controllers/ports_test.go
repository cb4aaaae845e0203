package controllers_test

import (
	"net"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/controllers"
)

func TestNoClientUsesAllConnectionsOfAPort(t *testing.T) {
	metrics, exporter, probe := free(t), free(t), free(t)
	p := inOwnCluster(t, func(o *controllers.Options) {
		o.MetricsAddress, o.ExporterAddress, o.ProbeAddress = metrics, exporter, probe
	})
	for address, path := range map[string]string{metrics: "/metrics", exporter: "/metrics", probe: "/healthz"} {
		answers := func() string { return answer(t, "http://"+address+path) }
		p.Eventually(answers).Should(HavePrefix("200 "), address+path)
		open := &atomic.Int64{}
		for range 300 {
			held(t, address, open)
		}
		p.Eventually(open.Load).Should(BeEquivalentTo(16), address+path)
		p.Expect(answers()).To(HavePrefix("200 "), address+path)
	}
}

// held connects from an address of its own, and counts the connection for as long as the other side does not close it.
func held(t *testing.T, address string, open *atomic.Int64) {
	t.Helper()
	connection, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP("127.0.0.2")}}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return // it was refused before it was established
	}
	t.Cleanup(func() { _ = connection.Close() })
	open.Add(1)
	go func() {
		_, _ = connection.Read(make([]byte, 1))
		open.Add(-1)
	}()
}
