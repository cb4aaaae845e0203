package exporter

import (
	"cmp"
	"slices"
)

// omission is how many objects of a namespace are left out.
type omission struct {
	namespace string
	objects   int
}

// mostNamespaces is how many namespaces are named at most of which objects are left out.
const mostNamespaces = 10

// summarise determines of which namespaces most is left out.
func (b *budget) summarise() {
	most := make([]omission, 0, mostNamespaces+1)
	for _, of := range b.poorest.shares {
		o := omission{of.namespace, len(of.left.seats)}
		if at, _ := slices.BinarySearchFunc(most, o, omission.compare); at < mostNamespaces {
			most = slices.Insert(most, at, o)
			most = most[:min(len(most), mostNamespaces)]
		}
	}
	b.most.Store(&most)
}

// compare orders by how many are left out, those of which most are first.
func (o omission) compare(other omission) int {
	return cmp.Or(cmp.Compare(other.objects, o.objects), cmp.Compare(o.namespace, other.namespace))
}

// omissions are the namespaces of which most is left out. They may be asked for without a lock.
func (b *budget) omissions() []omission {
	if most := b.most.Load(); most != nil {
		return *most
	}
	return nil
}

// named are the namespaces to name of those of which objects are left out, sorted. They are those that were named before as long as
// each is still among them: who has most may be another at every moment, and is no news.
func named(of []omission, before []string) []string {
	names := make([]string, 0, len(of))
	for _, o := range of {
		names = append(names, o.namespace)
	}
	isGone := func(namespace string) bool { return !slices.Contains(names, namespace) }
	if len(before) == min(len(names), mostNamed) && !slices.ContainsFunc(before, isGone) {
		return before
	}
	names = names[:min(len(names), mostNamed)]
	slices.Sort(names)
	return names
}
