package controllers_test

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestNoAddressTakesAllConnectionsOfAPort(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	addresses, err := cluster.FreeAddresses(3)
	g.Expect(err).NotTo(HaveOccurred())
	c.operator(t, func(o *controllers.Options) {
		o.MetricsAddress, o.ExporterAddress, o.ProbeAddress = addresses[0], addresses[1], addresses[2]
	})
	for i, path := range []string{"/metrics", "/metrics", "/healthz"} {
		address := addresses[i]
		g.Eventually(func() int { return answered(t, "http://"+address+path) }, soon, often).Should(Equal(http.StatusOK), address+path)
		open := &atomic.Int64{}
		for range 300 {
			held(t, address, open)
		}
		g.Eventually(open.Load, soon, often).Should(BeEquivalentTo(16), address+path)
		g.Expect(answered(t, "http://"+address+path)).To(Equal(http.StatusOK), address+path)
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

// answered is the code that an address answers with; 0 where it does not answer.
func answered(t *testing.T, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}
