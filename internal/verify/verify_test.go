package verify

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/fluxcd/pkg/apis/meta"
	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/proof"
	"github.com/fluxmonitoring/operator/test/rig"
)

func TestReadyPodsOfAPrometheusAreFound(t *testing.T) {
	g, p := NewWithT(t), newPlace(t)
	_, fault := p.endpoints(t.Context(), backend(p.namespace))
	g.Expect(fault).To(Equal(proof.Fault{Class: proof.ClassNoService, Subject: "Service " + p.namespace + "/prometheus-operated"}))

	for i, change := range []func(*discoveryv1.EndpointSlice){
		func(s *discoveryv1.EndpointSlice) { s.Endpoints[0].Conditions.Ready = new(false) },
		func(s *discoveryv1.EndpointSlice) { s.Endpoints[0].TargetRef = nil },
		func(s *discoveryv1.EndpointSlice) { s.Endpoints[0].TargetRef.Kind = "Node" },
		func(s *discoveryv1.EndpointSlice) { s.Endpoints[0].TargetRef.Name = "prometheus-other-0" },
		func(s *discoveryv1.EndpointSlice) { s.Endpoints[0].TargetRef.Name = "alertmanager-k8s-0" },
		func(s *discoveryv1.EndpointSlice) { s.Ports[0].Name = nil },
		func(s *discoveryv1.EndpointSlice) { s.Ports[0].Name = new("grpc") },
		func(s *discoveryv1.EndpointSlice) { s.Labels[discoveryv1.LabelServiceName] = "other" },
		func(s *discoveryv1.EndpointSlice) { s.Endpoints = nil },
	} {
		s := slice(p.namespace, fmt.Sprintf("prometheus-k8s-%d", i), 9090, "10.1.0.1")
		change(s)
		must(t, admin.Create(t.Context(), s))
	}
	_, fault = p.endpoints(t.Context(), backend(p.namespace))
	g.Expect(fault).To(Equal(proof.Fault{Class: proof.ClassNoPods}))

	unset, six := slice(p.namespace, "prometheus-k8s-shard-1-0", 9091, "10.1.0.2"), slice(p.namespace, "prometheus-k8s-0", 9090, "fd00::1")
	unset.Endpoints[0].Conditions.Ready, six.AddressType, six.Name = nil, discoveryv1.AddressTypeIPv6, "prometheus-operated-zzzzzz"
	for _, s := range []*discoveryv1.EndpointSlice{unset, six, slice(p.namespace, "prometheus-k8s-0", 9090, "10.1.0.1")} {
		must(t, admin.Create(t.Context(), s))
	}
	found, fault := p.endpoints(t.Context(), backend(p.namespace))
	g.Expect(fault).To(Equal(proof.Fault{}))
	g.Expect(found).To(Equal([]endpoint{
		{"prometheus-k8s-0", netip.MustParseAddr("10.1.0.1"), 9090}, {"prometheus-k8s-shard-1-0", netip.MustParseAddr("10.1.0.2"), 9091},
	}), "a pod with two addresses is there once")
}

func TestWithoutThePermissionNobodyIsAsked(t *testing.T) {
	p := newPlace(t)
	var err error
	p.Live, err = p.ClientFor(p.namespace, "flux")
	must(t, err)
	NewWithT(t).Expect(p.fault(p.question(p.namespace))).To(Equal(proof.Fault{Class: proof.ClassNoPermission, Subject: "namespace " + p.namespace}))
}

func TestASecretIsReadOnlyIfItIsNamedAndARoleAllowsIt(t *testing.T) {
	for name, account := range map[string]string{"by the operator": "", "by the ServiceAccount of the spec": "flux"} {
		t.Run(name, func(t *testing.T) {
			g, p := NewWithT(t), newPlace(t)
			s := p.behind(p.namespace, nil)
			for _, secret := range []string{"prometheus", "other"} {
				must(t, admin.Create(t.Context(), &corev1.Secret{
					ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: secret}, StringData: map[string]string{"username": "u", "password": "p"},
				}))
			}
			q := p.question(p.namespace)
			q.Account = account
			g.Expect(p.fault(q)).To(Equal(proof.Fault{}))
			g.Expect(p.count("/secrets/")).To(BeZero(), "none is named")

			q.Verify.SecretRef = &meta.LocalObjectReference{Name: "prometheus"}
			refused := proof.Fault{Class: proof.ClassCredentials, Subject: "Secret " + p.namespace + "/prometheus"}
			g.Expect(p.fault(q)).To(Equal(refused))
			p.grant(reading(account), "secrets", "get", "prometheus")
			rig.Eventually(t, func() proof.Fault { return p.fault(q) }).Should(Equal(proof.Fault{Class: proof.ClassPlain}), "and without TLS it is not sent")
			g.Expect(s.sent()).To(Equal(map[string]bool{"": true}))
			q.Verify.Insecure = true
			g.Expect(p.fault(q)).To(Equal(proof.Fault{}))
			g.Expect(s.sent()).To(HaveKey("Basic dTpw"))
			q.Verify.SecretRef.Name = "other"
			g.Expect(p.fault(q)).To(Equal(proof.Fault{Class: proof.ClassCredentials, Subject: "Secret " + p.namespace + "/other"}))
			g.Expect(p.count("/secrets?")+p.count("/secrets", "watch")).To(BeZero(), "Secrets are not listed")
		})
	}
}

