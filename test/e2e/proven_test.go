//go:build e2e && proof

package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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
	// then is what breaks next, before this is cured.
	then *broken
}

// noMetrics patches the path of the controllers' metrics to one that does not exist.
const noMetrics = `{"spec": {"patches": [{"target": {"kind": "PodMonitor", "name": "flux"},
	"patch": "- op: replace\n  path: /spec/podMetricsEndpoints/0/path\n  value: /none"}]}}`

// eachReason brings about one reason each, from a state in which all is well.
var eachReason = []broken{
	{"the limit of samples is too low", "Prometheus", `{"spec": {"enforcedSampleLimit": 5}}`, `{"spec": {"enforcedSampleLimit": null}}`,
		[]string{"Scraped=False/LimitsTooLow", "Proven=False/LinkBroken"}, nil},
	{"no replica is left", "Prometheus", `{"spec": {"replicas": 0}}`, `{"spec": {"replicas": 1}}`,
		[]string{"Scraped=False/PrometheusNotAvailable"}, nil},
	{"its pod cannot start", "Prometheus", `{"spec": {"image": "registry.invalid/none:1"}}`, `{"spec": {"image": null}}`,
		[]string{"Scraped=False/PrometheusNotAvailable", "RulesHealthy=False/PrometheusNotAvailable"}, nil},
	{"a path that serves no metrics", "FluxMonitoring", noMetrics, `{"spec": {"patches": null}}`, []string{"Scraped=False/TargetsDown"}, nil},
	{"a rule that fails", "FluxMonitoring",
		`{"spec": {"alerts": {"additionalGroups": [{"name": "mine", "rules": [{"record": "mine:up", "expr": "up * on() up"}]}]}}}`,
		`{"spec": {"alerts": {"additionalGroups": null}}}`, []string{"RulesHealthy=False/RuleFailing", scraped}, nil},
	{"nothing is sent to an Alertmanager that exists", "Prometheus",
		`{"spec": {"alerting": {"alertmanagers": [{"namespace": "monitoring", "name": "alertmanager-operated", "port": "none"}]}}}`,
		`{"spec": {"alerting": {"alertmanagers": [{"namespace": "monitoring", "name": "alertmanager-operated", "port": "web", "pathPrefix": "/", "apiVersion": "v2"}]}}}`,
		[]string{"AlertsEffective=False/NoAlertmanager", scraped}, nil},
}

func TestEachBreakIsShownAndItsEndToo(t *testing.T) {
	fm := shared.ask(t, asked)
	well := []string{ready, scraped, served, healthy, effective}
	shared.shows(t, fm, well...)
	for _, b := range eachReason {
		t.Run(b.name, func(t *testing.T) { shared.breaks(t, fm, &b, func() {}, well...) })
	}
	t.Run("a firewall between the operator and Prometheus", func(t *testing.T) {
		open := shared.closesPort(t)
		shared.shows(t, fm, "Scraped=Unknown/Unreachable", "Proven=Unknown/LinkUnknown")
		NewWithT(t).Expect(messages(fm, "Scraped=")).To(HaveSuffix("time-out (NetworkPolicy monitoring/closed)"))
		open()
		shared.shows(t, fm, well...)
	})
	for patch, spread := range map[string]struct {
		pods  int32
		shown []string
	}{
		`{"spec": {"replicas": 2}}`:              {2, well},
		`{"spec": {"replicas": 1, "shards": 2}}`: {2, []string{scraped, healthy, "AlertsEffective=False/NotScraped"}},
	} {
		shared.patched(t, "Prometheus", patch)
		shared.available(t, spread.pods)
		shared.shows(t, fm, spread.shown...)
		shared.patched(t, "Prometheus", `{"spec": {"replicas": 1, "shards": 1}}`)
		shared.available(t, 1)
		shared.shows(t, fm, well...)
	}
}

// breaks has something break, waits until the status shows it and then rests, and cures it. In between it does what else is to be seen.
// No condition may return to a value that it left, before the cure or after it.
func (c *testCluster) breaks(t *testing.T, fm *v1alpha1.FluxMonitoring, b *broken, between func(), well ...string) {
	t.Helper()
	var cures []func()
	steady := c.watchesForFlapping(t)
	for step := b; step != nil; step = step.then {
		cure := sync.OnceFunc(func() { c.patched(t, step.kind, step.cure) })
		cures = append(cures, cure)
		defer cure()
		start := time.Now()
		c.patched(t, step.kind, step.cause)
		c.shows(t, fm, step.shown...)
		t.Logf("shown after %s: %s", since(start), messages(fm, step.shown...))
	}
	c.rests(t, fm)
	steady()
	between()
	steady = c.watchesForFlapping(t)
	for _, cure := range cures {
		cure()
	}
	c.shows(t, fm, well...)
	steady()
}

