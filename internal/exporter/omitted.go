package exporter

import (
	"cmp"
	"slices"
)

// omittedCount is how many objects of a namespace are left out.
type omittedCount struct {
	namespace string
	objects   int
}

// maxTopOmitted is how many namespaces are named at most of which objects are left out.
const maxTopOmitted = 10

// updateTopOmitted determines of which namespaces most is left out.
func (l *seriesLimiter) updateTopOmitted() {
	top := make([]omittedCount, 0, maxTopOmitted+1)
	for _, usage := range l.poorest.usages {
		o := omittedCount{usage.namespace, len(usage.omitted.objects)}
		if at, _ := slices.BinarySearchFunc(top, o, omittedCount.compare); at < maxTopOmitted {
			top = slices.Insert(top, at, o)
			top = top[:min(len(top), maxTopOmitted)]
		}
	}
	l.topOmitted.Store(&top)
}

// compare orders by how many are left out, those of which most are first.
func (o omittedCount) compare(other omittedCount) int {
	return cmp.Or(cmp.Compare(other.objects, o.objects), cmp.Compare(o.namespace, other.namespace))
}

// mostOmitted are the namespaces of which most is left out. They may be asked for without a lock.
func (l *seriesLimiter) mostOmitted() []omittedCount {
	if top := l.topOmitted.Load(); top != nil {
		return *top
	}
	return nil
}

// stableNames are the namespaces to name of those of which objects are left out, sorted. They are those that were named before as long as
// each is still among them: who has most may be another at every moment, and is no news.
func stableNames(omitted []omittedCount, previous []string) []string {
	names := make([]string, 0, len(omitted))
	for _, o := range omitted {
		names = append(names, o.namespace)
	}
	isGone := func(namespace string) bool { return !slices.Contains(names, namespace) }
	if len(previous) == min(len(names), maxNamed) && !slices.ContainsFunc(previous, isGone) {
		return previous
	}
	names = names[:min(len(names), maxNamed)]
	slices.Sort(names)
	return names
}