// reading is the account that reads: the operator's own if none is named.
func reading(account string) string {
	if account == "" {
		return "operator"
	}
	return account
}

func TestATokenIsRequestedOnceAndRenewed(t *testing.T) {
	for name, account := range map[string]string{"by the operator": "", "by the ServiceAccount of the spec": "flux"} {
		t.Run(name, func(t *testing.T) {
			g, p := NewWithT(t), newPlace(t)
			s := p.behind(p.namespace, nil)
			must(t, admin.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "asker"}}))
			q := p.question(p.namespace)
			q.Account, q.Verify.ServiceAccountName, q.Verify.Audience, q.Verify.Insecure = account, "asker", "thanos", true
			g.Expect(p.fault(q)).To(Equal(proof.Fault{Class: proof.ClassCredentials, Subject: "a token of ServiceAccount " + p.namespace + "/asker"}))
			p.grant(reading(account), "serviceaccounts/token", "create", "asker")
			rig.Eventually(t, func() proof.Fault { return p.fault(q) }).Should(Equal(proof.Fault{}))
			requested := p.count("POST", "/serviceaccounts/asker/token")
			for range 3 {
				g.Expect(p.fault(q)).To(Equal(proof.Fault{}))
			}
			g.Expect(p.count("POST", "/serviceaccounts/asker/token")).To(Equal(requested), "it is kept")
			g.Expect(s.sent()).To(HaveLen(1))
			for header := range s.sent() {
				g.Expect(claims(t, header)).To(Equal(map[string]any{"aud": []any{"thanos"}, "sub": "system:serviceaccount:" + p.namespace + ":asker"}))
			}
			for key, known := range p.tokens.known {
				g.Expect(time.Until(known.until)).To(BeNumerically("~", tokenLife/2, time.Minute))
				p.tokens.known[key] = token{known.value, time.Now()}
			}
			g.Expect(p.fault(q)).To(Equal(proof.Fault{}))
			g.Expect(p.count("POST", "/serviceaccounts/asker/token")).To(Equal(requested+1), "it is renewed")
		})
	}
}

// claims are who has a token, and for whom it is.
func claims(t *testing.T, header string) map[string]any {
	t.Helper()
	body, err := base64.RawURLEncoding.DecodeString(strings.Split(header, ".")[1])
	must(t, err)
	var all map[string]any
	must(t, json.Unmarshal(body, &all))
	return map[string]any{"aud": all["aud"], "sub": all["sub"]}
}

func TestAStrangersPrometheusGetsNoCredentials(t *testing.T) {
	g, p := NewWithT(t), newPlace(t)
	must(t, admin.Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "s"}, StringData: map[string]string{"bearerToken": "t"}}))
	p.grant("operator", "secrets", "get", "s")
	elsewhere := namespace(t)
	s := p.behind(elsewhere, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	q := p.question(elsewhere)
	q.Verify.SecretRef, q.Verify.Insecure = &meta.LocalObjectReference{Name: "s"}, true
	rig.Eventually(t, func() proof.Fault { return p.fault(q) }).Should(Equal(proof.Fault{Class: proof.ClassWithheld}))
	g.Expect(s.sent()).To(Equal(map[string]bool{"": true}))
	p.Trusts = func(namespace string) bool { return namespace == elsewhere }
	g.Expect(p.fault(q)).To(Equal(proof.Fault{Class: proof.ClassUnauthorized}))
	g.Expect(s.sent()).To(HaveKey("Bearer t"))
	q.Verify.Address = "https://thanos.example.com"
	g.Expect(p.fault(q)).To(Equal(proof.Fault{Class: proof.ClassReserved}), "as the pods of Alertmanagers, beside an address")
}

