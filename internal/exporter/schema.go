package exporter

import (
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// field is an index into decoder.values.
type field int

// The fields of every kind. Those of the kind's own labels follow.
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

// noField marks a node whose value is not kept.
const noField field = -1

// node is a step of a path into an object.
type node struct {
	// children by key of the JSON object; "0" is also the first item of a list.
	children map[string]*node
	field    field
	// isBool: the value is kept if it is true.
	isBool bool
	// isCount: the value is kept if it is a number other than 0.
	isCount bool
	// readItem reads each item of a list.
	readItem func(*decoder) error
}

// kindSchema says how objects of a kind are decoded, and which labels their series have.
type kindSchema struct {
	kind         flux.ServedKind
	root         *node
	fieldCount   int
	labels       []labelSchema
	timingFields timingFields
	// labelPrefix starts the labels of every series about the kind, legacyLabelPrefix those of the legacy metrics.
	labelPrefix, legacyLabelPrefix string
	// sourceName and sourceNamespace are indexes into labels; -1 if the kind has no such label.
	sourceName, sourceNamespace int
}

// labelSchema is a label of one kind, with the fields that can hold its value. The first that has one counts.
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
	s.addTimings(kind.Timings)
	history := s.root.descend([]string{"status", "history"})
	if history.children == nil { // HelmRelease's history has other fields, and is read by labels
		history.readItem = (*decoder).readAttempt
	}
	return s
}

func appendLabelPrefix(to []byte, kind flux.ServedKind) []byte {
	to = appendLabel(to, `{customresource_group="`, []byte(kind.Group))
	to = appendLabel(to, `,customresource_kind="`, []byte(kind.Name))
	return appendLabel(to, `,customresource_version="`, []byte(kind.Version))
}

// addCommonFields adds the paths that every kind has.
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

// addLabel adds a label of this kind. Two labels can read the same path.
func (s *kindSchema) addLabel(l flux.StateLabel) {
	switch l.Name {
	case flux.LabelSourceName:
		s.sourceName = len(s.labels)
	case flux.LabelSourceNamespace:
		s.sourceNamespace = len(s.labels)
	}
	s.labels = append(s.labels, labelSchema{prefix: `,` + l.Name + `="`, address: l.Address, fields: s.fieldsAt(l.Paths...)})
}

// fieldsAt returns the fields for these paths, and creates those that are missing.
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

// descend returns the node at the end of a path, and creates the nodes on the way.
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

// collectionPath is the URL path of the kind's collection, in one namespace or, if that is empty, in all.
func (s *kindSchema) collectionPath(namespace string) string {
	if namespace != "" {
		return strings.Join([]string{"/apis", s.kind.Group, s.kind.Version, "namespaces", namespace, s.kind.Plural}, "/")
	}
	return strings.Join([]string{"/apis", s.kind.Group, s.kind.Version, s.kind.Plural}, "/")
}
