package exporter

import (
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// slot is where the value of a path is kept while its object is read.
type slot int

// The slots every kind has. Those of its own labels follow.
const (
	slotNamespace slot = iota
	slotName
	slotResourceVersion
	slotCreated
	slotDeleted
	slotShard
	slotSuspend
	slotSuspendAnnotation
	slotType
	slotReady
	slotReason
	slotTurned
	slotStalled
	slotReconciling
	slotFailures
	slotsOfKind
)

// noSlot marks a node that only leads to others.
const noSlot slot = -1

// node is a place on the way to what is wanted of an object.
type node struct {
	// next are the keys of a JSON object that lead on; "0" is also the first item of a list.
	next map[string]*node
	slot slot
	// truth is that the slot is for true and not for text.
	truth bool
	// count is that the slot is for a number that is not 0.
	count bool
	// each reads every item of a list.
	each func(*decoder) error
}

// form is how a kind is read and what is said of it.
type form struct {
	kind      flux.ServedKind
	root      *node
	slots     int
	labels    []formLabel
	waitSlots waitSlots
	// head opens the labels of every series about the kind, compatible those of the families that Flux once had.
	head, compatible string
	// sourceName and sourceNamespace are positions in labels; -1 where the kind has none.
	sourceName, sourceNamespace int
}

// formLabel is a label of the kind's own, with the slots its value may be in.
type formLabel struct {
	open    string
	slots   []slot
	address bool
}

func newForm(kind flux.ServedKind) *form {
	f := &form{
		kind: kind, root: &node{slot: noSlot}, sourceName: -1, sourceNamespace: -1,
		head: string(appendHead(nil, kind)), compatible: string(appendLabel(nil, `{kind="`, []byte(kind.Name))) + ",",
	}
	f.slots = int(slotsOfKind)
	f.common()
	for _, l := range kind.State {
		f.label(l)
	}
	f.waits(kind.Waits)
	history := f.root.lead([]string{"status", "history"})
	if history.next == nil { // HelmRelease's is of another form, and has labels of its own
		history.each = (*decoder).readAttempt
	}
	return f
}

func appendHead(to []byte, kind flux.ServedKind) []byte {
	to = appendLabel(to, `{customresource_group="`, []byte(kind.Group))
	to = appendLabel(to, `,customresource_kind="`, []byte(kind.Name))
	return appendLabel(to, `,customresource_version="`, []byte(kind.Version))
}

// common are the paths of every kind.
func (f *form) common() {
	for at, path := range map[slot][]string{
		slotNamespace:       {"metadata", "namespace"},
		slotName:            {"metadata", "name"},
		slotResourceVersion: {"metadata", "resourceVersion"},
		slotCreated:         {"metadata", "creationTimestamp"},
		slotDeleted:         {"metadata", "deletionTimestamp"},
		slotShard:           {"metadata", "labels", flux.ShardKey},
		slotSuspend:         {"spec", "suspend"},
		slotType:            {"spec", "type"},
	} {
		f.root.lead(path).slot = at
	}
	f.root.lead([]string{"spec", "suspend"}).truth = true
	if failures := f.kind.Failures; failures != nil {
		end := f.root.lead(failures)
		end.slot, end.count = slotFailures, true
	}
	if annotation := f.kind.SuspendAnnotation; annotation != "" {
		f.root.lead([]string{"metadata", "annotations", annotation}).slot = slotSuspendAnnotation
	}
	f.root.lead([]string{"status", "conditions"}).each = (*decoder).readCondition
}

// label adds a label of the kind's own. Two labels may lead to the same place.
func (f *form) label(l flux.StateLabel) {
	switch l.Name {
	case flux.LabelSourceName:
		f.sourceName = len(f.labels)
	case flux.LabelSourceNamespace:
		f.sourceNamespace = len(f.labels)
	}
	f.labels = append(f.labels, formLabel{open: `,` + l.Name + `="`, address: l.Address, slots: f.slotsAt(l.Paths...)})
}

// slotsAt are the slots of what these paths lead to.
func (f *form) slotsAt(paths ...[]string) []slot {
	var slots []slot
	for _, path := range paths {
		end := f.root.lead(path)
		if end.slot == noSlot {
			end.slot = slot(f.slots)
			f.slots++
		}
		slots = append(slots, end.slot)
	}
	return slots
}

// lead returns the node at the end of a path, and makes the way there.
func (n *node) lead(path []string) *node {
	for _, key := range path {
		if n.next == nil {
			n.next = map[string]*node{}
		}
		if n.next[key] == nil {
			n.next[key] = &node{slot: noSlot}
		}
		n = n.next[key]
	}
	return n
}

// resource is the kind's collection in the API's paths: of a namespace, or where that is empty of all.
func (f *form) resource(namespace string) string {
	if namespace != "" {
		return strings.Join([]string{"/apis", f.kind.Group, f.kind.Version, "namespaces", namespace, f.kind.Plural}, "/")
	}
	return strings.Join([]string{"/apis", f.kind.Group, f.kind.Version, f.kind.Plural}, "/")
}
