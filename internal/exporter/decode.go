package exporter

import (
	"bytes"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// maxScratch is what a decoder keeps for the next object. More is given back.
const maxScratch = 64 << 10

// decoder reads objects of one kind from a stream of JSON and keeps of each what its form wants. A value of a type other
// than what is wanted counts as absent.
type decoder struct {
	json *jsontext.Decoder
	form *form
	// found are the values by slot; they and the condition's lie in text.
	found     []value
	condition [conditionFields]value
	text      []byte
	history   history
	// out is what render writes to.
	out []byte
}

// value is a string that was found, a part of the decoder's text.
type value struct{ from, to int }

func newDecoder(from io.Reader, f *form) *decoder {
	return &decoder{
		json: jsontext.NewDecoder(from, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)),
		form: f, found: make([]value, f.slots),
	}
}

// get returns what was found; nothing where nothing was.
func (d *decoder) get(s slot) []byte {
	return d.text[d.found[s].from:d.found[s].to]
}

func (d *decoder) has(s slot) bool { return d.found[s].to > d.found[s].from }

// decode reads one object and renders it.
func (d *decoder) decode() (*object, error) {
	d.reset()
	if err := d.read(d.form.root); err != nil {
		return nil, err
	}
	return d.render(), nil
}

func (d *decoder) reset() {
	clear(d.found)
	d.history = history{attempts: d.history.attempts[:0]}
	d.text, d.out = d.text[:0], d.out[:0]
	if cap(d.text) > maxScratch {
		d.text = nil
	}
	if cap(d.out) > maxScratch {
		d.out = nil
	}
}

// read reads the next value as far as the node leads into it.
func (d *decoder) read(n *node) error {
	switch kind := d.json.PeekKind(); {
	case kind == '{' && n.next != nil:
		return d.members(func(key []byte) error {
			if next := n.next[string(key)]; next != nil {
				return d.read(next)
			}
			return d.json.SkipValue()
		})
	case kind == '[' && n.each != nil:
		return d.items(func(int) error { return n.each(d) })
	case kind == '[' && n.next["0"] != nil:
		return d.items(func(i int) error {
			if i == 0 {
				return d.read(n.next["0"])
			}
			return d.json.SkipValue()
		})
	case n.slot != noSlot:
		return d.capture(&d.found[n.slot], n.slot == slotSuspend)
	}
	return d.json.SkipValue()
}

// members calls read for the value of each key of the object that comes next; read must consume it.
func (d *decoder) members(read func(key []byte) error) error {
	if _, err := d.json.ReadToken(); err != nil {
		return err
	}
	var unescaped []byte
	for d.json.PeekKind() == '"' {
		key, err := d.json.ReadValue()
		if err != nil {
			return err
		}
		if bare := key[1 : len(key)-1]; !escaped(bare) {
			err = read(bare)
		} else {
			unescaped, _ = jsontext.AppendUnquote(unescaped[:0], key) // invalid UTF-8 is replaced
			err = read(unescaped)
		}
		if err != nil {
			return err
		}
	}
	_, err := d.json.ReadToken()
	return err
}

func escaped(key []byte) bool {
	for _, c := range key {
		if c == '\\' {
			return true
		}
	}
	return false
}

// items calls read for each item of the list that comes next; read must consume it.
func (d *decoder) items(read func(i int) error) error {
	if _, err := d.json.ReadToken(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		switch d.json.PeekKind() {
		case ']', jsontext.KindInvalid:
			_, err := d.json.ReadToken()
			return err
		}
		if err := read(i); err != nil {
			return err
		}
	}
}

// capture keeps the value that comes next if it is a string, or true where a truth is wanted.
func (d *decoder) capture(to *value, truth bool) error {
	*to = value{}
	switch kind := d.json.PeekKind(); {
	case kind == '"' && !truth, kind == 't' && truth:
	default:
		return d.json.SkipValue()
	}
	raw, err := d.json.ReadValue()
	if err != nil {
		return err
	}
	to.from = len(d.text)
	if truth {
		d.text = append(d.text, raw...)
	} else {
		d.text, _ = jsontext.AppendUnquote(d.text, raw) // invalid UTF-8 is replaced
	}
	to.to = len(d.text)
	return nil
}

