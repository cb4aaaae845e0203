package verify

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/fluxmonitoring/operator/internal/ask"
	"github.com/fluxmonitoring/operator/internal/proof"
)

// maxPods is how many pods of one backend are asked, so that a forged EndpointSlice starts no flood.
const maxPods = 50

// atOnce is how many pods are asked at once in one round.
const atOnce = 8

// round asks every backend of a question.
func (v *Verifier) round(ctx context.Context, q *proof.Question) ([]proof.Prometheus, []proof.Alertmanager) {
	guard := ask.Guard{APIServer: v.apiServer(ctx), Loopback: v.Loopback}
	access, fault := v.access(ctx, q)
	rejected := v.rejections(ctx, q)
	prometheuses := make([]proof.Prometheus, 0, len(q.Prometheuses))
	for _, b := range q.Prometheuses {
		p := proof.Prometheus{Backend: b, Rejected: rejected[bindingOf(b)]}
		switch {
		case fault != (proof.Fault{}):
			p.Fault = fault
		default:
			p.Answers, p.Fault = v.prometheus(ctx, q, b, guard, access)
		}
		prometheuses = append(prometheuses, p)
	}
	alertmanagers := make([]proof.Alertmanager, 0, len(q.Alertmanagers))
	for _, b := range q.Alertmanagers {
		a := proof.Alertmanager{Backend: b, Rejected: rejected[bindingOf(b)]}
		if fault == (proof.Fault{}) {
			a.Fault = v.alertmanager(ctx, q, &a, guard, access)
		} else {
			a.Fault = fault
		}
		alertmanagers = append(alertmanagers, a)
	}
	return prometheuses, alertmanagers
}

// prometheus asks each pod of a Prometheus, or an address.
func (v *Verifier) prometheus(
	ctx context.Context, q *proof.Question, b proof.Backend, guard ask.Guard, access access,
) ([]proof.Answer, proof.Fault) {
	pods, fault := v.podsOf(ctx, q, b)
	if fault != (proof.Fault{}) {
		return nil, fault
	}
	answers := make([]proof.Answer, len(pods))
	inParallel(len(pods), func(i int) {
		c := ask.New(pods[i].base, v.options(q, b, guard, access, pods[i]))
		defer c.Close()
		answers[i] = c.Prometheus(ctx, q, b.Rules)
		answers[i].Pod = pods[i].name
	})
	for i := range answers {
		answers[i].Fault = v.explained(ctx, q, b, answers[i].Fault, answers[i].Pod)
	}
	return answers, proof.Fault{}
}

// alertmanager asks each pod of an Alertmanager. The pods share the notifications among them, so their counts are added.
func (v *Verifier) alertmanager(ctx context.Context, q *proof.Question, a *proof.Alertmanager, guard ask.Guard, access access) proof.Fault {
	pods, fault := v.podsOf(ctx, q, a.Backend)
	if fault != (proof.Fault{}) {
		return fault
	}
	for _, p := range pods {
		c := ask.New(p.base, v.options(q, a.Backend, guard, access, p))
		err := c.Alertmanager(ctx, q, a)
		c.Close()
		if err != nil {
			return v.explained(ctx, q, a.Backend, ask.FaultOf(err), p.name)
		}
	}
	return proof.Fault{}
}

// options of a client of one pod. Credentials go to an address that the spec names, and to pods in the FluxMonitoring's own or a trusted
// namespace: whoever can create a Prometheus object elsewhere must not get them.
func (v *Verifier) options(q *proof.Question, b proof.Backend, guard ask.Guard, with access, p pod) ask.Options {
	o := ask.Options{Guard: guard, Roots: with.roots, Timeout: q.Verify.TimeoutInEffect(), ServerName: p.serverName}
	if v.confides(q, b) {
		o.Certificate, o.Credentials = with.certificate, with.credentials
	}
	return o
}

// confides reports whether a backend gets credentials.
func (v *Verifier) confides(q *proof.Question, b proof.Backend) bool {
	if q.Verify.Address != "" {
		return b.Address != ""
	}
	return b.Namespace == q.Namespace || v.Trusts(b.Namespace)
}

// explained adds to a fault what the operator knows of its cause.
func (v *Verifier) explained(ctx context.Context, q *proof.Question, b proof.Backend, f proof.Fault, pod string) proof.Fault {
	switch f.Class {
	case "":
		return f
	case proof.ClassTimeOut:
		if policy := v.policyOf(ctx, b); policy != "" {
			f.Subject = "NetworkPolicy " + policy
			return f
		}
	case proof.ClassUnauthorized, proof.ClassForbidden:
		f.Class = v.withheld(q, b, f.Class)
		return f
	default:
	}
	if f.Subject == "" && pod != "" {
		f.Subject = "pod " + pod
	}
	return f
}

// withheld is the class of a refusal: another one if credentials were there, and the backend did not get them.
func (v *Verifier) withheld(q *proof.Question, b proof.Backend, class proof.Class) proof.Class {
	switch {
	case !q.Verify.Credentials() || v.confides(q, b):
		return class
	case q.Verify.Address != "":
		return proof.ClassReserved
	}
	return proof.ClassWithheld
}

// inParallel calls a function for each index, a few at once.
func inParallel(n int, of func(i int)) {
	var running sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range n {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			of(i)
		})
	}
	running.Wait()
}

// pod is what is asked: a pod of a backend, or an address.
type pod struct {
	name       string
	base       *url.URL
	serverName string
}

// podsOf are the pods of a backend that are ready, or its address.
func (v *Verifier) podsOf(ctx context.Context, q *proof.Question, b proof.Backend) ([]pod, proof.Fault) {
	if b.Address != "" {
		return v.addressed(q, b.Address)
	}
	if b.Local {
		return nil, proof.Fault{Class: proof.ClassLocal}
	}
	endpoints, fault := v.endpoints(ctx, b)
	if fault != (proof.Fault{}) {
		return nil, fault
	}
	scheme := "http"
	if b.TLS {
		scheme = "https"
	}
	if !b.TLS && q.Verify.Credentials() && !q.Verify.Insecure && v.confides(q, b) {
		return nil, proof.Fault{Class: proof.ClassPlain}
	}
	var pods []pod
	for _, e := range endpoints {
		pods = append(pods, pod{
			name: e.pod, serverName: b.Service + "." + b.Namespace + ".svc",
			base: &url.URL{Scheme: scheme, Host: netip.AddrPortFrom(e.addr, e.port).String(), Path: "/" + strings.Trim(b.Prefix, "/")},
		})
	}
	return pods, proof.Fault{}
}

// addressed is an address of the spec, which is asked in trusted namespaces, and elsewhere on the hosts that the operator's configuration names.
func (v *Verifier) addressed(q *proof.Question, address string) ([]pod, proof.Fault) {
	base, err := url.Parse(address)
	if err != nil || !v.Trusts(q.Namespace) && !slices.Contains(v.Hosts, base.Host) && !slices.Contains(v.Hosts, base.Hostname()) {
		return nil, proof.Fault{Class: proof.ClassNotAllowed}
	}
	return []pod{{base: base}}, proof.Fault{}
}
