package exporter

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
)

const (
	// firstFailureHeld is how long the first failure of an Alert is served as 0. Until then every Prometheus has scraped
	// the 0, so that increase() sees the failure: it does not count what a series begins with.
	firstFailureHeld = 2 * time.Minute
	// maxEventsPerAlert is how many events of an Alert are remembered. client-go writes at most ten messages of one
	// reason within ten minutes, and combines the rest.
	maxEventsPerAlert = 32
	// minPrune is how many Alerts with failures there are before those that are gone are looked for.
	minPrune = 64
)

// failureReasons are the reasons of notification-controller's events about a notification that was not sent, or an Alert
// that it cannot apply. MetadataAppendFailed is not among them: that notification is sent.
var failureReasons = []string{"NotificationDispatchFailed", "InvalidConfig", "SourceFetchFailed"}

// isFluxAlert reports whether notification-controller writes its events about objects of this kind.
func isFluxAlert(kind flux.ServedKind) bool {
	return kind.Name == flux.KindAlert && kind.Group == flux.GroupNotification
}

// failureEvent is what is read of an event.
type failureEvent struct {
	Metadata       struct{ Namespace, Name, ResourceVersion string }
	InvolvedObject struct{ APIVersion, Name string }
	Reason         string
	// Count is of core/v1, Series of events.k8s.io.
	Count  int64
	Series struct{ Count int64 }
}

// isFailure reports whether the event is about a notification that Flux failed to send.
func (e *failureEvent) isFailure() bool {
	return strings.HasPrefix(e.InvolvedObject.APIVersion, flux.GroupNotification+"/") && slices.Contains(failureReasons, e.Reason)
}

// occurrences is how often the event has occurred.
func (e *failureEvent) occurrences() int64 { return max(e.Count, e.Series.Count, 1) }

// failureCounter counts the notifications that Flux failed to send, by Alert. Users can write any event, so it counts only
// those about Alerts that are exported: the limit on series bounds its memory, and shares it between namespaces.
type failureCounter struct {
	now func() time.Time
	// exported reports whether the Alert of a key is exported.
	exported func(key string) bool
	// counting is set while events are watched. Nothing is known until then.
	counting atomic.Bool
	seed     maphash.Seed

	mu sync.Mutex
	// alerts with failures, by their identity labels.
	alerts  map[string]*alertFailures
	pruneAt int
}

// alertFailures are the failures of one Alert.
type alertFailures struct {
	key   string
	total int64
	// since is when the first was counted.
	since time.Time
	// events are the last ones, and oldest is the index of the one that a new event replaces.
	events []countedEvent
	oldest int
}

// countedEvent is an event by the hash of its name, and how many of its occurrences are counted.
type countedEvent struct {
	name  uint64
	count int64
}

func newFailureCounter(now func() time.Time, exported func(key string) bool) *failureCounter {
	return &failureCounter{
		now: now, exported: exported, seed: maphash.MakeSeed(), alerts: map[string]*alertFailures{}, pruneAt: minPrune,
	}
}

// add counts the occurrences of an event that are new.
func (c *failureCounter) add(e *failureEvent) {
	namespace, name := []byte(e.Metadata.Namespace), []byte(e.InvolvedObject.Name)
	key := objectKey(namespace, name)
	if !e.isFailure() || !c.exported(key) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	identity := string(appendIdentity(nil, namespace, name))
	alert := c.alerts[identity]
	if alert == nil {
		c.prune()
		alert = &alertFailures{key: key, since: c.now()}
		c.alerts[identity] = alert
	}
	alert.add(maphash.String(c.seed, e.Metadata.Name), e.occurrences())
}

// prune forgets the Alerts that are no longer exported, once there are twice as many as after the last time.
func (c *failureCounter) prune() {
	if len(c.alerts) < c.pruneAt {
		return
	}
	maps.DeleteFunc(c.alerts, func(_ string, a *alertFailures) bool { return !c.exported(a.key) })
	c.pruneAt = max(minPrune, 2*len(c.alerts))
}

// of returns the failures of the Alert with these identity labels.
func (c *failureCounter) of(identity string) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	alert := c.alerts[identity]
	if alert == nil || c.now().Sub(alert.since) < firstFailureHeld {
		return 0
	}
	return alert.total
}

// add adds the occurrences of an event beyond those that are counted. Of an event that is not remembered, only the one that
// was just written is new for certain.
func (a *alertFailures) add(name uint64, count int64) {
	at := slices.IndexFunc(a.events, func(e countedEvent) bool { return e.name == name })
	if at >= 0 {
		a.total += max(count-a.events[at].count, 0)
		a.events[at].count = count
		return
	}
	a.total++
	if len(a.events) < maxEventsPerAlert {
		a.events = append(a.events, countedEvent{name, count})
		return
	}
	a.events[a.oldest] = countedEvent{name, count}
	a.oldest = (a.oldest + 1) % maxEventsPerAlert
}
