//go:build e2e && proof

package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster/stack"
	rigoperator "github.com/fluxmonitoring/operator/test/rig/operator"
)

// proofRest is how long nothing may be written while Prometheus is asked every ten seconds.
var proofRest = flag.Duration("proof.rest", time.Minute, "how long nothing may be written at rest")

// asked has Prometheus asked every ten seconds.
const asked = `{prometheus: {verify: {interval: 10s, timeout: 3s}}}`

// broken is one way in which monitoring breaks.
type broken struct {
	name string
	// kind of the object that cause patches, and cure patches back.
	kind, cause, cure string
	// shown are conditions that follow.
	shown []string
}

// each brings about one reason, from a state in which all is well.
var eachReason = []broken{
	{"the limit of samples is too low", "Prometheus", `{"spec": {"enforcedSampleLimit": 5}}`, `{"spec": {"enforcedSampleLimit": null}}`,
		[]string{"Scraped=False/LimitsTooLow", "Proven=False/LinkBroken"}},
	{"no replica is left", "Prometheus", `{"spec": {"replicas": 0}}`, `{"spec": {"replicas": 1}}`,
		[]string{"Scraped=False/PrometheusNotAvailable"}},
	{"its pod cannot start", "Prometheus", `{"spec": {"image": "registry.invalid/none:1"}}`, `{"spec": {"image": null}}`,
		[]string{"Scraped=False/PrometheusNotAvailable", "RulesHealthy=False/PrometheusNotAvailable"}},
	{"a path that serves no metrics", "FluxMonitoring",
		`{"spec": {"patches": [{"target": {"kind": "PodMonitor", "name": "flux"}, "patch": "- op: replace\n  path: /spec/podMetricsEndpoints/0/path\n  value: /none"}]}}`,
		`{"spec": {"patches": null}}`, []string{"Scraped=False/TargetsDown"}},
	{"a rule that fails", "FluxMonitoring",
		`{"spec": {"alerts": {"additionalGroups": [{"name": "mine", "rules": [{"record": "mine:up", "expr": "up * on() up"}]}]}}}`,
		`{"spec": {"alerts": {"additionalGroups": null}}}`, []string{"RulesHealthy=False/RuleFailing", scraped}},
	{"nothing is sent to an Alertmanager that exists", "Prometheus",
		`{"spec": {"alerting": {"alertmanagers": [{"namespace": "monitoring", "name": "alertmanager-operated", "port": "none"}]}}}`,
		`{"spec": {"alerting": {"alertmanagers": [{"namespace": "monitoring", "name": "alertmanager-operated", "port": "web", "pathPrefix": "/", "apiVersion": "v2"}]}}}`,
		[]string{"AlertsEffective=False/NoAlertmanager", scraped}},
}

func TestEachBreakIsShownAndItsEndToo(t *testing.T) {
	fm := shared.ask(t, asked)
	well := []string{ready, scraped, served, healthy, effective}
	shared.shows(t, fm, well...)
	for _, b := range eachReason {
		t.Run(b.name, func(t *testing.T) {
			defer shared.shows(t, fm, well...)
			defer shared.patched(t, b.kind, b.cure)
			shared.patched(t, b.kind, b.cause)
			start := time.Now()
			shared.shows(t, fm, b.shown...)
			t.Logf("shown after %s: %s", since(start), messages(fm, b.shown...))
		})
	}
	t.Run("a firewall between the operator and Prometheus", func(t *testing.T) {
		open := shared.closesPort(t)
		shared.shows(t, fm, "Scraped=Unknown/Unreachable", "Proven=Unknown/LinkUnknown")
		NewWithT(t).Expect(messages(fm, "Scraped=")).To(HaveSuffix("time-out (NetworkPolicy monitoring/closed)"))
		open()
		shared.shows(t, fm, well...)
	})
	for _, spread := range []struct {
		patch string
		pods  int32
	}{{`{"spec": {"replicas": 2}}`, 2}, {`{"spec": {"replicas": 1, "shards": 2}}`, 2}, {`{"spec": {"shards": 1}}`, 1}} {
		shared.patched(t, "Prometheus", spread.patch)
		shared.available(t, spread.pods)
		if !strings.Contains(spread.patch, `"shards": 2`) { // AlertsEffective is False with shards
			shared.shows(t, fm, well...)
		}
	}
}

