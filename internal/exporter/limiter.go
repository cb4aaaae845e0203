package exporter

import (
	ordered "container/heap"
	"strings"
	"sync"
	"sync/atomic"
)

// seriesLimiter is how much may be served of objects, of all kinds together, and shares it among their namespaces. Those that come first have what
// they need. The others get the same each, but for what one does not need, which is for those that need more. Its lock is that of every
// change of a store; readers need none.
type seriesLimiter struct {
	mu   sync.Mutex
	max  int // 0 is no limit
	used int

	// prioritized are the namespaces that come first, compatible those of which objects are told in the families that Flux once had.
	prioritized   map[string]bool
	legacyMetrics NamespaceSet
	namespaces    map[string]*namespaceUsage
	// richest are the namespaces of which something is served, poorest those of which something is left out.
	richest, poorest usageHeap
	// changedStores are the stores of which objects have come to be served or left out since the last time somebody asked.
	changedStores map[*store]bool
	// topOmitted are the namespaces of which most is left out, as of the last change.
	topOmitted atomic.Pointer[[]omittedCount]
}

// hysteresis is how much more one namespace must have than another after it has left out an object for that, so that nothing comes and goes
// where they have about the same.
const hysteresis = seriesPerObject + legacySeriesPerObject

func newSeriesLimiter(maxSeries int) *seriesLimiter {
	return &seriesLimiter{
		max: maxSeries, namespaces: map[string]*namespaceUsage{}, richest: newRichestHeap(), poorest: newPoorestHeap(),
		changedStores: map[*store]bool{},
	}
}

// fits reports whether that much more is within the limit.
func (l *seriesLimiter) fits(size int) bool { return l.max == 0 || l.used+size <= l.max }

// add takes an object in, of which nothing is known yet: it is served where there is room that nobody waits for, else left out.
func (l *seriesLimiter) add(t *tracked) {
	usage := l.usageOf(t.key)
	t.usage, t.slot = usage, noSlot
	t.entry.usage = usage
	if len(l.poorest.usages) == 0 && l.fits(usage.cost(t)) {
		l.admit(t)
		return
	}
	usage.omitted.add(t)
	l.updateHeaps(usage)
	l.changedStores[t.store] = true
	l.restoreOrder(usage)
}

// usageOf is the share of an object's namespace.
func (l *seriesLimiter) usageOf(key string) *namespaceUsage {
	namespace, _, namespaced := strings.Cut(key, "/")
	if !namespaced {
		namespace = ""
	}
	usage := l.namespaces[namespace]
	if usage == nil {
		usage = newNamespaceUsage(strings.Clone(namespace))
		usage.prioritized = l.prioritized[namespace]
		usage.legacyMetrics.Store(l.legacyMetrics.Has(namespace))
		l.namespaces[usage.namespace] = usage
	}
	return usage
}

// remove takes an object out.
func (l *seriesLimiter) remove(t *tracked) {
	usage := t.usage
	if t.admitted {
		l.release(t)
	} else {
		usage.omitted.remove(t)
		l.changedStores[t.store] = true
	}
	l.updateHeaps(usage)
	if usage.isEmpty() {
		delete(l.namespaces, usage.namespace)
	}
}

// resize takes up that an object counts otherwise than before.
func (l *seriesLimiter) resize(t *tracked, extraSeries int32) {
	if t.admitted {
		t.usage.extraSeries += int(extraSeries - t.extraSeries)
		l.used += int(extraSeries - t.extraSeries)
		l.updateHeaps(t.usage)
	}
	t.extraSeries = extraSeries
}

// admit has an object served that is new, or was left out.
func (l *seriesLimiter) admit(t *tracked) {
	usage := t.usage
	usage.served.add(t)
	usage.extraSeries += int(t.extraSeries)
	l.used += usage.cost(t)
	t.admitted = true
	l.updateHeaps(usage)
	t.store.admit(t)
}

// release has the budget no longer count an object that is served.
func (l *seriesLimiter) release(t *tracked) {
	usage := t.usage
	usage.served.remove(t)
	usage.extraSeries -= int(t.extraSeries)
	l.used -= usage.cost(t)
	t.admitted = false
}

// readmit has an object served that was left out.
func (l *seriesLimiter) readmit(t *tracked) {
	t.usage.omitted.remove(t)
	l.changedStores[t.store] = true
	l.admit(t)
}

// omit leaves an object out that is served.
func (l *seriesLimiter) omit(t *tracked) {
	l.release(t)
	t.usage.omitted.add(t)
	l.updateHeaps(t.usage)
	l.changedStores[t.store] = true
	t.store.omit(t)
}

func (l *seriesLimiter) updateHeaps(usage *namespaceUsage) {
	l.richest.update(usage, len(usage.served.objects) > 0)
	l.poorest.update(usage, len(usage.omitted.objects) > 0)
}

// restoreOrder has the first of a namespace's objects served, rather than others that come after them.
func (l *seriesLimiter) restoreOrder(usage *namespaceUsage) {
	for {
		next, last := usage.omitted.first(), usage.served.first()
		switch {
		case next == nil || last == nil || last.precedes(next):
			return
		case l.fits(usage.cost(next)):
			l.readmit(next)
		default:
			l.omit(last)
		}
	}
}

// rebalance leaves out what is too much, and has served what there is room for, or a namespace is due.
func (l *seriesLimiter) rebalance() {
	for l.max > 0 && l.used > l.max {
		l.omit(l.richest.first().served.first())
	}
	for l.rebalanceOnce() { //nolint:revive // all is done by the condition
	}
}

// rebalanceOnce takes a step to what is fair, and reports whether there was one to take.
func (l *seriesLimiter) rebalanceOnce() bool {
	receiver := l.poorest.first()
	if receiver == nil {
		return false
	}
	next := receiver.omitted.first()
	if l.fits(receiver.cost(next)) {
		l.readmit(next)
		return true
	}
	donor := l.richest.first()
	if donor == nil || !mustYield(donor, receiver) {
		return false
	}
	l.omit(donor.served.first())
	return true
}

// mustYield reports whether one namespace has to leave out an object for one of another: because that comes first, or would still have less.
func mustYield(donor, receiver *namespaceUsage) bool {
	if donor.prioritized != receiver.prioritized {
		return receiver.prioritized
	}
	return donor.used()-donor.cost(donor.served.first()) >= receiver.used()+receiver.cost(receiver.omitted.first())+hysteresis
}

// configure sets which namespaces come first, and of which objects are told in the families that Flux once had too.
func (l *seriesLimiter) configure(prioritized []string, legacyMetrics NamespaceSet) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prioritized = make(map[string]bool, len(prioritized))
	for _, namespace := range prioritized {
		l.prioritized[namespace] = true
	}
	l.legacyMetrics = legacyMetrics
	l.used = 0
	for _, usage := range l.namespaces {
		usage.prioritized = l.prioritized[usage.namespace]
		usage.legacyMetrics.Store(legacyMetrics.Has(usage.namespace))
		l.used += usage.used()
	}
	ordered.Init(&l.richest)
	ordered.Init(&l.poorest)
	l.rebalance()
	l.updateCounts()
}

// updateCounts counts anew what is served and left out, and reports whether some of a kind have come to be left out, or none are any longer.
func (l *seriesLimiter) updateCounts() (changed bool) {
	if len(l.changedStores) == 0 {
		return false
	}
	for s := range l.changedStores {
		changed = s.updateCounts() || changed
	}
	clear(l.changedStores)
	l.updateTopOmitted()
	return changed
}
