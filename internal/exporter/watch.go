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

// malformedResponse is the error for a response that no Kubernetes API sends.
type malformedResponse struct{ what string }

// Error satisfies error.
func (u malformedResponse) Error() string { return "unreadable answer of the API server: " + u.what }

// eventStream decodes the events of a watch. It satisfies watch.Decoder.
type eventStream struct {
	body    io.Closer
	decoder *decoder
	// onError is called with each decoding error.
	onError func(error)
}

// Close closes the stream, which ends a blocked Decode.
func (s *eventStream) Close() {
	_ = s.body.Close()
}

// Decode waits for the next event.
func (s *eventStream) Decode() (watch.EventType, runtime.Object, error) {
	action, object, err := s.decoder.decodeEvent()
	if err != nil && s.onError != nil {
		s.onError(err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.ErrUnexpectedEOF // StreamWatcher compares with ==
	}
	return action, object, err
}

// event is a watch event that is being decoded.
type event struct {
	action watch.EventType
	object runtime.Object
	// raw is the JSON of an object that is not of the kind, or whose event type is not known yet.
	raw []byte
}

// decodeEvent reads one event of a watch.
func (d *decoder) decodeEvent() (watch.EventType, runtime.Object, error) {
	if err := d.expect('{'); err != nil {
		return "", nil, err
	}
	var e event
	err := d.members(func(key []byte) error {
		switch string(key) {
		case "type":
			return d.readEventType(&e)
		case "object":
			return d.readEventObject(&e)
		}
		return d.json.SkipValue()
	})
	if err != nil {
		return "", nil, err
	}
	if e.object == nil {
		err = e.decodeRaw(d.schema)
	}
	return e.action, e.object, err
}

// expect checks the kind of the next JSON value. At the end of the stream it returns io.EOF.
func (d *decoder) expect(kind jsontext.Kind) error {
	next := d.json.PeekKind()
	if next == jsontext.KindInvalid {
		_, err := d.json.ReadToken()
		return err
	}
	if next != kind {
		return malformedResponse{"it is not of JSON objects"}
	}
	return nil
}

func (d *decoder) readEventType(e *event) error {
	d.reset()
	var is value
	err := d.capture(&is, false)
	e.action = eventType(d.textOf(is))
	return err
}

// eventType returns the type of an event, or nothing if there is no such type.
func eventType(text []byte) watch.EventType {
	for _, is := range []watch.EventType{watch.Added, watch.Modified, watch.Deleted, watch.Bookmark, watch.Error} {
		if string(is) == string(text) {
			return is
		}
	}
	return ""
}

func (d *decoder) readEventObject(e *event) error {
	if holdsObject(e.action) {
		o, err := d.decode()
		e.object = o
		return err
	}
	raw, err := d.json.ReadValue()
	e.raw = raw.Clone()
	return err
}

func holdsObject(action watch.EventType) bool {
	return action == watch.Added || action == watch.Modified || action == watch.Deleted
}

// decodeRaw decodes the raw object once the event type is known.
func (e *event) decodeRaw(form *kindSchema) error {
	if len(e.raw) == 0 {
		return malformedResponse{"an event without an object"}
	}
	switch {
	case holdsObject(e.action):
		o, err := decodeObject(e.raw, form)
		e.object = o
		return err
	case e.action == watch.Bookmark:
		return e.into(&metav1.PartialObjectMetadata{})
	case e.action == watch.Error:
		return e.into(&metav1.Status{})
	}
	return malformedResponse{"an event of an unknown type"}
}

func (e *event) into(object runtime.Object) error {
	e.object = object
	if json.Unmarshal(e.raw, object) != nil {
		return malformedResponse{"an event that is not what it says"}
	}
	return nil
}

// decodeList appends a page to a list.
func (d *decoder) decodeList(list *objectList) error {
	if err := d.expect('{'); err != nil {
		return malformedResponse{"a list is missing"}
	}
	return d.members(func(key []byte) error {
		switch kind := d.json.PeekKind(); {
		case string(key) == "metadata" && kind == '{':
			raw, err := d.json.ReadValue()
			if err != nil {
				return err
			}
			if json.Unmarshal(raw, &list.ListMeta) != nil {
				return malformedResponse{"a list with other metadata than that of a list"}
			}
			return nil
		case string(key) == "items" && kind == '[':
			return d.items(func(int) error {
				o, err := d.decode()
				list.Items = append(list.Items, o)
				return err
			})
		}
		return d.json.SkipValue()
	})
}