// available waits until the Prometheus has so many pods, and all of them are available.
func (c *testCluster) available(t *testing.T, pods int32) {
	t.Helper()
	p := &monitoringv1.Prometheus{}
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(c.Get(t.Context(), client.ObjectKey{Namespace: stack.MonitoringNamespace, Name: "kube-prometheus-stack-prometheus"}, p)).To(Succeed())
		g.Expect(p.Status).To(SatisfyAll(HaveField("Replicas", pods), HaveField("AvailableReplicas", pods), HaveField("UpdatedReplicas", pods)))
	}, patient, nowAndThen).Should(Succeed())
}

func TestARestartOfPrometheusAndRestWriteNothing(t *testing.T) {
	fm := shared.ask(t, asked)
	shared.shows(t, fm, ready, scraped, healthy, effective)
	before := fm.ResourceVersion
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: stack.MonitoringNamespace, Name: "prometheus-kube-prometheus-stack-prometheus-0"}}
	must(t, shared.Delete(t.Context(), pod))
	NewWithT(t).Consistently(func() (string, error) {
		err := shared.Get(t.Context(), client.ObjectKeyFromObject(fm), fm)
		return fm.ResourceVersion, err
	}, *proofRest, nowAndThen).Should(Equal(before), "%+v", fm.Status.Conditions)
}

// shows waits until a FluxMonitoring has the conditions, longer than others: a break is shown a minute after it was seen, and
// what is missing only four minutes after a change.
func (c *testCluster) shows(t *testing.T, fm *v1alpha1.FluxMonitoring, conditions ...string) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(c.Get(t.Context(), client.ObjectKeyFromObject(fm), fm)).To(Succeed())
		g.Expect(rigoperator.Conditions(fm)).To(ContainElements(conditions), "%+v", fm.Status.Conditions)
	}, 6*time.Minute, nowAndThen).Should(Succeed())
}

// messages are those of the conditions whose types begin the texts.
func messages(fm *v1alpha1.FluxMonitoring, of ...string) string {
	var all []string
	for _, text := range of {
		condition, _, _ := strings.Cut(text, "=")
		all = append(all, meta.FindStatusCondition(fm.Status.Conditions, condition).Message)
	}
	return strings.Join(all, "; ")
}

// patched patches the FluxMonitoring or the Prometheus.
func (c *testCluster) patched(t *testing.T, kind, patch string) {
	t.Helper()
	o := named("fluxmonitoring.dev/v1alpha1", "FluxMonitoring", namespace, name)
	if kind == "Prometheus" {
		o = named("monitoring.coreos.com/v1", kind, stack.MonitoringNamespace, "kube-prometheus-stack-prometheus")
	}
	must(t, c.Patch(context.Background(), o, client.RawPatch("application/merge-patch+json", []byte(patch))))
}

// closesPort drops what the operator sends to Prometheus until open is called, as a NetworkPolicy does that lets nobody in. The node's network
// enforces none, so a rule in the pod's own network stands for it.
func (c *testCluster) closesPort(t *testing.T) (open func()) {
	t.Helper()
	policy := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: stack.MonitoringNamespace, Name: "closed"}}
	policy.Spec.PodSelector.MatchLabels = map[string]string{"app.kubernetes.io/name": "prometheus"}
	policy.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	t.Cleanup(func() { c.remove(t, policy) })
	must(t, c.Create(t.Context(), policy.DeepCopy()))
	pods := &corev1.PodList{}
	must(t, c.List(t.Context(), pods, client.InNamespace(system)))
	var from []string
	for _, p := range pods.Items {
		from = append(from, p.Status.PodIP)
	}
	pod := &corev1.Pod{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: stack.MonitoringNamespace, Name: "prometheus-kube-prometheus-stack-prometheus-0"}, pod))
	nft := func(script string) error {
		find := fmt.Sprintf(`for p in $(pgrep -x prometheus); do nsenter -t $p -n ip -4 addr | grep -q 'inet %s/' && exec nsenter -t $p -n nft '%s'; done; exit 1`,
			pod.Status.PodIP, script)
		out, err := exec.Command("sh", "-c", find).CombinedOutput()
		if err != nil {
			return fmt.Errorf("nft: %w: %s", err, out)
		}
		return nil
	}
	must(t, nft("add table inet closed; add chain inet closed in { type filter hook input priority 0; }; add rule inet closed in ip saddr { "+
		strings.Join(from, ", ")+" } tcp dport 9090 drop"))
	return func() { must(t, nft("delete table inet closed")) }
}
