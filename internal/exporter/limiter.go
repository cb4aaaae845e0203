package exporter

import (
	ordered "container/heap"
	"strings"
	"sync"
	"sync/atomic"
)

// seriesLimiter shares the series limit of all kinds among namespaces. Prioritized namespaces get what they need. The
// others get equal parts, and what one of them does not need goes to the others. Its lock guards every change of a
// store; scrapes take no lock.
type seriesLimiter struct {
	mu   sync.Mutex
	max  int // 0 is no limit
	used int

	// prioritized and legacyMetrics are set by configure.
	prioritized   map[string]bool
	legacyMetrics NamespaceSet
	namespaces    map[string]*namespaceUsage
	// richest are the namespaces with exported objects, poorest those with omitted ones.
	richest, poorest usageHeap
	// changedStores are the stores whose counts are out of date.
	changedStores map[*store]bool
	// topOmitted are the namespaces with most omitted objects, as of the last change.
	topOmitted atomic.Pointer[[]omittedCount]
}

// hysteresis is how much more one namespace must still have than another after giving an object up for it, so that
// objects do not alternate between namespaces of about the same size.
const hysteresis = seriesPerObject + legacySeriesPerObject

func newSeriesLimiter(maxSeries int) *seriesLimiter {
	return &seriesLimiter{
		max: maxSeries, namespaces: map[string]*namespaceUsage{}, richest: newRichestHeap(), poorest: newPoorestHeap(),
		changedStores: map[*store]bool{},
	}
}

// fits reports whether so many more series are within the limit.
func (l *seriesLimiter) fits(size int) bool { return l.max == 0 || l.used+size <= l.max }

// add tracks a new object: it is admitted if there is room that no omitted object waits for, else omitted.
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

// usageOf returns the usage of an object's namespace.
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

// remove stops tracking an object.
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

// resize changes how many extra series an object counts for.
func (l *seriesLimiter) resize(t *tracked, extraSeries int32) {
	if t.admitted {
		t.usage.extraSeries += int(extraSeries - t.extraSeries)
		l.used += int(extraSeries - t.extraSeries)
		l.updateHeaps(t.usage)
	}
	t.extraSeries = extraSeries
}

// admit exports an object that is not exported.
func (l *seriesLimiter) admit(t *tracked) {
	usage := t.usage
	usage.served.add(t)
	usage.extraSeries += int(t.extraSeries)
	l.used += usage.cost(t)
	t.admitted = true
	l.updateHeaps(usage)
	t.store.admit(t)
}

// release stops counting an object as exported.
func (l *seriesLimiter) release(t *tracked) {
	usage := t.usage
	usage.served.remove(t)
	usage.extraSeries -= int(t.extraSeries)
	l.used -= usage.cost(t)
	t.admitted = false
}

// readmit exports an omitted object.
func (l *seriesLimiter) readmit(t *tracked) {
	t.usage.omitted.remove(t)
	l.changedStores[t.store] = true
	l.admit(t)
}

// omit stops exporting an object.
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

// restoreOrder makes the exported objects of a namespace the first ones by key.
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

// rebalance omits objects above the limit, then admits objects for which there is room or which are due by fairness.
func (l *seriesLimiter) rebalance() {
	for l.max > 0 && l.used > l.max {
		l.omit(l.richest.first().served.first())
	}
	for l.rebalanceOnce() { //nolint:revive // all is done by the condition
	}
}

// rebalanceOnce takes one step towards fair shares, and reports whether it did.
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

// mustYield reports whether the donor must give up an object for the receiver: the receiver is prioritized, or would
// still have less.
func mustYield(donor, receiver *namespaceUsage) bool {
	if donor.prioritized != receiver.prioritized {
		return receiver.prioritized
	}
	return donor.used()-donor.cost(donor.served.first()) >= receiver.used()+receiver.cost(receiver.omitted.first())+hysteresis
}

// configure sets the prioritized namespaces, and those with legacy metrics.
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

// updateCounts updates the counts of changed stores, and reports whether a kind begins or ceases to omit objects.
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
