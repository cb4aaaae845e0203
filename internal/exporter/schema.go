package exporter

import (
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// field is where the value of a path is kept while its object is read.
type field int

// The slots every kind has. Those of its own labels follow.
const (
	fieldNamespace field = iota
	fieldName
	fieldResourceVersion
	fieldCreated
	fieldDeleted
	fieldShard
	fieldSuspend
	fieldSuspendAnnotation
	fieldType
	fieldReady
	fieldReason
	fieldTransitioned
	fieldStalled
	fieldReconciling
	fieldFailures
	commonFields
)

// noField marks a node that only leads to others.
const noField field = -1

// node is a place on the way to what is wanted of an object.
type node struct {
	// children are the keys of a JSON object that lead on; "0" is also the first item of a list.
	children map[string]*node
	field    field
	// isBool is that the slot is for true and not for text.
	isBool bool
	// isCount is that the slot is for a number that is not 0.
	isCount bool
	// readItem reads every item of a list.
	readItem func(*decoder) error
}

// kindSchema is how a kind is read and what is said of it.
type kindSchema struct {
	kind         flux.ServedKind
	root         *node
	fieldCount   int
	labels       []labelSchema
	timingFields timingFields
	// labelPrefix opens the labels of every series about the kind, compatible those of the families that Flux once had.
	labelPrefix, legacyLabelPrefix string
	// sourceName and sourceNamespace are positions in labels; -1 where the kind has none.
	sourceName, sourceNamespace int
}

// labelSchema is a label of the kind's own, with the slots its value may be in.
type labelSchema struct {
	prefix  string
	fields  []field
	address bool
}

func newSchema(kind flux.ServedKind) *kindSchema {
	s := &kindSchema{
		kind: kind, root: &node{field: noField}, sourceName: -1, sourceNamespace: -1,
		labelPrefix: string(appendLabelPrefix(nil, kind)), legacyLabelPrefix: string(appendLabel(nil, `{kind="`, []byte(kind.Name))) + ",",
	}
	s.fieldCount = int(commonFields)
	s.addCommonFields()
	for _, l := range kind.State {
		s.addLabel(l)
	}
	s.addTimings(kind.Waits)
	history := s.root.descend([]string{"status", "history"})
	if history.children == nil { // HelmRelease's is of another form, and has labels of its own
		history.readItem = (*decoder).readAttempt
	}
	return s
}

func appendLabelPrefix(to []byte, kind flux.ServedKind) []byte {
	to = appendLabel(to, `{customresource_group="`, []byte(kind.Group))
	to = appendLabel(to, `,customresource_kind="`, []byte(kind.Name))
	return appendLabel(to, `,customresource_version="`, []byte(kind.Version))
}

// addCommonFields are the paths of every kind.
func (s *kindSchema) addCommonFields() {
	for at, path := range map[field][]string{
		fieldNamespace:       {"metadata", "namespace"},
		fieldName:            {"metadata", "name"},
		fieldResourceVersion: {"metadata", "resourceVersion"},
		fieldCreated:         {"metadata", "creationTimestamp"},
		fieldDeleted:         {"metadata", "deletionTimestamp"},
		fieldShard:           {"metadata", "labels", flux.ShardKey},
		fieldSuspend:         {"spec", "suspend"},
		fieldType:            {"spec", "type"},
	} {
		s.root.descend(path).field = at
	}
	s.root.descend([]string{"spec", "suspend"}).isBool = true
	if failures := s.kind.Failures; failures != nil {
		end := s.root.descend(failures)
		end.field, end.isCount = fieldFailures, true
	}
	if annotation := s.kind.SuspendAnnotation; annotation != "" {
		s.root.descend([]string{"metadata", "annotations", annotation}).field = fieldSuspendAnnotation
	}
	s.root.descend([]string{"status", "conditions"}).readItem = (*decoder).readCondition
}

// addLabel adds a label of the kind's own. Two labels may lead to the same place.
func (s *kindSchema) addLabel(l flux.StateLabel) {
	switch l.Name {
	case flux.LabelSourceName:
		s.sourceName = len(s.labels)
	case flux.LabelSourceNamespace:
		s.sourceNamespace = len(s.labels)
	}
	s.labels = append(s.labels, labelSchema{prefix: `,` + l.Name + `="`, address: l.Address, fields: s.fieldsAt(l.Paths...)})
}

// fieldsAt are the slots of what these paths lead to.
func (s *kindSchema) fieldsAt(paths ...[]string) []field {
	var fields []field
	for _, path := range paths {
		end := s.root.descend(path)
		if end.field == noField {
			end.field = field(s.fieldCount)
			s.fieldCount++
		}
		fields = append(fields, end.field)
	}
	return fields
}

// descend returns the node at the end of a path, and makes the way there.
func (n *node) descend(path []string) *node {
	for _, key := range path {
		if n.children == nil {
			n.children = map[string]*node{}
		}
		if n.children[key] == nil {
			n.children[key] = &node{field: noField}
		}
		n = n.children[key]
	}
	return n
}

// collectionPath is the kind's collection in the API's paths: of a namespace, or where that is empty of all.
func (s *kindSchema) collectionPath(namespace string) string {
	if namespace != "" {
		return strings.Join([]string{"/apis", s.kind.Group, s.kind.Version, "namespaces", namespace, s.kind.Plural}, "/")
	}
	return strings.Join([]string{"/apis", s.kind.Group, s.kind.Version, s.kind.Plural}, "/")
}
