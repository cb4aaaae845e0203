package exporter

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
)

// unreadable is said of an answer that no Kubernetes API gives.
type unreadable struct{ what string }

// Error says what is not readable.
func (u unreadable) Error() string { return "unreadable answer of the API server: " + u.what }

// frames are the events of a watch, read one by one. It satisfies watch.Decoder.
type frames struct {
	body    io.Closer
	decoder *decoder
	// failed is called with an error of an event that cannot be read.
	failed func(error)
}

// Close ends the stream, and with it a Decode that waits.
func (f *frames) Close() {
	_ = f.body.Close()
}

// Decode waits for the next event.
func (f *frames) Decode() (watch.EventType, runtime.Object, error) {
	action, object, err := f.decoder.decodeFrame()
	if err != nil && f.failed != nil {
		f.failed(err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.ErrUnexpectedEOF // the one that the stream's reader takes for an end
	}
	return action, object, err
}

// frame is an event of a watch while it is read.
type frame struct {
	action watch.EventType
	object runtime.Object
	// raw is what is no object of the kind, or came before it was said what it is.
	raw []byte
}

// decodeFrame reads one event of a watch.
func (d *decoder) decodeFrame() (watch.EventType, runtime.Object, error) {
	if err := d.next('{'); err != nil {
		return "", nil, err
	}
	var f frame
	err := d.members(func(key []byte) error {
		switch string(key) {
		case "type":
			return d.action(&f)
		case "object":
			return d.content(&f)
		}
		return d.json.SkipValue()
	})
	if err != nil {
		return "", nil, err
	}
	if f.object == nil {
		err = f.decodeRaw(d.form)
	}
	return f.action, f.object, err
}

// next makes sure of what comes next. At the end of a stream it returns io.EOF.
func (d *decoder) next(kind jsontext.Kind) error {
	found := d.json.PeekKind()
	if found == jsontext.KindInvalid {
		_, err := d.json.ReadToken()
		return err
	}
	if found != kind {
		return unreadable{"it is not of JSON objects"}
	}
	return nil
}

func (d *decoder) action(f *frame) error {
	d.reset()
	var is value
	err := d.capture(&is, false)
	f.action = eventType(d.at(is))
	return err
}

// eventType returns the type of an event; nothing where there is no such type.
func eventType(text []byte) watch.EventType {
	for _, is := range []watch.EventType{watch.Added, watch.Modified, watch.Deleted, watch.Bookmark, watch.Error} {
		if string(is) == string(text) {
			return is
		}
	}
	return ""
}

func (d *decoder) content(f *frame) error {
	if holdsObject(f.action) {
		o, err := d.decode()
		f.object = o
		return err
	}
	raw, err := d.json.ReadValue()
	f.raw = raw.Clone()
	return err
}

func holdsObject(action watch.EventType) bool {
	return action == watch.Added || action == watch.Modified || action == watch.Deleted
}

// decodeRaw decodes what the event holds once its type is known.
func (f *frame) decodeRaw(form *form) error {
	if len(f.raw) == 0 {
		return unreadable{"an event without an object"}
	}
	switch {
	case holdsObject(f.action):
		o, err := decodeObject(f.raw, form)
		f.object = o
		return err
	case f.action == watch.Bookmark:
		return f.into(&metav1.PartialObjectMetadata{})
	case f.action == watch.Error:
		return f.into(&metav1.Status{})
	}
	return unreadable{"an event of an unknown type"}
}

func (f *frame) into(object runtime.Object) error {
	f.object = object
	if json.Unmarshal(f.raw, object) != nil {
		return unreadable{"an event that is not what it says"}
	}
	return nil
}

// decodeList adds a page of a list to it.
func (d *decoder) decodeList(to *objectList) error {
	if err := d.next('{'); err != nil {
		return unreadable{"a list is missing"}
	}
	return d.members(func(key []byte) error {
		switch kind := d.json.PeekKind(); {
		case string(key) == "metadata" && kind == '{':
			raw, err := d.json.ReadValue()
			if err != nil {
				return err
			}
			if json.Unmarshal(raw, &to.ListMeta) != nil {
				return unreadable{"a list with other metadata than that of a list"}
			}
			return nil
		case string(key) == "items" && kind == '[':
			return d.items(func(int) error {
				o, err := d.decode()
				to.Items = append(to.Items, o)
				return err
			})
		}
		return d.json.SkipValue()
	})
}
