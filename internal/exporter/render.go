package exporter

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// The statuses of a condition, and the one that Flux's controllers exported for an object while it was being deleted.
const (
	statusTrue    = "True"
	statusFalse   = "False"
	statusUnknown = "Unknown"
	statusDeleted = "Deleted"
)

// statuses are the values of the label status of StateCondition, in the order of its series.
var statuses = [...]string{statusTrue, statusFalse, statusUnknown, statusDeleted}

// render renders the decoded object.
func (d *decoder) render() *object {
	namespace, name := d.get(fieldNamespace), d.get(fieldName)
	ready := d.ready()
	e := &entry{schema: d.schema, statusIndex: d.statusIndex(ready), suspended: d.suspended()}
	to := appendIdentity(d.out, namespace, name)
	e.identityEnd = uint32(len(to))
	d.out = append(d.appendState(to, ready), "} 1\n"...)
	e.text = string(d.out)
	o := &object{entry: e, key: objectKey(namespace, name), version: string(d.get(fieldResourceVersion)), timings: d.timings()}
	if ready != statusTrue && !e.suspended {
		o.notReady, o.stage = true, d.stage(ready)
		o.transitionedAt, o.notReadySince = d.readyTimes()
	}
	return o
}

// appendIdentity appends the labels with the object's namespace and name.
func appendIdentity(to, namespace, name []byte) []byte {
	return appendLabel(appendOptional(to, `,exported_namespace="`, namespace), `,name="`, name)
}

// suspended reports whether the object is suspended by its field or its annotation.
func (d *decoder) suspended() bool {
	return d.has(fieldSuspend) || bytes.EqualFold(d.get(fieldSuspendAnnotation), []byte("disabled"))
}

// statusIndex is the index in statuses of the object's current one.
func (d *decoder) statusIndex(ready string) uint8 {
	if d.has(fieldDeleted) {
		ready = statusDeleted
	}
	return uint8(slices.Index(statuses[:], ready))
}

// objectKey is "namespace/name", or the name of a cluster-scoped object.
func objectKey(namespace, name []byte) string {
	if len(namespace) == 0 {
		return string(name)
	}
	return string(bytes.Join([][]byte{namespace, name}, []byte{'/'}))
}

// ready is the status of the condition Ready. A static object is always ready.
func (d *decoder) ready() string {
	switch {
	case d.staticType():
		return statusTrue
	case !d.has(fieldReady) && d.schema.kind.Static:
		return statusTrue
	}
	if status := parseStatus(d.get(fieldReady)); status != "" {
		return status
	}
	return statusUnknown
}

// staticType reports whether the object's type is one that nobody reconciles. Its conditions can be from an earlier
// type.
func (d *decoder) staticType() bool {
	return d.schema.kind.StaticType != "" && string(d.get(fieldType)) == d.schema.kind.StaticType
}

// parseStatus returns the status if it is a valid one, else nothing.
func parseStatus(text []byte) string {
	switch string(text) {
	case statusTrue:
		return statusTrue
	case statusFalse:
		return statusFalse
	case statusUnknown:
		return statusUnknown
	}
	return ""
}

// readyTimes returns the lastTransitionTime of Ready, and when the not-ready period began as far as the object shows:
// by its history, its condition or its creation. 0 is unknown.
func (d *decoder) readyTimes() (transitionedAt, notReadySince int64) {
	transitionedAt, notReadySince = parseTime(d.get(fieldTransitioned)), d.history.failingSince()
	switch {
	case notReadySince == 0 && transitionedAt == 0:
		notReadySince = parseTime(d.get(fieldCreated))
	case notReadySince == 0 || transitionedAt != 0 && transitionedAt < notReadySince:
		notReadySince = transitionedAt
	}
	return transitionedAt, notReadySince
}

// appendState appends the labels with the object's state.
func (d *decoder) appendState(to []byte, ready string) []byte {
	to = append(append(append(to, `,ready="`...), ready...), '"')
	to = append(strconv.AppendBool(append(to, `,suspended="`...), d.suspended()), '"')
	if !d.staticType() {
		to = appendOptional(to, `,reason="`, d.get(fieldReason))
		to = appendOptional(to, `,stalled="`, []byte(parseStatus(d.get(fieldStalled))))
		to = appendOptional(to, `,reconciling="`, []byte(parseStatus(d.get(fieldReconciling))))
	}
	for i := range d.schema.labels {
		to = appendOptional(to, d.schema.labels[i].prefix, d.labelValue(i))
	}
	return appendOptional(to, `,shard="`, d.get(fieldShard))
}

// labelValue is the value of one of the kind's own labels. A source without a namespace is in the object's own.
func (d *decoder) labelValue(i int) []byte {
	found := d.firstValue(d.schema.labels[i].fields)
	switch {
	case len(found) == 0 && i == d.schema.sourceNamespace && d.schema.sourceName >= 0:
		if len(d.firstValue(d.schema.labels[d.schema.sourceName].fields)) > 0 {
			return d.get(fieldNamespace)
		}
	case len(found) > 0 && d.schema.labels[i].address:
		return []byte(withoutCredentials(string(found)))
	}
	return found
}

// firstValue is the first non-empty value of these fields.
func (d *decoder) firstValue(fields []field) []byte {
	for _, s := range fields {
		if d.has(s) {
			return d.get(s)
		}
	}
	return nil
}

// appendOptional appends a label if its value is not empty.
func appendOptional(to []byte, prefix string, value []byte) []byte {
	if len(value) == 0 {
		return to
	}
	return appendLabel(to, prefix, value)
}

// appendLabel appends a label, escaped for both formats.
func appendLabel(to []byte, prefix string, value []byte) []byte {
	to = append(to, prefix...)
	for _, c := range truncate(value) {
		switch c {
		case '\\', '"':
			to = append(to, '\\', c)
		case '\n':
			to = append(to, '\\', 'n')
		case 0: // the end of all, to some parsers
			to = append(to, replacement...)
		default:
			to = append(to, c)
		}
	}
	return append(to, '"')
}

// replacement replaces a zero byte.
const replacement = string(utf8.RuneError)

// truncate cuts a value at a character boundary to at most flux.MaxLabelValue bytes as exported.
func truncate(value []byte) []byte {
	if len(replacement)*len(value) <= flux.MaxLabelValue {
		return value
	}
	served := 0
	for at := 0; at < len(value); {
		_, size := utf8.DecodeRune(value[at:])
		if value[at] == 0 {
			served += len(replacement)
		} else {
			served += size
		}
		if served > flux.MaxLabelValue {
			return value[:at]
		}
		at += size
	}
	return value
}