// Fields of an item of status.conditions.
const (
	conditionType = iota
	conditionStatus
	conditionReason
	conditionTurned
	conditionFields
)

// readCondition reads an item of status.conditions. Of several conditions of a type the first counts.
func (d *decoder) readCondition() error {
	if d.json.PeekKind() != '{' {
		return d.json.SkipValue()
	}
	d.condition = [conditionFields]value{}
	err := d.members(func(key []byte) error {
		switch string(key) {
		case "type":
			return d.capture(&d.condition[conditionType], false)
		case "status":
			return d.capture(&d.condition[conditionStatus], false)
		case "reason":
			return d.capture(&d.condition[conditionReason], false)
		case "lastTransitionTime":
			return d.capture(&d.condition[conditionTurned], false)
		}
		return d.json.SkipValue()
	})
	if err == nil {
		d.keepCondition()
	}
	return err
}

// keepCondition keeps the condition just read if it is one that is told of.
func (d *decoder) keepCondition() {
	is, status := d.condition[conditionType], d.condition[conditionStatus]
	switch string(d.text[is.from:is.to]) {
	case "Ready":
		if !d.has(slotReady) {
			d.found[slotReady] = status
			d.found[slotReason] = d.condition[conditionReason]
			d.found[slotTurned] = d.condition[conditionTurned]
		}
	case "Stalled":
		if !d.has(slotStalled) {
			d.found[slotStalled] = status
		}
	case "Reconciling":
		if !d.has(slotReconciling) {
			d.found[slotReconciling] = status
		}
	}
}

// history is what status.history tells of the attempts to apply: it holds one entry for each outcome, Flux 2.7 and later.
type history struct {
	// succeeded is when it last succeeded; 0 is never.
	succeeded int64
	// attempts are those that failed.
	attempts []attempt
}

type attempt struct{ first, last int64 }

// succeeded is the lastReconciledStatus of an attempt that did.
const succeeded = "ReconciliationSucceeded"

// readAttempt reads an item of status.history.
func (d *decoder) readAttempt() error {
	if d.json.PeekKind() != '{' {
		return d.json.SkipValue()
	}
	var first, last, status value
	mark := len(d.text)
	err := d.members(func(key []byte) error {
		switch string(key) {
		case "firstReconciled":
			return d.capture(&first, false)
		case "lastReconciled":
			return d.capture(&last, false)
		case "lastReconciledStatus":
			return d.capture(&status, false)
		}
		return d.json.SkipValue()
	})
	if err != nil {
		return err
	}
	a := attempt{first: unix(d.text[first.from:first.to]), last: unix(d.text[last.from:last.to])}
	switch outcome := d.text[status.from:status.to]; {
	case a.first == 0 || a.last == 0 || len(outcome) == 0:
	case string(outcome) == succeeded:
		d.history.succeeded = max(d.history.succeeded, a.last)
	default:
		d.history.attempts = append(d.history.attempts, a)
	}
	d.text = d.text[:mark]
	return nil
}

// began is when the failing began that goes on, by the attempts that failed after the last success. 0 is unknown.
func (h *history) began() int64 {
	began := int64(0)
	for _, a := range h.attempts {
		if a.last > h.succeeded && (began == 0 || a.first < began) {
			began = a.first
		}
	}
	if began == 0 {
		return 0
	}
	return max(began, h.succeeded)
}

// unix is the time in Unix seconds, at least 1; 0 where it is none.
func unix(text []byte) int64 {
	var t time.Time
	if len(text) == 0 || t.UnmarshalText(text) != nil {
		return 0
	}
	return max(t.Unix(), 1)
}

// decodeObject reads one object that is in memory.
func decodeObject(raw []byte, f *form) (*object, error) {
	return newDecoder(bytes.NewReader(raw), f).decode()
}
