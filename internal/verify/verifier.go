// Package verify asks the Prometheus and Alertmanager of each FluxMonitoring whether monitoring works: after a change, and then at intervals. It
// finds their pods, reads the credentials that the spec names, and remembers what was found. It announces a FluxMonitoring only when what
// is to be shown of it changes, so at rest nothing is written. What the answers mean is in internal/proof.
package verify

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/proof"
)

const (
	// workers are how many FluxMonitorings of each lane are asked for at once. One whose Prometheus does not answer keeps a worker for
	// roundTimeout at most, and is in the slow lane after that, so that it keeps none of the others waiting a second time.
	workers = 4
	// roundTimeout bounds one round of questions. One that takes longer than patience is slow.
	roundTimeout, patience = time.Minute, 5 * time.Second
	// hurried is the time between two rounds right after a change, anxious that after a failure.
	hurried, anxious = 10 * time.Second, time.Minute
)

// Verifier asks. It is a Runnable of the manager that only the leader runs.
type Verifier struct {
	// Live reads EndpointSlices, NetworkPolicies and the status of generated objects, without a cache.
	Live client.Reader
	// ClientFor is the client with which the credentials of a FluxMonitoring are read, by its namespace and ServiceAccount.
	ClientFor func(namespace, account string) (client.Client, error)
	// Trusts reports whether a namespace is trusted: FluxMonitorings in it can name any address, and Prometheus objects in it get credentials.
	Trusts func(namespace string) bool
	// Hosts are the hosts that FluxMonitorings of other namespaces can name, as host or host:port.
	Hosts []string
	// APIServer is the URL of the API server, to which no question goes.
	APIServer string
	// Announced are the FluxMonitorings of which something else is to be shown now.
	Announced chan event.GenericEvent
	// Loopback allows connections to loopback addresses, for tests.
	Loopback bool

	mu       sync.Mutex
	subjects map[types.NamespacedName]*subject
	lanes    map[lane]workqueue.TypedDelayingInterface[types.NamespacedName]
	tokens   tokens
	servers  servers
}

// lane is a queue of FluxMonitorings.
type lane string

// Those of which something did not answer in the last round wait in a lane of their own.
const (
	quick lane = "quick"
	slow  lane = "slow"
)

// subject is a FluxMonitoring that is asked for.
type subject struct {
	question proof.Question
	memory   proof.Memory
	// answered: there was a round. asking: one is under way.
	answered, asking bool
	lane             lane
}

// New returns a Verifier without its fields.
func New() *Verifier {
	return &Verifier{
		Announced: make(chan event.GenericEvent), subjects: map[types.NamespacedName]*subject{},
		lanes: map[lane]workqueue.TypedDelayingInterface[types.NamespacedName]{
			quick: workqueue.NewTypedDelayingQueue[types.NamespacedName](), slow: workqueue.NewTypedDelayingQueue[types.NamespacedName](),
		},
	}
}

// Follow has a question asked, at once if it is new. Known is what an earlier operator found of the same question; zero if nothing.
func (v *Verifier) Follow(key types.NamespacedName, q proof.Question, known proof.Findings) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, followed := v.subjects[key]
	if followed && reflect.DeepEqual(s.question, q) {
		return
	}
	if !followed {
		s = &subject{lane: quick}
		if known.Scraped.Reason == v1alpha1.ReasonUnreachable {
			s.lane = slow
		}
		s.memory.Seed(known)
		v.subjects[key] = s
	}
	if followed || known == (proof.Findings{}) {
		s.memory.Changed(time.Now())
	}
	s.question = q
	v.lanes[s.lane].Add(key)
}

// Forget stops asking for a FluxMonitoring.
func (v *Verifier) Forget(key types.NamespacedName) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.subjects, key)
}

// Findings are what is to be shown of a FluxMonitoring; nil before the first round.
func (v *Verifier) Findings(key types.NamespacedName) *proof.Findings {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, followed := v.subjects[key]
	if !followed || !s.answered {
		return nil
	}
	shown := s.memory.Shown()
	return &shown
}

// NeedLeaderElection has only the leader ask.
func (v *Verifier) NeedLeaderElection() bool { return true }

// Start asks until the context ends.
func (v *Verifier) Start(ctx context.Context) error {
	var running sync.WaitGroup
	for _, queue := range v.lanes {
		for range workers {
			running.Go(func() {
				for key, down := queue.Get(); !down; key, down = queue.Get() {
					v.ask(ctx, key)
					queue.Done(key)
				}
			})
		}
	}
	<-ctx.Done()
	for _, queue := range v.lanes {
		queue.ShutDown()
	}
	running.Wait()
	return nil
}

// ask is a round for one FluxMonitoring.
func (v *Verifier) ask(ctx context.Context, key types.NamespacedName) {
	v.mu.Lock()
	s, followed := v.subjects[key]
	if !followed || s.asking {
		v.mu.Unlock()
		return // the round that is under way notices a new question
	}
	s.asking = true
	q := s.question
	v.mu.Unlock()

	bounded, cancel := context.WithTimeout(ctx, roundTimeout)
	began := time.Now()
	prometheuses, alertmanagers := v.round(bounded, &q)
	cancel()

	v.mu.Lock()
	defer v.mu.Unlock()
	s.asking = false
	switch {
	case ctx.Err() != nil: // what ended was the operator
	case v.subjects[key] == s && reflect.DeepEqual(s.question, q):
		s.lane = quick
		if timedOut(prometheuses, alertmanagers) || time.Since(began) > patience {
			s.lane = slow
		}
		v.add(ctx, key, prometheuses, alertmanagers)
	case v.subjects[key] == s:
		v.lanes[s.lane].Add(key)
	}
}

// add takes the answers of a round, and has the next one begin in time.
func (v *Verifier) add(ctx context.Context, key types.NamespacedName, prometheuses []proof.Prometheus, alertmanagers []proof.Alertmanager) {
	s := v.subjects[key]
	before, first := s.memory.Shown(), !s.answered
	s.answered = true
	if after := s.memory.Add(s.question, prometheuses, alertmanagers, time.Now()); first || after != before {
		v.announce(ctx, key)
	}
	v.lanes[s.lane].AddAfter(key, s.wait(time.Now()))
}

// timedOut reports whether somebody did not answer in time.
func timedOut(prometheuses []proof.Prometheus, alertmanagers []proof.Alertmanager) bool {
	return slices.ContainsFunc(prometheuses, func(p proof.Prometheus) bool {
		return slices.ContainsFunc(p.Answers, func(a proof.Answer) bool { return a.Fault.Class == proof.ClassTimeOut })
	}) || slices.ContainsFunc(alertmanagers, func(a proof.Alertmanager) bool { return a.Fault.Class == proof.ClassTimeOut })
}

// wait is the time until the next round.
func (s *subject) wait(now time.Time) time.Duration {
	interval := s.question.Verify.IntervalInEffect()
	switch {
	case s.memory.Settled():
		return interval
	case s.memory.Early(now):
		return min(interval, hurried)
	}
	return min(interval, anxious)
}

// announce has the FluxMonitoring reconciled. It does not wait for the channel while the lock is held.
func (v *Verifier) announce(ctx context.Context, key types.NamespacedName) {
	about := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	go func() {
		select {
		case v.Announced <- event.GenericEvent{Object: about}:
		case <-ctx.Done():
		}
	}()
}
