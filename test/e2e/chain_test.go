//go:build e2e && proof

package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/stack"
	"github.com/fluxmonitoring/operator/test/rig"
)

// chained has a heartbeat and a receiver, and a rule that needs what Prometheus reads from elsewhere.
const chained = `{prometheus: {verify: {interval: 10s, timeout: 3s}}, scrape: {interval: 5s},
	alerts: {additionalGroups: [{name: old, interval: 5s, rules: [{record: "mine:old", expr: 'up{job="slow"} offset 30d'}]}]},
	notifications: {groupWait: 1s, groupInterval: 5s, receivers: [{name: everyone, webhookConfigs: [{urlSecret: {name: sink, key: everyone}}]}],
		heartbeat: {urlSecretRef: {name: sink, key: heartbeat}, interval: 10s}}}`

// eachLink is a break of each link between Flux and whoever waits for the heartbeat.
var eachLink = []broken{
	{"no target of Flux answers", "FluxMonitoring", noMetrics, `{"spec": {"patches": null}}`, []string{"Scraped=False/TargetsDown"},
		&broken{"changes do not reach Prometheus", "Prometheus", `{"spec": {"paused": true}}`, `{"spec": {"paused": false}}`,
			[]string{"Scraped=False/PrometheusPaused"}, nil}},
	{"nothing is recorded", "FluxMonitoring", `{"spec": {"resourceMetrics": {"source": "KubeStateMetrics"}}}`, `{"spec": {"resourceMetrics": null}}`,
		[]string{"RulesHealthy=False/SeriesMissing"}, nil},
	{"no rule is evaluated", "Prometheus", `{"spec": {"ruleNamespaceSelector": {"matchLabels": {"rules": "none"}}}}`,
		`{"spec": {"ruleNamespaceSelector": {"matchLabels": null}}}`, []string{"RulesHealthy=False/NotSelected"}, nil},
	{"the receivers' Secret has no address", "Secret", `{"data": {"everyone": null}}`, `{"stringData": {"everyone": "%s/everyone"}}`,
		[]string{"AlertsEffective=False/ReceiverMissing"}, nil},
	{"no Alertmanager is left", "Alertmanager", `{"spec": {"replicas": 0}}`, `{"spec": {"replicas": 1}}`,
		[]string{"AlertsEffective=False/NoAlertmanager"}, nil},
}

func TestEachBreakOfTheChainStopsTheHeartbeat(t *testing.T) {
	sink := shared.listensItself(t)
	shared.patched(t, "Alertmanager", `{"spec": {"enableFeatures": ["receiver-name-in-metrics"]}}`)
	defer shared.patched(t, "Alertmanager", `{"spec": {"enableFeatures": null}}`)
	fm := shared.ask(t, chained)
	well := []string{ready, scraped, served, healthy, effective, "NotificationsDelivered=True/Delivered", "Proven=True/AllSeen"}
	shared.shows(t, fm, well...)
	t.Run("the receiver's service fails", func(t *testing.T) {
		steady := shared.watchesForFlapping(t)
		sink.status.Store(http.StatusInternalServerError)
		defer sink.status.Store(http.StatusOK)
		shared.shows(t, fm, "NotificationsDelivered=False/NotificationsFailing", "Proven=False/LinkBroken")
		shared.rests(t, fm)
		steady()
		sink.status.Store(http.StatusOK)
		shared.shows(t, fm, well...)
	})
	t.Run("a group takes longer than its interval", func(t *testing.T) {
		read := fmt.Sprintf(`{"spec": {"remoteRead": [{"url": "%s/slow", "requiredMatchers": {"job": "slow"}}]}}`, sink.URL)
		shared.breaks(t, fm, &broken{t.Name(), "Prometheus", read, `{"spec": {"remoteRead": null}}`, []string{"RulesHealthy=False/GroupSlow"}, nil},
			func() {}, well...)
	})
	for _, b := range eachLink {
		t.Run(b.name, func(t *testing.T) {
			sink.beats(t)
			if b.kind == "Secret" {
				b.cure = fmt.Sprintf(b.cure, sink.URL)
			}
			shared.breaks(t, fm, &b, func() { sink.beatsNoMore(t) }, well...)
			sink.beats(t)
		})
	}
}

// sink is a server on this machine that gets what Alertmanager sends.
type sink struct {
	*httptest.Server
	// status of its answers, and when the last heartbeat came.
	status, beat atomic.Int64
}

// listensItself starts a sink, whose addresses are in the Secret of the same name.
func (c *testCluster) listensItself(t *testing.T) *sink {
	t.Helper()
	s := &sink{}
	s.status.Store(http.StatusOK)
	s.Server = c.server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/heartbeat":
			s.beat.Store(time.Now().Unix())
		case "/slow": // Longer than the interval of a group, and Prometheus goes on without an answer.
			select {
			case <-time.After(7 * time.Second):
			case <-r.Context().Done():
			}
			http.Error(w, "none", http.StatusInternalServerError)
			return
		}
		w.WriteHeader(int(s.status.Load()))
	})
	s.Start()
	c.applied(t, fmt.Sprintf(`{apiVersion: v1, kind: Secret, metadata: {namespace: monitoring, name: sink},
		stringData: {everyone: "%[1]s/everyone", heartbeat: "%[1]s/heartbeat"}}`, s.URL))
	return s
}

// silence is how long no heartbeat may have come, several times its interval.
func (s *sink) silence() time.Duration { return time.Since(time.Unix(s.beat.Load(), 0)) }

func (s *sink) beats(t *testing.T) {
	t.Helper()
	NewWithT(t).Eventually(s.silence, patient, nowAndThen).Should(BeNumerically("<", 15*time.Second), "heartbeats should come")
}

// beatsNoMore waits longer than Alertmanager keeps an alert of which it hears nothing more.
func (s *sink) beatsNoMore(t *testing.T) {
	t.Helper()
	NewWithT(t).Eventually(s.silence, 7*time.Minute, nowAndThen).Should(BeNumerically(">", 45*time.Second), "no heartbeat should come")
}

// server is a server on that address of this machine that the pods of the node reach. It is not started.
func (c *testCluster) server(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	route, err := net.Dial("udp", net.JoinHostPort(c.prometheusPod(t).Status.PodIP, "9")) // It sends nothing.
	must(t, err)
	defer route.Close() //nolint:errcheck // Nothing was written.
	host, _, err := net.SplitHostPort(route.LocalAddr().String())
	must(t, err)
	s := httptest.NewUnstartedServer(handle)
	must(t, s.Listener.Close())
	s.Listener, err = net.Listen("tcp", net.JoinHostPort(host, "0"))
	must(t, err)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (c *testCluster) prometheusPod(t *testing.T) *corev1.Pod {
	t.Helper()
	pod := &corev1.Pod{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: stack.MonitoringNamespace, Name: "prometheus-kube-prometheus-stack-prometheus-0"}, pod))
	return pod
}

// applied applies objects, which are removed when the test ends.
func (c *testCluster) applied(t *testing.T, stream string) {
	t.Helper()
	objects := rig.Objects(t, stream)
	for _, o := range objects {
		t.Cleanup(func() { c.remove(t, o.DeepCopy()) })
	}
	must(t, cluster.Apply(t.Context(), c, objects...))
}
