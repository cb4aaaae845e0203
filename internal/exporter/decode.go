package exporter

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fluxmonitoring/operator/internal/shallow"
)

// maxScratch is the largest buffer that a decoder keeps between objects.
const maxScratch = 64 << 10

// decoder reads objects of one kind from a JSON stream and keeps the values that the schema names. A value of an
// unexpected type counts as absent.
type decoder struct {
	json   *jsontext.Decoder
	schema *kindSchema
	// shallow flattens JSON that nests too deeply; nil if the stream is read as it is.
	shallow *shallow.Reader
	// values by field. They, and condition, are ranges of text.
	values    []value
	condition [conditionFields]value
	text      []byte
	history   history
	// waitsForHealth: the object lists health checks.
	waitsForHealth bool
	// out is the buffer of render.
	out []byte
}

// value is a range of the decoder's text.
type value struct{ from, to int }

func newDecoder(from io.Reader, s *kindSchema) *decoder {
	return &decoder{
		json:   jsontext.NewDecoder(from, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)),
		schema: s, values: make([]value, s.fieldCount),
	}
}

// get returns the value of a field, or nothing.
func (d *decoder) get(s field) []byte { return d.textOf(d.values[s]) }

func (d *decoder) textOf(v value) []byte { return d.text[v.from:v.to] }

func (d *decoder) has(s field) bool { return d.values[s].to > d.values[s].from }

// decode reads one object and renders it.
func (d *decoder) decode() (*object, error) {
	d.reset()
	if err := d.read(d.schema.root); err != nil {
		return nil, err
	}
	o := d.render()
	o.tooDeep = d.shallow != nil && d.shallow.EmptiedBefore(d.json.InputOffset())
	return o, nil
}

func (d *decoder) reset() {
	clear(d.values)
	d.waitsForHealth = false
	d.history = history{attempts: d.history.attempts[:0]}
	d.text, d.out = d.text[:0], d.out[:0]
	if cap(d.text) > maxScratch {
		d.text = nil
	}
	if cap(d.out) > maxScratch {
		d.out = nil
	}
}

// read reads the next value, and descends as far as the node has children.
func (d *decoder) read(n *node) error {
	switch kind := d.json.PeekKind(); {
	case kind == '{' && n.children != nil:
		return d.members(func(key []byte) error {
			if next := n.children[string(key)]; next != nil {
				return d.read(next)
			}
			return d.json.SkipValue()
		})
	case kind == '[' && n.readItem != nil:
		return d.items(func(int) error { return n.readItem(d) })
	case kind == '[' && n.children["0"] != nil:
		return d.items(func(i int) error {
			if i == 0 {
				return d.read(n.children["0"])
			}
			return d.json.SkipValue()
		})
	case n.field != noField:
		return d.captureAt(n)
	}
	return d.json.SkipValue()
}

// captureAt keeps the next value in the node's field.
func (d *decoder) captureAt(n *node) error {
	if n.isCount {
		return d.captureCount(&d.values[n.field])
	}
	return d.capture(&d.values[n.field], n.isBool)
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
		if kind := d.json.PeekKind(); kind == ']' || kind == jsontext.KindInvalid {
			_, err := d.json.ReadToken()
			return err
		}
		if err := read(i); err != nil {
			return err
		}
	}
}

// capture keeps the next value if it is a string, or if isBool, true.
func (d *decoder) capture(to *value, isBool bool) error {
	*to = value{}
	switch kind := d.json.PeekKind(); {
	case kind == '"' && !isBool, kind == 't' && isBool:
	default:
		return d.json.SkipValue()
	}
	raw, err := d.json.ReadValue()
	if err != nil {
		return err
	}
	to.from = len(d.text)
	if isBool {
		d.text = append(d.text, raw...)
	} else {
		d.text, _ = jsontext.AppendUnquote(d.text, raw) // invalid UTF-8 is replaced
	}
	to.to = len(d.text)
	return nil
}

// captureCount keeps the next value if it is a number other than 0.
func (d *decoder) captureCount(to *value) error {
	*to = value{}
	if d.json.PeekKind() != '0' {
		return d.json.SkipValue()
	}
	raw, err := d.json.ReadValue()
	if err != nil || string(raw) == "0" {
		return err
	}
	to.from = len(d.text)
	d.text = append(d.text, raw...)
	to.to = len(d.text)
	return nil
}

// decodeObject decodes one object that is in memory.
func decodeObject(raw []byte, s *kindSchema) (*object, error) {
	return newDecoder(bytes.NewReader(raw), s).decode()
}
