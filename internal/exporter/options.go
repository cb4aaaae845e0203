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
	// MaxSeries is how many series of objects are served at most; 0 is no limit. An object counts with all that it may have, and once more
	// for each further KiB of its labels.
	MaxSeries int
	// Changed is called when Health has changed, and when a kind turns out to be no longer served, so that discovery is
	// worth asking again. It may be called from any goroutine and must not block. It may be nil.
	Changed func()
}

// shardLabel is the label that tells the objects of these options from those of other exporters; empty where they are all.
func (o Options) shardLabel() string {
	if o.Selector == nil || o.Selector.Empty() {
		return ""
	}
	return string(appendLabel(nil, `,watch_label_selector="`, []byte(o.Selector.String())))
}

// Desired is what an Exporter is to follow and to tell of.
type Desired struct {
	// Kinds to follow, each in one version.
	Kinds []flux.ServedKind
	// WatchOnly: they are followed for what Health says, and nothing is served. What is followed is served at once when it is
	// silent no longer.
	WatchOnly bool
	// PriorityNamespaces are the namespaces of which objects are served before those of all others, whatever MaxSeries is.
	PriorityNamespaces []string
	// LegacyMetrics are the namespaces of which objects are told of in the families that Flux's controllers had until Flux 2.4, too.
	LegacyMetrics NamespaceSet
}

// NamespaceSet are some namespaces, or all.
type NamespaceSet struct {
	// All is every namespace, whatever the names are.
	All bool
	// Names of the namespaces.
	Names []string
}

// Has reports whether a namespace is among them.
func (n NamespaceSet) Has(namespace string) bool { return n.All || slices.Contains(n.Names, namespace) }
