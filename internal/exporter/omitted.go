package exporter

import (
	"cmp"
	"slices"
)

// omittedCount is the number of omitted objects of a namespace.
type omittedCount struct {
	namespace string
	objects   int
}

// maxTopOmitted is how many namespaces the metric names.
const maxTopOmitted = 10

// updateTopOmitted determines the namespaces with most omitted objects.
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

// compare orders by the number of omitted objects, most first.
func (o omittedCount) compare(other omittedCount) int {
	return cmp.Or(cmp.Compare(other.objects, o.objects), cmp.Compare(o.namespace, other.namespace))
}

// mostOmitted returns the namespaces with most omitted objects. It needs no lock.
func (l *seriesLimiter) mostOmitted() []omittedCount {
	if top := l.topOmitted.Load(); top != nil {
		return *top
	}
	return nil
}

// stableNames returns the namespaces that Health names, sorted. The previous names are kept while all of them are
// still among the omitted ones, because the order changes all the time.
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
