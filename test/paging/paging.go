// Package paging runs a real Alertmanager, as one process or as a cluster, and receives its webhooks.
package paging

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/process"
	"github.com/fluxmonitoring/operator/test/rig"
)

// Start runs as many Alertmanagers as one cluster until the test ends, with this configuration and further arguments, and returns their
// addresses. All of them are ready.
func Start(t testing.TB, replicas int, config string, args ...string) (addresses []*url.URL) {
	t.Helper()
	folders, err := parts.Build(t.Context(), os.Stderr, "alertmanager")
	rig.Must(t, err)
	ports, err := cluster.FreePorts(2 * replicas)
	rig.Must(t, err)
	scratch := t.TempDir()
	file := filepath.Join(scratch, "alertmanager.yaml")
	rig.Must(t, os.WriteFile(file, []byte(config), 0o600))
	args = append([]string{"--config.file=" + file, "--cluster.peer-timeout=1s", "--cluster.settle-timeout=1s", "--cluster.reconnect-interval=200ms",
		"--cluster.gossip-interval=50ms"}, args...)
	for i := range replicas {
		args = append(args, fmt.Sprintf("--cluster.peer=127.0.0.1:%d", ports[2*i+1]))
	}
	for i := range replicas {
		name := fmt.Sprintf("alertmanager-%d", i)
		address := fmt.Sprintf("127.0.0.1:%d", ports[2*i])
		p, err := process.Start(name, filepath.Join(folders[0], "alertmanager"), filepath.Join(scratch, name+".log"), func(err error) { t.Error(err) }, nil,
			append(args, "--storage.path="+filepath.Join(scratch, name), "--web.listen-address="+address,
				fmt.Sprintf("--cluster.listen-address=127.0.0.1:%d", ports[2*i+1]))...)
		rig.Must(t, err)
		t.Cleanup(func() {
			if p.Stop(); t.Failed() {
				t.Log(p.LastLines())
			}
		})
		addresses = append(addresses, &url.URL{Scheme: "http", Host: address, Path: "/"})
	}
	for _, address := range addresses {
		rig.Eventually(t, func() error {
			connection, err := net.Dial("tcp", address.Host)
			if err == nil {
				err = connection.Close()
			}
			return err
		}).Should(gomega.Succeed())
	}
	return addresses
}

// Receiver receives webhooks. The last part of the path is the name of the receiver; one that ends with "broken" answers 500.
type Receiver struct {
	URL string

	sync.Mutex
	got map[string][]string
}

// Listen receives until the test ends.
func Listen(t testing.TB) *Receiver {
	r := &Receiver{got: map[string][]string{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// ServeHTTP keeps the names of the alerts of a notification.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	var body struct {
		Alerts []struct{ Labels map[string]string }
	}
	name := filepath.Base(request.URL.Path)
	if err := json.NewDecoder(request.Body).Decode(&body); err != nil || strings.HasSuffix(name, "broken") {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	r.Lock()
	defer r.Unlock()
	for _, alert := range body.Alerts {
		r.got[name] = append(r.got[name], alert.Labels["alertname"]+" "+alert.Labels["kind"])
	}
}

// Got are the alerts that a receiver has been notified of, as "<alertname> <kind>".
func (r *Receiver) Got(name string) []string {
	r.Lock()
	defer r.Unlock()
	return r.got[name]
}
