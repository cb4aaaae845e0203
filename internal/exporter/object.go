package exporter

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// entry is what a store keeps of an object. It is immutable once it is in a store.
type entry struct {
	schema *kindSchema
	// usage of the object's namespace, set by the store.
	usage *namespaceUsage
	// text is the rest of the StateInfo line after schema.labelPrefix.
	text string
	// notReady is the object's current not-ready period; nil if there is none.
	notReady *notReadyPeriod
	// identityEnd is where the identity labels in text end.
	identityEnd uint32
	// statusIndex is the index in statuses of the object's current one.
	statusIndex uint8
	suspended   bool
	// timings, shared with other objects; nil if nobody reconciles the object.
	timings *sharedTimings
}

// extraSeries is how many series the text counts for, beyond the object's own.
func (e *entry) extraSeries() int32 { return int32(len(e.text) / bytesPerExtraSeries) }

// withoutText returns what is kept of an omitted object: what cannot be read from the API server again.
func (e *entry) withoutText() *entry {
	if e.text == "" {
		return e
	}
	thin := *e
	thin.text = ""
	return &thin
}

// hasLegacyMetrics reports whether the legacy metrics are exported for the object.
func (e *entry) hasLegacyMetrics() bool { return e.usage.legacyMetrics.Load() }

// legacyLabels are the identity labels as Flux's own series have them, namespace and name, without the leading
// ",exported_".
func (e *entry) legacyLabels() string {
	identity := e.text[:e.identityEnd]
	if rest, namespaced := strings.CutPrefix(identity, ",exported_"); namespaced {
		return rest
	}
	return identity[1:]
}

// object is a decoded object on its way to a store.
type object struct {
	entry    *entry
	key      string
	version  string
	timings  flux.ReconcileTimings
	notReady bool
	// tooDeep: the object nests so deeply that other clients cannot decode a list with it.
	tooDeep bool
	stage   stage
	// transitionedAt is the lastTransitionTime of Ready. notReadySince starts the not-ready period if nothing earlier
	// is known. 0 is unknown.
	transitionedAt, notReadySince int64
}

// GetObjectKind satisfies runtime.Object.
func (o *object) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject satisfies runtime.Object. Objects are not changed.
func (o *object) DeepCopyObject() runtime.Object { return o }

// GetObjectMeta returns a new ObjectMeta with what the reflector reads: the key, as the name, and the resource
// version.
func (o *object) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Name: o.key, ResourceVersion: o.version}
}

// objectList is a list of objects, with all its pages.
type objectList struct {
	metav1.ListMeta
	Items []*object
}

// GetObjectKind satisfies runtime.Object.
func (l *objectList) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject satisfies runtime.Object. Lists are not changed.
func (l *objectList) DeepCopyObject() runtime.Object { return l }
