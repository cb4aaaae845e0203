package exporter

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// entry is what is kept of an object: what is served, but for what all of its kind share. It is never changed once a store
// has it.
type entry struct {
	schema *kindSchema
	// usage is that of the object's namespace, once a store has it.
	usage *namespaceUsage
	// text is the rest of the line of StateInfo, after the form's head.
	text string
	// notReady is the object's present run of not being ready. nil is that there is none.
	notReady *notReadyPeriod
	// identityEnd is where in text the labels end that tell which object it is.
	identityEnd uint32
	// statusIndex is the position in statuses of the one that holds.
	statusIndex uint8
	suspended   bool
	// timings are those it has in common with others; nil where nobody waits for it.
	timings *sharedTimings
}

// extraSeries is what the object counts in the budget beyond its series, for its text.
func (e *entry) extraSeries() int32 { return int32(len(e.text) / bytesPerExtraSeries) }

// withoutText is what is kept of an object that is left out: what is known of it that it might not tell again.
func (e *entry) withoutText() *entry {
	if e.text == "" {
		return e
	}
	thin := *e
	thin.text = ""
	return &thin
}

// hasLegacyMetrics reports whether the object is told of in the families that Flux once had, too.
func (e *entry) hasLegacyMetrics() bool { return e.usage.legacyMetrics.Load() }

// legacyLabels are the labels namespace and name, as Flux's own series about an object have them: those that tell which
// object it is, without what StateInfo has before the name of the first.
func (e *entry) legacyLabels() string {
	identity := e.text[:e.identityEnd]
	if rest, namespaced := strings.CutPrefix(identity, ",exported_"); namespaced {
		return rest
	}
	return identity[1:]
}

// object is an entry on its way from the API server to a store, with what the way asks for.
type object struct {
	entry    *entry
	key      string
	version  string
	timings  flux.Waits
	notReady bool
	// tooDeep is that it nests so deeply that others cannot read it within a list.
	tooDeep bool
	stage   stage
	// transitionedAt is since when the object's condition is what it is, and began since when it has not been ready if nothing is
	// known of it from before. 0 is unknown.
	transitionedAt, notReadySince int64
}

// GetObjectKind satisfies runtime.Object.
func (o *object) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject satisfies runtime.Object. Objects are not changed.
func (o *object) DeepCopyObject() runtime.Object { return o }

// GetObjectMeta gives the reflector what it asks of metadata: the version, and the key as the name, which has the namespace in
// it. All else is empty, whatever it asks; it has a copy of its own, so what it sets is lost.
func (o *object) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Name: o.key, ResourceVersion: o.version}
}

// objectList is a whole list of objects.
type objectList struct {
	metav1.ListMeta
	Items []*object
}

// GetObjectKind satisfies runtime.Object.
func (l *objectList) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject satisfies runtime.Object. Lists are not changed.
func (l *objectList) DeepCopyObject() runtime.Object { return l }
