// Package proof says what has to be seen of a FluxMonitoring in Prometheus and Alertmanager, and judges what they answer: whether targets are
// up, rules are evaluated, series are there, Alertmanagers are known and notify. It is pure: it has no client and no clock. It does not know
// how a backend is asked, and what else a condition depends on.
package proof

import (
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Question is what has to be seen for one FluxMonitoring, and who is asked.
type Question struct {
	// Namespace of the FluxMonitoring, in which its credentials are.
	Namespace string
	// Account is the ServiceAccount as which the credentials are read; empty for the operator's own.
	Account string
	// Verify are the settings of the spec.
	Verify v1alpha1.VerifySpec
	// Prometheuses to ask.
	Prometheuses []Backend
	// Alertmanagers to ask: those that select the AlertmanagerConfig.
	Alertmanagers []Backend
	// Cluster is the value of the label cluster of the series; empty if they have no such label.
	Cluster string
	// Targets that have to be up in every Prometheus.
	Targets []Target
	// Rule is the PrometheusRule whose groups have to be healthy in every Prometheus that evaluates rules, as <namespace>/<name>.
	Rule string
	// Groups of Rule.
	Groups []Group
	// Observed is a query whose newest sample has to be fresh; empty if the rules record no such series.
	Observed string
	// Alerting: the rules have alerts, so Prometheus has to know an Alertmanager.
	Alerting bool
	// Objects whose status says whether prometheus-operator rejects them.
	Objects []Object
	// Receivers are the names that the receivers of spec.notifications have in an Alertmanager's configuration.
	Receivers []string
}

// Backend is a Prometheus or Alertmanager object, or an address.
type Backend struct {
	// Kind, Namespace and Name of the object; empty for an address.
	Kind, Namespace, Name string
	// Service in front of the object's pods, the name of their port, and the path before the API.
	Service, Port, Prefix string
	// TLS: the pods speak HTTPS.
	TLS bool
	// Local: the pods listen on their loopback address only.
	Local bool
	// Rules: it evaluates the PrometheusRule.
	Rules bool
	// Address is the URL to ask instead.
	Address string
}

// Object is a generated object of the FluxMonitoring's namespace.
type Object struct {
	schema.GroupVersionKind
	Name string
}

// Title names a backend in messages.
func (b Backend) Title() string {
	if b.Address != "" {
		return strings.TrimSuffix(b.Address, "/")
	}
	return b.Kind + " " + b.Namespace + "/" + b.Name
}

// Target is a workload that has to have at least one target.
type Target struct {
	// Job is <namespace>/<name> of the PodMonitor.
	Job string
	// Workload is the name of the Deployment that owns the pods; empty if any target of the PodMonitor will do.
	Workload string
}

// Name of a target in messages.
func (t Target) Name() string {
	if t.Workload != "" {
		return t.Workload
	}
	return "PodMonitor " + t.Job
}

// Group is a rule group.
type Group struct {
	// Name of the group.
	Name string
	// Rules are the names of its alerts and recordings, in their order.
	Rules []string
}

// Health of a target, as Prometheus writes it.
type Health string

// The three that Prometheus knows. HealthUnknown is that of a target before its first scrape.
const (
	HealthUp      Health = "up"
	HealthDown    Health = "down"
	HealthUnknown Health = "unknown"
)

// SeenTarget is a target that a Prometheus has.
type SeenTarget struct {
	Job, Workload string
	Health        Health
	// Error is the class of the last error.
	Error Class
}

// SeenGroup is a rule group that a Prometheus has.
type SeenGroup struct {
	Group
	// Evaluated: it was evaluated at least once.
	Evaluated bool
	// Failing is the first rule whose last evaluation failed; empty if none did.
	Failing string
	// Slow: the last evaluation took longer than the interval.
	Slow bool
}

// Answer is what one pod of a Prometheus, or an address, answered.
type Answer struct {
	// Pod that answered; empty for an address.
	Pod string
	// Fault is why it could not be asked; zero if it could.
	Fault Fault
	// Targets of the PodMonitors.
	Targets []SeenTarget
	// Groups of the PrometheusRule.
	Groups []SeenGroup
	// Mute: it cannot say which groups are evaluated. Mimir answers so without its ruler, and VictoriaMetrics without vmalert.
	Mute bool
	// Observed: it has the series of Question.Observed, and Age is that of the newest sample.
	Observed bool
	Age      time.Duration
	// Alertmanagers that it knows; negative if it cannot say.
	Alertmanagers int
}

// replica is what pods of different shards have in common that hold the targets together: the ordinal at the end of their names. The pods of a
// DaemonSet have five random characters there instead, and all of them hold the targets together.
func (a *Answer) replica() string {
	last := a.Pod[strings.LastIndex(a.Pod, "-")+1:]
	if len(last) == randomCharacters {
		return ""
	}
	return last
}

// randomCharacters is how many of them end the name of a pod of a DaemonSet.
const randomCharacters = 5

// Prometheus is a backend with its answers.
type Prometheus struct {
	Backend
	// Fault is why none of its pods could be asked; zero if one could.
	Fault Fault
	// Answers of its pods.
	Answers []Answer
	// Rejected is the object that prometheus-operator rejects for it, as <kind> <name>; empty if it rejects none.
	Rejected string
}

// firstFault is why it could not be asked, or not all of it; zero if every pod answered.
func (p *Prometheus) firstFault() Fault {
	if p.Fault != (Fault{}) {
		return p.Fault
	}
	for i := range p.Answers {
		if f := p.Answers[i].Fault; f != (Fault{}) {
			return f
		}
	}
	return Fault{}
}

// replicas are the answers of pods that share the targets among them: all shards of one replica.
func (p *Prometheus) replicas() [][]Answer {
	var names []string
	of := map[string][]Answer{}
	for _, a := range p.Answers {
		if !slices.Contains(names, a.replica()) {
			names = append(names, a.replica())
		}
		of[a.replica()] = append(of[a.replica()], a)
	}
	slices.Sort(names)
	all := make([][]Answer, 0, len(names))
	for _, name := range names {
		all = append(all, of[name])
	}
	return all
}

// Alertmanager is an Alertmanager with what its pods answered.
type Alertmanager struct {
	Backend
	// Fault is why it could not be asked, or not all of it; zero if every pod answered.
	Fault Fault
	// Missing is the first of Question.Receivers that its configuration lacks; empty if it has all.
	Missing string
	// Counts of notifications since it was started.
	Counts Counts
	// Rejected is as in Prometheus.
	Rejected string
}

// receiver is the name of the missing receiver in the spec.
func (a *Alertmanager) receiver() string { return a.Missing[strings.LastIndex(a.Missing, "/")+1:] }
