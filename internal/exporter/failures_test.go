package exporter

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// dispatchFailed is an event about an Alert of namespace apps.
func dispatchFailed(alert, event string, count int64) *failureEvent {
	e := &failureEvent{Reason: "NotificationDispatchFailed", Count: count}
	e.Metadata.Namespace, e.Metadata.Name = "apps", event
	e.InvolvedObject.APIVersion, e.InvolvedObject.Name = "notification.toolkit.fluxcd.io/v1beta3", alert
	return e
}

const ofSlack = `,exported_namespace="apps",name="slack"`

// newTestCounter has a clock, and Alerts that are exported.
func newTestCounter(exported ...string) (c *failureCounter, clock *time.Time) {
	at := time.Unix(now, 0)
	return newFailureCounter(func() time.Time { return at }, func(key string) bool {
		for _, alert := range exported {
			if key == "apps/"+alert {
				return true
			}
		}
		return false
	}), &at
}

func TestEachOccurrenceOfAnEventIsCountedOnce(t *testing.T) {
	type written struct {
		name  string
		count int64
	}
	many := func(n int) (events []written) {
		for i := range n {
			events = append(events, written{fmt.Sprint(i), 1})
		}
		return events
	}
	for name, c := range map[string]struct {
		events []written
		total  int64
	}{
		"a new event":                           {[]written{{"a", 1}}, 1},
		"an event that is repeated":             {[]written{{"a", 1}, {"a", 2}, {"a", 3}}, 3},
		"occurrences that were not written":     {[]written{{"a", 1}, {"a", 26}}, 26},
		"an event that is first seen repeated":  {[]written{{"a", 40}, {"a", 41}}, 2},
		"an event that somebody has labelled":   {[]written{{"a", 5}, {"a", 5}}, 1},
		"an event that was written once more":   {[]written{{"a", 5}, {"a", 2}, {"a", 3}}, 2},
		"two events":                            {[]written{{"a", 1}, {"b", 1}, {"a", 2}}, 3},
		"more events than are remembered":       {append(many(maxEventsPerAlert+5), written{"0", 2}), maxEventsPerAlert + 6},
		"the last events that are remembered":   {append(many(maxEventsPerAlert+1), written{"1", 3}), maxEventsPerAlert + 3},
		"a count that the API server may store": {[]written{{"a", 1}, {"a", 1<<31 - 1}}, 1<<31 - 1},
	} {
		t.Run(name, func(t *testing.T) {
			counter, clock := newTestCounter("slack")
			for _, e := range c.events {
				counter.add(dispatchFailed("slack", e.name, e.count))
			}
			*clock = clock.Add(firstFailureHeld)
			NewWithT(t).Expect(counter.of(ofSlack)).To(Equal(c.total))
			NewWithT(t).Expect(len(counter.alerts[ofSlack].events)).To(BeNumerically("<=", maxEventsPerAlert))
		})
	}
}

func TestTheFirstFailureIsHeldUntilEveryPrometheusHasTheZero(t *testing.T) {
	g := NewWithT(t)
	counter, clock := newTestCounter("slack")
	counter.add(dispatchFailed("slack", "a", 1))
	*clock = clock.Add(firstFailureHeld - time.Second)
	g.Expect(counter.of(ofSlack)).To(BeZero())
	*clock = clock.Add(time.Second)
	g.Expect(counter.of(ofSlack)).To(BeEquivalentTo(1))
	counter.add(dispatchFailed("slack", "a", 2))
	g.Expect(counter.of(ofSlack)).To(BeEquivalentTo(2), "only the first is held")
}

func TestAlertsThatAreGoneTakeNoMemory(t *testing.T) {
	g := NewWithT(t)
	gone := map[string]bool{}
	counter := newFailureCounter(time.Now, func(key string) bool { return !gone[key] })
	for i := range 100 * minPrune {
		name := fmt.Sprint(i)
		counter.add(dispatchFailed(name, "a", 1))
		gone["apps/"+name] = true
		g.Expect(len(counter.alerts)).To(BeNumerically("<=", minPrune))
	}
}

func TestAWatchContinuesWhereItEnded(t *testing.T) {
	const added = `{"type": "ADDED", "object": {"kind": "Event", "metadata": {"resourceVersion": "8"}, "message": "-"}}`
	for name, c := range map[string]struct{ stream, next string }{
		"after the last event":                              {added, "8"},
		"after a bookmark":                                  {`{"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}}`, "9"},
		"after an event that expired":                       {strings.ReplaceAll(added, "ADDED", "DELETED"), "8"},
		"at the same version if it was interrupted":         {added[:20], "7"},
		"after the last event if it was interrupted":        {added + added[:20], "8"},
		"now if there was no event":                         {"", ""},
		"now if the API server has the version no more":     {`{"type": "ERROR", "object": {"kind": "Status", "code": 410}}`, ""},
		"now if the API server loses the version meanwhile": {added + `{"type": "ERROR", "object": {"kind": "Status", "code": 410}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			counter, _ := newTestCounter()
			w := &failureWatch{counter: counter, version: "7"}
			NewWithT(t).Expect(w.read(json.NewDecoder(strings.NewReader(c.stream)))).To(Equal(c.next))
		})
	}
}
