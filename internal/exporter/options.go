package exporter

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Options of an Exporter.
type Options struct {
	// Selector of the Flux objects; nil selects all.
	Selector labels.Selector
	// MaxSeries limits the series about objects; 0 is no limit. An object counts for all series that it can have, and
	// for one more per KiB of its labels.
	MaxSeries int
	// Changed is called when Health has changed, and when a kind is no longer served, so that the caller repeats
	// discovery. It is called from any goroutine and must not block. It can be nil.
	Changed func()
}

// shardLabel is the label that distinguishes exporters with different selectors; empty if all objects are selected.
func (o Options) shardLabel() string {
	if o.Selector == nil || o.Selector.Empty() {
		return ""
	}
	return string(appendLabel(nil, `,watch_label_selector="`, []byte(o.Selector.String())))
}

// Desired is what an Exporter must follow and export.
type Desired struct {
	// Kinds to follow, each in one version.
	Kinds []flux.ServedKind
	// WatchOnly: objects are watched for Health, and none is exported. When it is unset, they are exported at once.
	WatchOnly bool
	// PriorityNamespaces are served before all others, however low MaxSeries is.
	PriorityNamespaces []string
	// LegacyMetrics are the namespaces for which the metrics that Flux dropped in 2.5 are exported too.
	LegacyMetrics NamespaceSet
}

// NamespaceSet is a set of namespaces.
type NamespaceSet struct {
	// All namespaces, whatever Names has.
	All bool
	// Names of the namespaces.
	Names []string
}

// Has reports whether the set contains a namespace.
func (n NamespaceSet) Has(namespace string) bool { return n.All || slices.Contains(n.Names, namespace) }