func TestAnAddressIsForTrustedNamespacesAndNamedHosts(t *testing.T) {
	p, s := newPlace(t), serve(t, nil)
	host := s.Listener.Addr().String()
	notAllowed := proof.Fault{Class: proof.ClassNotAllowed}
	api := p.apiServer(t.Context())
	NewWithT(t).Expect(api).To(ContainElement(netip.MustParseAddrPort(strings.Trim(strings.TrimPrefix(p.APIServer, "https:"), "/"))))
	for name, c := range map[string]struct {
		namespace, address string
		hosts              []string
		fault              proof.Fault
	}{
		"a trusted namespace":        {p.namespace, "http://" + host, nil, proof.Fault{}},
		"another":                    {"elsewhere", "http://" + host, nil, notAllowed},
		"another, with the host":     {"elsewhere", "http://" + host, []string{rig.OwnAddress(t)}, proof.Fault{}},
		"another, with its port":     {"elsewhere", "http://" + host, []string{host}, proof.Fault{}},
		"another, with another port": {"elsewhere", "http://" + host, []string{rig.OwnAddress(t) + ":1"}, notAllowed},
		"another, with another host": {"elsewhere", "http://" + host, []string{"thanos"}, notAllowed},
		"loopback":                   {p.namespace, "http://localhost:1", []string{"localhost"}, notAllowed},
		"the API server":             {p.namespace, "https://" + api[0].String(), nil, notAllowed},
	} {
		q := p.question("")
		q.Namespace, q.Verify.Address, p.Hosts = c.namespace, c.address, c.hosts
		q.Prometheuses = []proof.Backend{{Address: c.address}}
		NewWithT(t).Expect(p.fault(q)).To(Equal(c.fault), name)
	}
}

func TestANetworkPolicyIsNamedOnATimeOut(t *testing.T) {
	g, p := NewWithT(t), newPlace(t)
	p.behind(p.namespace, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	q := p.question(p.namespace)
	q.Verify.Timeout = "200ms"
	g.Expect(p.fault(q)).To(Equal(proof.Fault{Class: proof.ClassTimeOut, Subject: "pod prometheus-k8s-0"}))
	policy := func(name, instance string, kinds ...networkingv1.PolicyType) {
		must(t, admin.Create(t.Context(), &networkingv1.NetworkPolicy{
			ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: name},
			Spec:       networkingv1.NetworkPolicySpec{PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/instance": instance}}, PolicyTypes: kinds},
		}))
	}
	policy("of-others", "other")
	policy("egress", "k8s", networkingv1.PolicyTypeEgress)
	g.Expect(p.fault(q)).To(Equal(proof.Fault{Class: proof.ClassTimeOut, Subject: "pod prometheus-k8s-0"}))
	policy("web", "k8s", networkingv1.PolicyTypeIngress)
	g.Expect(p.fault(q)).To(Equal(proof.Fault{Class: proof.ClassTimeOut, Subject: "NetworkPolicy " + p.namespace + "/web"}))
}

// TestARejectionIsRead writes status.bindings as prometheus-operator 0.94 does (pkg/operator/config_resource.go).
func TestARejectionIsRead(t *testing.T) {
	p := newPlace(t)
	q := p.question(p.namespace)
	q.Objects = []proof.Object{{GroupVersionKind: kinds.PodMonitor, Name: "flux"}, {GroupVersionKind: kinds.PodMonitor, Name: "absent"}}
	monitor := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "monitoring.coreos.com/v1", "kind": "PodMonitor", "metadata": map[string]any{"namespace": p.namespace, "name": "flux"},
		"spec": map[string]any{"selector": map[string]any{}, "podMetricsEndpoints": []any{map[string]any{"port": "http"}}},
	}}
	must(t, admin.Create(t.Context(), monitor))
	for name, c := range map[string]struct {
		change   func(*monitoringv1.WorkloadBinding, *monitoringv1.ConfigResourceCondition)
		rejected string
	}{
		"it is rejected": {func(*monitoringv1.WorkloadBinding, *monitoringv1.ConfigResourceCondition) {}, "PodMonitor flux"},
		"it is accepted": {func(_ *monitoringv1.WorkloadBinding, c *monitoringv1.ConfigResourceCondition) {
			c.Status = monitoringv1.ConditionTrue
		}, ""},
		"an earlier generation was":     {func(_ *monitoringv1.WorkloadBinding, c *monitoringv1.ConfigResourceCondition) { c.ObservedGeneration-- }, ""},
		"another Prometheus rejects it": {func(b *monitoringv1.WorkloadBinding, _ *monitoringv1.ConfigResourceCondition) { b.Name = "other" }, ""},
		"one of another namespace":      {func(b *monitoringv1.WorkloadBinding, _ *monitoringv1.ConfigResourceCondition) { b.Namespace = "other" }, ""},
		"a PrometheusAgent of that name": {func(b *monitoringv1.WorkloadBinding, _ *monitoringv1.ConfigResourceCondition) {
			b.Resource = "prometheusagents"
		}, ""},
	} {
		condition := monitoringv1.ConfigResourceCondition{
			Type: monitoringv1.Accepted, Status: monitoringv1.ConditionFalse, LastTransitionTime: metav1.Now(), Reason: "InvalidConfiguration",
			Message: "S3CR3T", ObservedGeneration: monitor.GetGeneration(),
		}
		binding := monitoringv1.WorkloadBinding{Group: "monitoring.coreos.com", Resource: "prometheuses", Namespace: p.namespace, Name: "k8s"}
		c.change(&binding, &condition)
		binding.Conditions = []monitoringv1.ConfigResourceCondition{condition}
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&binding)
		must(t, err)
		must(t, unstructured.SetNestedSlice(monitor.Object, []any{content}, "status", "bindings"))
		must(t, admin.Status().Update(t.Context(), monitor))
		prometheuses, _ := p.round(t.Context(), q)
		NewWithT(t).Expect(prometheuses[0].Rejected).To(Equal(c.rejected), name)
	}
}

