package cli

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// opened is a FluxMonitoring with a Prometheus, an Alertmanager, and a Grafana as its Helm chart installs it.
const opened = `
apiVersion: fluxmonitoring.dev/v1alpha1
kind: FluxMonitoring
metadata: {name: flux, namespace: opened}
spec: {flux: {namespace: opened}, prometheus: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: opened}}}}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: k8s, namespace: opened}
spec: {podMonitorSelector: {}, ruleSelector: {}, routePrefix: /prom, alerting: {alertmanagers: [{name: alertmanager-operated, port: web}]}}
---
apiVersion: monitoring.coreos.com/v1
kind: Alertmanager
metadata: {name: main, namespace: opened}
spec: {alertmanagerConfigSelector: {}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: grafana, namespace: opened}
spec:
  selector: {matchLabels: {app: grafana}}
  template:
    metadata: {labels: {app: grafana}}
    spec:
      containers:
      - {name: grafana-sc-dashboard, image: k8s-sidecar, env: [{name: LABEL, value: grafana_dashboard}, {name: FOLDER, value: /tmp/dashboards}]}
      - name: grafana
        image: grafana
        ports: [{name: grafana, containerPort: 3001}]
        readinessProbe: {httpGet: {path: /api/health, port: grafana}}
        env:
        - {name: GF_SECURITY_ADMIN_USER, valueFrom: {secretKeyRef: {name: login, key: admin-user}}}
        - {name: GF_SECURITY_ADMIN_PASSWORD, valueFrom: {secretKeyRef: {name: login, key: admin.password}}}
---
apiVersion: v1
kind: Pod
metadata: {name: grafana-0, namespace: opened, labels: {app: grafana}}
spec: {nodeName: opened, containers: [{name: c, image: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: prometheus-k8s-0, namespace: opened, labels: {app.kubernetes.io/name: prometheus, app.kubernetes.io/instance: k8s}}
spec: {nodeName: opened, containers: [{name: c, image: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: alertmanager-main-0, namespace: opened, labels: {app.kubernetes.io/name: alertmanager, app.kubernetes.io/instance: main}}
spec: {nodeName: opened, containers: [{name: c, image: c}]}
`

// kubelet serves port forwarding for any pod as a kubelet does, and answers each connection with the path and the port of the pod. It
// returns its own port.
func kubelet(t *testing.T) int32 {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := httpstream.Handshake(r, w, []string{portforward.PortForwardProtocolV1Name}); err != nil {
			return
		}
		connection := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(s httpstream.Stream, _ <-chan struct{}) error {
			go func() {
				defer s.Close() //nolint:errcheck // the client sees it
				if s.Headers().Get(corev1.StreamType) == corev1.StreamTypeData {
					request, err := http.ReadRequest(bufio.NewReader(s))
					if err == nil {
						said := fmt.Sprintf("%s:%s%s", r.URL.Path, s.Headers().Get(corev1.PortHeader), request.URL.Path)
						_, _ = fmt.Fprintf(s, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(said), said)
					}
				}
			}()
			return nil
		})
		if connection != nil {
			<-connection.CloseChan()
		}
	}))
	t.Cleanup(server.CloseClientConnections)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	must(t, err)
	number, err := strconv.ParseInt(port, 10, 32)
	must(t, err)
	return int32(number)
}

// open runs the command until its page has been read. It returns what the command printed, without the local port, and the page.
func open(t *testing.T, args ...string) (out, page string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reader, writer := io.Pipe()
	var messages bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- Run(ctx, genericiooptions.IOStreams{Out: writer, ErrOut: &messages}, "v1.2.3", append([]string{"open"}, args...))
		_ = writer.Close()
	}()
	lines := bufio.NewReader(reader)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(<-code, messages.String())
	}
	address := regexp.MustCompile(`http://localhost:(\d+)/\S*`).FindStringSubmatch(line)
	answer, err := http.Get(address[0]) //nolint:noctx // it is a test
	must(t, err)
	defer answer.Body.Close() //nolint:errcheck // it is only read
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	stop()
	rest, err := io.ReadAll(lines)
	must(t, err)
	NewWithT(t).Expect(<-code).To(BeZero(), messages.String())
	return regexp.MustCompile(`:`+address[1]+`\b`).ReplaceAllString(line, ":PORT") + string(rest), string(body)
}

func TestAPageIsOpenedThroughAPod(t *testing.T) {
	g := NewWithT(t)
	plane, err := shared.Plane()
	must(t, err)
	t.Setenv("KUBECONFIG", contexts(t, plane))
	withFlux(t, plane, "opened")
	scheme, err := kinds.Scheme()
	must(t, err)
	c, err := client.New(plane.Config, client.Options{Scheme: scheme})
	must(t, err)
	must(t, cluster.InstallFlux(t.Context(), c, "opened", "source-controller"))
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "opened"}}
	must(t, c.Create(t.Context(), node))
	t.Cleanup(func() { must(t, c.Delete(context.Background(), node)) })
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}}
	node.Status.DaemonEndpoints.KubeletEndpoint.Port = kubelet(t)
	must(t, c.Status().Update(t.Context(), node))
	for _, o := range rig.Objects(t, opened) {
		must(t, cluster.Apply(t.Context(), c, o))
		t.Cleanup(func() { must(t, c.Delete(context.Background(), o, client.GracePeriodSeconds(0))) })
	}
	flags := []string{"--context", "live", "-n", "opened", "--port", "0"}
	_, messages, code := ran(t, "", append([]string{"open", "prometheus"}, flags...)...)
	g.Expect(code).To(Equal(1))
	g.Expect(messages).To(Equal("error: no pod of Prometheus opened/k8s is ready\n"))

	var pods corev1.PodList
	must(t, c.List(t.Context(), &pods, client.InNamespace("opened")))
	for i := range pods.Items {
		pods.Items[i].Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
		must(t, c.Status().Update(t.Context(), &pods.Items[i]))
	}
	for program, want := range map[string]struct{ printed, page string }{
		"grafana": {`Grafana opened/grafana: http://localhost:PORT/
User: kubectl --context live get secret login -n opened -o jsonpath='{.data.admin-user}' | base64 -d; echo
Password: kubectl --context live get secret login -n opened -o jsonpath='{.data.admin\.password}' | base64 -d; echo
Press Ctrl+C to stop.
`, "/portForward/opened/grafana-0:3001/"},
		"prometheus":   {"Prometheus opened/k8s: http://localhost:PORT/prom\nPress Ctrl+C to stop.\n", "/portForward/opened/prometheus-k8s-0:9090/prom"},
		"alertmanager": {"Alertmanager opened/main: http://localhost:PORT/\nPress Ctrl+C to stop.\n", "/portForward/opened/alertmanager-main-0:9093/"},
	} {
		out, page := open(t, append([]string{program}, flags...)...)
		g.Expect(out).To(Equal(want.printed))
		g.Expect(page).To(HavePrefix(want.page), program)
	}

	taken, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is a test
	must(t, err)
	defer taken.Close() //nolint:errcheck // it is a test
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	_, messages, code = ran(t, "", "open", "grafana", "--context", "live", "-n", "opened", "--port", port, "--address", "127.0.0.1")
	g.Expect(code).To(Equal(1))
	g.Expect(messages).To(HaveSuffix("error: port " + port + " of this machine is in use: choose another by --port\n"))
}
