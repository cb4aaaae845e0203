package verify

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/proof"
)

// endpoint is a port of a pod.
type endpoint struct {
	pod  string
	addr netip.Addr
	port uint16
}

// endpoints are the ready pods of a backend behind its Service. The Service selects the pods of every backend of its kind in the namespace;
// prometheus-operator names those of one <kind>-<name>-<n>, and those of the further shards of a Prometheus prometheus-<name>-shard-<s>-<n>.
func (v *Verifier) endpoints(ctx context.Context, b proof.Backend) ([]endpoint, proof.Fault) {
	var slices discoveryv1.EndpointSliceList
	err := v.Live.List(ctx, &slices, client.InNamespace(b.Namespace), client.MatchingLabels{discoveryv1.LabelServiceName: b.Service})
	switch {
	case apierrors.IsForbidden(err):
		return nil, proof.Fault{Class: proof.ClassNoPermission, Subject: "namespace " + b.Namespace}
	case err != nil:
		return nil, proof.Fault{Class: proof.ClassOther, Subject: "the API server"}
	}
	if len(slices.Items) == 0 { // a Service that selects no pod has an empty one
		return nil, proof.Fault{Class: proof.ClassNoService, Subject: "Service " + b.Namespace + "/" + b.Service}
	}
	found := endpointsOf(slices.Items, b.Port, podNames(b))
	if len(found) == 0 {
		return nil, proof.Fault{Class: proof.ClassNoPods}
	}
	return found[:min(len(found), maxPods)], proof.Fault{}
}

// podNames matches the names of a backend's pods. Those of a DaemonSet of a PrometheusAgent end in letters.
func podNames(b proof.Backend) *regexp.Regexp {
	prefix := map[string]string{"Prometheus": "prometheus-", "PrometheusAgent": "prom-agent-", "Alertmanager": "alertmanager-"}[b.Kind]
	return regexp.MustCompile("^" + regexp.QuoteMeta(prefix+b.Name) + `(-shard-\d+)?-([0-9]+|[a-z0-9]{5})$`)
}

// endpointsOf are the ready pods with a name, sorted. One that has two addresses is there once, with the first.
func endpointsOf(all []discoveryv1.EndpointSlice, port string, name *regexp.Regexp) []endpoint {
	var found []endpoint
	for i := range all {
		for _, p := range all[i].Ports {
			if p.Name == nil || *p.Name != port || p.Port == nil {
				continue
			}
			for _, e := range all[i].Endpoints {
				pod, addr := readyPod(e)
				known := slices.ContainsFunc(found, func(f endpoint) bool { return f.pod == pod })
				if addr.IsValid() && name.MatchString(pod) && !known {
					found = append(found, endpoint{pod, addr, uint16(*p.Port)}) //nolint:gosec // the API server checks its range
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b endpoint) int { return strings.Compare(a.pod, b.pod) })
	return found
}

// readyPod is the pod of an endpoint, and its address; no address if it is no pod, or not ready.
func readyPod(e discoveryv1.Endpoint) (pod string, addr netip.Addr) {
	if e.TargetRef == nil || e.TargetRef.Kind != "Pod" || len(e.Addresses) == 0 || e.Conditions.Ready != nil && !*e.Conditions.Ready {
		return "", netip.Addr{}
	}
	addr, _ = netip.ParseAddr(e.Addresses[0]) // that of an error is not valid
	return e.TargetRef.Name, addr
}

// serversLife is how long the addresses of the API server are remembered, which every round needs.
const serversLife = time.Minute

// servers are the addresses of the API server, until they are read again.
type servers struct {
	mu    sync.Mutex
	known []netip.AddrPort
	until time.Time
}

// apiServer are the addresses of the API server: those behind its Service, and that of the operator's own connection. What could not be read
// is not remembered.
func (v *Verifier) apiServer(ctx context.Context) []netip.AddrPort {
	v.servers.mu.Lock()
	defer v.servers.mu.Unlock()
	if time.Now().Before(v.servers.until) {
		return v.servers.known
	}
	var all discoveryv1.EndpointSliceList
	err := v.Live.List(ctx, &all, client.InNamespace(metav1.NamespaceDefault), client.MatchingLabels{discoveryv1.LabelServiceName: "kubernetes"})
	v.servers.known = append(addressesOf(all.Items), v.ownConnection(ctx)...)
	if err == nil {
		v.servers.until = time.Now().Add(serversLife)
	}
	return v.servers.known
}

// addressesOf are all addresses of EndpointSlices with their ports.
func addressesOf(all []discoveryv1.EndpointSlice) []netip.AddrPort {
	var found []netip.AddrPort
	for _, s := range all {
		for _, p := range s.Ports {
			for _, e := range s.Endpoints {
				for _, text := range e.Addresses {
					if addr, err := netip.ParseAddr(text); err == nil && p.Port != nil {
						found = append(found, netip.AddrPortFrom(addr, uint16(*p.Port))) //nolint:gosec // the API server checks its range
					}
				}
			}
		}
	}
	return found
}

// ownConnection are the addresses of the API server that the operator itself uses.
func (v *Verifier) ownConnection(ctx context.Context) []netip.AddrPort {
	own, err := url.Parse(v.APIServer)
	if err != nil {
		return nil
	}
	port, err := strconv.ParseUint(cmp.Or(own.Port(), "443"), 10, 16)
	if err != nil {
		return nil
	}
	addrs, _ := net.DefaultResolver.LookupNetIP(ctx, "ip", own.Hostname()) // a name that is not resolved leads nowhere
	found := make([]netip.AddrPort, 0, len(addrs))
	for _, addr := range addrs {
		found = append(found, netip.AddrPortFrom(addr.Unmap(), uint16(port)))
	}
	return found
}

// policyOf names a NetworkPolicy that selects the pods of a backend for incoming connections; empty if none is seen. prometheus-operator gives
// these pods known labels, so the pods need not be read.
func (v *Verifier) policyOf(ctx context.Context, b proof.Backend) string {
	if b.Address != "" {
		return ""
	}
	var policies networkingv1.NetworkPolicyList
	if err := v.Live.List(ctx, &policies, client.InNamespace(b.Namespace)); err != nil {
		return ""
	}
	kind := strings.ToLower(b.Kind)
	pod := labels.Set{
		"app.kubernetes.io/name": kind, "app.kubernetes.io/managed-by": "prometheus-operator", "app.kubernetes.io/instance": b.Name,
		kind: b.Name, "operator.prometheus.io/name": b.Name,
	}
	for i := range policies.Items {
		p := &policies.Items[i]
		selector, err := metav1.LabelSelectorAsSelector(&p.Spec.PodSelector)
		ingress := len(p.Spec.PolicyTypes) == 0 || slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeIngress)
		if err == nil && ingress && selector.Matches(pod) {
			return fmt.Sprintf("%s/%s", p.Namespace, p.Name)
		}
	}
	return ""
}