// follow has a place's Verifier ask until the test ends, and returns what it announces.
func (p *place) follow() <-chan types.NamespacedName {
	announced := make(chan types.NamespacedName, 1000)
	ctx, ended := p.t.Context(), make(chan error)
	go func() { ended <- p.Start(ctx) }()
	go func() {
		for {
			select {
			case e := <-p.Announced:
				announced <- client.ObjectKeyFromObject(e.Object)
			case <-ctx.Done():
				return
			}
		}
	}()
	p.t.Cleanup(func() { must(p.t, <-ended) })
	return announced
}

func TestAtRestNothingIsAnnouncedAndNothingWritten(t *testing.T) {
	g, p := NewWithT(t), newPlace(t)
	p.behind(p.namespace, nil)
	key := types.NamespacedName{Namespace: p.namespace, Name: "flux"}
	q := *p.question(p.namespace)
	q.Verify.Interval = "10s"
	announced := p.follow()
	g.Expect(p.Findings(key)).To(BeNil())
	p.Follow(key, q, proof.Findings{})
	g.Eventually(announced, rig.Soon).Should(Receive(Equal(key)))
	missing := proof.Finding{Status: "Unknown", Reason: v1alpha1.ReasonSelected,
		Message: "not seen yet after a change: Prometheus " + p.namespace + "/k8s has no target for PodMonitor " + p.namespace + "/flux"}
	g.Expect(p.Findings(key)).To(Equal(&proof.Findings{Scraped: missing}))
	for range 3 {
		p.Follow(key, q, proof.Findings{}) // as each run of the controller does
		p.ask(t.Context(), key)
	}
	g.Expect(p.count("GET", "/namespaces/default/endpointslices")).To(Equal(1), "the addresses of the API server are remembered")
	g.Expect(announced).NotTo(Receive())
	g.Expect(p.count("POST") + p.count("PUT") + p.count("PATCH") + p.count("DELETE")).To(BeZero())
	p.Forget(key)
	g.Expect(p.Findings(key)).To(BeNil())
}

// TestAPrometheusThatHangsKeepsOthersWaitingOnce measures it: many that hang hold every worker in their first round, and none after that.
func TestAPrometheusThatHangsKeepsOthersWaitingOnce(t *testing.T) {
	const many, timeout = 40, 500 * time.Millisecond
	g, p := NewWithT(t), newPlace(t)
	hangs, answers := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), serve(t, nil)
	announced := p.follow()
	at := func(s *server) proof.Question {
		q := *p.question("")
		q.Verify.Address, q.Verify.Timeout = s.URL, "500ms"
		q.Prometheuses = []proof.Backend{{Address: s.URL}}
		return q
	}
	answered := func(name string) time.Duration {
		key, began, q := types.NamespacedName{Namespace: p.namespace, Name: name}, time.Now(), at(answers)
		p.Follow(key, q, proof.Findings{})
		g.Eventually(func() *proof.Findings { return p.Findings(key) }, rig.Soon, rig.Often).ShouldNot(BeNil())
		return time.Since(began)
	}
	for i := range many {
		p.Follow(types.NamespacedName{Namespace: p.namespace, Name: fmt.Sprintf("hangs-%d", i)}, at(hangs), proof.Findings{})
	}
	first := answered("first")
	g.Eventually(func() int { return len(announced) }, rig.Soon, rig.Often).Should(Equal(many + 1))
	for i := range many { // all are due again
		q := at(hangs)
		q.Rule = "again"
		p.Follow(types.NamespacedName{Namespace: p.namespace, Name: fmt.Sprintf("hangs-%d", i)}, q, proof.Findings{})
	}
	second := answered("second")
	t.Logf("beside %d that hang: %s in their first round, %s later", many, first, second)
	g.Expect(second).To(BeNumerically("<", many/workers*timeout/2), "those that hang have workers of their own")
}