// rests waits until nothing is written to the status for as long as two rounds of questions take.
func (c *testCluster) rests(t *testing.T, fm *v1alpha1.FluxMonitoring) {
	t.Helper()
	from, version := time.Now(), ""
	NewWithT(t).Eventually(func() (time.Duration, error) {
		err := c.Get(t.Context(), client.ObjectKeyFromObject(fm), fm)
		if fm.ResourceVersion != version {
			from, version = time.Now(), fm.ResourceVersion
		}
		return time.Since(from), err
	}, patient, nowAndThen).Should(BeNumerically(">", 25*time.Second), "%+v", fm.Status.Conditions)
}

// watchesForFlapping notes which values each condition has, one after another, until steady checks that none has returned. Once, after a change,
// a condition can be without an answer.
func (c *testCluster) watchesForFlapping(t *testing.T) (steady func()) {
	t.Helper()
	events, err := c.Watch(t.Context(), &v1alpha1.FluxMonitoringList{}, client.InNamespace(namespace), client.MatchingFields{"metadata.name": name})
	must(t, err)
	values := map[string][]string{}
	var noted sync.WaitGroup
	noted.Go(func() {
		for e := range events.ResultChan() {
			if fm, is := e.Object.(*v1alpha1.FluxMonitoring); is {
				for _, text := range rigoperator.Conditions(fm) {
					condition, value, _ := strings.Cut(text, "=")
					values[condition] = slices.Compact(append(values[condition], value))
				}
			}
		}
	})
	return func() {
		t.Helper()
		events.Stop()
		noted.Wait()
		for condition, had := range values {
			i := slices.IndexFunc(had, func(v string) bool { return v == "Unknown/Selected" || v == "Unknown/LinkUnknown" })
			if i >= 0 {
				had = slices.Compact(slices.Delete(had, i, i+1))
			}
			NewWithT(t).Expect(slices.Compact(slices.Sorted(slices.Values(had)))).To(HaveLen(len(had)), "%s flaps: %s", condition, had)
		}
	}
}

// available waits until the Prometheus has so many pods, and all of them are available.
func (c *testCluster) available(t *testing.T, pods int32) {
	t.Helper()
	p := &monitoringv1.Prometheus{}
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(c.Get(t.Context(), client.ObjectKey{Namespace: stack.MonitoringNamespace, Name: "kube-prometheus-stack-prometheus"}, p)).To(Succeed())
		g.Expect(p.Status.Conditions).To(HaveEach(HaveField("ObservedGeneration", p.Generation)), "of the present spec")
		g.Expect(p.Status).To(SatisfyAll(HaveField("Replicas", pods), HaveField("AvailableReplicas", pods), HaveField("UpdatedReplicas", pods)))
	}, patient, nowAndThen).Should(Succeed())
}

func TestARestartOfPrometheusAndRestWriteNothing(t *testing.T) {
	fm := shared.ask(t, asked)
	shared.shows(t, fm, ready, scraped, healthy, effective)
	before, written := fm.ResourceVersion, shared.written(t, namespace)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: stack.MonitoringNamespace, Name: "prometheus-kube-prometheus-stack-prometheus-0"}}
	must(t, shared.Delete(t.Context(), pod))
	NewWithT(t).Consistently(func() (string, error) {
		err := shared.Get(t.Context(), client.ObjectKeyFromObject(fm), fm)
		return fm.ResourceVersion, err
	}, *proofRest, nowAndThen).Should(Equal(before), "%+v", fm.Status.Conditions)
	NewWithT(t).Expect(shared.written(t, namespace)).To(Equal(written), "the operator has written")
}

// reloaded is how long to wait for what is in Prometheus: a change can reach it after three minutes, a series is missing after five more, and a
// break is shown a minute after it was seen.
const reloaded = 10 * time.Minute

// shows waits until a FluxMonitoring has the conditions.
func (c *testCluster) shows(t *testing.T, fm *v1alpha1.FluxMonitoring, conditions ...string) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(c.Get(t.Context(), client.ObjectKeyFromObject(fm), fm)).To(Succeed())
		g.Expect(rigoperator.Conditions(fm)).To(ContainElements(conditions), "%+v", fm.Status.Conditions)
	}, reloaded, nowAndThen).Should(Succeed())
}

// messages are those of the conditions whose types begin the texts, as far as they are there.
func messages(fm *v1alpha1.FluxMonitoring, of ...string) string {
	var all []string
	for _, text := range of {
		condition, _, _ := strings.Cut(text, "=")
		if c := meta.FindStatusCondition(fm.Status.Conditions, condition); c != nil {
			all = append(all, c.Message)
		}
	}
	return strings.Join(all, "; ")
}

// patched patches the FluxMonitoring, or an object of its namespace.
func (c *testCluster) patched(t *testing.T, kind, patch string) {
	t.Helper()
	o := map[string]*unstructured.Unstructured{
		"FluxMonitoring": named("fluxmonitoring.dev/v1alpha1", kind, namespace, name),
		"Prometheus":     named("monitoring.coreos.com/v1", kind, stack.MonitoringNamespace, "kube-prometheus-stack-prometheus"),
		"Alertmanager":   named("monitoring.coreos.com/v1", kind, stack.MonitoringNamespace, "kube-prometheus-stack-alertmanager"),
		"Secret":         named("v1", kind, namespace, "sink"),
	}[kind]
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
