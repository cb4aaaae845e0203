package exporter

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// The statuses of a condition, and the one that Flux's controllers said of an object while it was being deleted.
const (
	statusTrue    = "True"
	statusFalse   = "False"
	statusUnknown = "Unknown"
	statusDeleted = "Deleted"
)

// statuses are all that StateCondition tells of, in the order it does.
var statuses = [...]string{statusTrue, statusFalse, statusUnknown, statusDeleted}

// render makes what is served of the object just read.
func (d *decoder) render() *object {
	namespace, name := d.get(slotNamespace), d.get(slotName)
	ready := d.ready()
	e := &entry{form: d.form, holds: d.holds(ready), suspended: d.suspended()}
	to := appendOptional(d.out, `,exported_namespace="`, namespace)
	to = appendLabel(to, `,name="`, name)
	e.identity = uint32(len(to))
	d.out = append(d.appendState(to, ready), "} 1\n"...)
	e.text = string(d.out)
	o := &object{entry: e, key: key(namespace, name), version: string(d.get(slotResourceVersion)), waits: d.waits()}
	if ready != statusTrue && !e.suspended {
		o.notReady, o.stage = true, d.stage(ready)
		o.turned, o.began = d.since()
	}
	return o
}

// suspended reports whether the object is, by its field or its annotation.
func (d *decoder) suspended() bool {
	return d.has(slotSuspend) || bytes.EqualFold(d.get(slotSuspendAnnotation), []byte("disabled"))
}

// holds is the position of the status that StateCondition tells.
func (d *decoder) holds(ready string) uint8 {
	if d.has(slotDeleted) {
		ready = statusDeleted
	}
	return uint8(slices.Index(statuses[:], ready))
}

// key names an object among those of its kind.
func key(namespace, name []byte) string {
	if len(namespace) == 0 {
		return string(name)
	}
	return string(bytes.Join([][]byte{namespace, name}, []byte{'/'}))
}

// ready is the status of the object's Ready condition, or what stands for it.
func (d *decoder) ready() string {
	switch {
	case d.staticType():
		return statusTrue
	case !d.has(slotReady) && d.form.kind.Static:
		return statusTrue
	}
	if status := status(d.get(slotReady)); status != "" {
		return status
	}
	return statusUnknown
}

// staticType reports whether the object is of a type that is not reconciled. Its conditions may be from before it was.
func (d *decoder) staticType() bool {
	return d.form.kind.StaticType != "" && string(d.get(slotType)) == d.form.kind.StaticType
}

// status returns the status if it is one.
func status(text []byte) string {
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

// since is when the Ready condition turned to what it is, and when the object's present run of not being ready began as
// far as the object alone tells: by its history, its condition, or when it was created. 0 is unknown.
func (d *decoder) since() (turned, began int64) {
	turned, began = unix(d.get(slotTurned)), d.history.began()
	switch {
	case began == 0 && turned == 0:
		began = unix(d.get(slotCreated))
	case began == 0 || turned != 0 && turned < began:
		began = turned
	}
	return turned, began
}

// appendState appends the labels that tell an object's state.
func (d *decoder) appendState(to []byte, ready string) []byte {
	to = append(append(append(to, `,ready="`...), ready...), '"')
	to = append(strconv.AppendBool(append(to, `,suspended="`...), d.suspended()), '"')
	if !d.staticType() {
		to = appendOptional(to, `,reason="`, d.get(slotReason))
		to = appendOptional(to, `,stalled="`, []byte(status(d.get(slotStalled))))
		to = appendOptional(to, `,reconciling="`, []byte(status(d.get(slotReconciling))))
	}
	for i := range d.form.labels {
		to = appendOptional(to, d.form.labels[i].open, d.own(i))
	}
	return appendOptional(to, `,shard="`, d.get(slotShard))
}

// own is the value of a label of the kind's own.
func (d *decoder) own(i int) []byte {
	found := d.first(d.form.labels[i].slots)
	switch {
	case len(found) == 0 && i == d.form.sourceNamespace && d.form.sourceName >= 0:
		if len(d.first(d.form.labels[d.form.sourceName].slots)) > 0 {
			return d.get(slotNamespace)
		}
	case len(found) > 0 && d.form.labels[i].address:
		return []byte(withoutCredentials(string(found)))
	}
	return found
}

// first is the first value found in these slots.
func (d *decoder) first(slots []slot) []byte {
	for _, s := range slots {
		if d.has(s) {
			return d.get(s)
		}
	}
	return nil
}

// appendOptional appends a label unless it is empty.
func appendOptional(to []byte, open string, value []byte) []byte {
	if len(value) == 0 {
		return to
	}
	return appendLabel(to, open, value)
}

// appendLabel appends a label, escaped as both formats want it.
func appendLabel(to []byte, open string, value []byte) []byte {
	to = append(to, open...)
	for _, c := range cut(value) {
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

// replacement stands for a zero byte.
const replacement = string(utf8.RuneError)

// cut shortens a value to what is at most flux.MaxLabelValue bytes as it is served, between two characters.
func cut(value []byte) []byte {
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
