package exporter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/fluxmonitoring/operator/internal/flux"
)

const (
	added    = `{"type":"ADDED","object":{"metadata":{"namespace":"team","name":%q,"resourceVersion":"7"}}}` + "\n"
	bookmark = `{"type":"BOOKMARK","object":{"kind":"Thing","apiVersion":"test.fluxcd.io/v1","metadata":{"resourceVersion":"8",` +
		`"creationTimestamp":null,"annotations":{"k8s.io/initial-events-end":"true"}}}}` + "\n"
	tooOld = `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",` +
		`"message":"too old resource version: 1 (2)","reason":"Expired","code":410}}` + "\n"
)

// stream reads events from text.
func stream(text string) *eventStream {
	body := io.NopCloser(strings.NewReader(text))
	return &eventStream{body: body, decoder: newDecoder(body, newSchema(things))}
}

func TestEventsOfAWatchAreReadOneByOne(t *testing.T) {
	g := NewWithT(t)
	f := stream(fmt.Sprintf(added, "a") + bookmark + `{"object":{"metadata":{"name":"b"},"spec":{"revision":"main"}},"more":[1],"type":"DELETED"}` + tooOld)
	next := func(want watch.EventType) runtime.Object {
		action, o, err := f.Decode()
		must(t, err)
		g.Expect(action).To(Equal(want))
		return o
	}
	first := next(watch.Added).(*object)
	g.Expect(first.key).To(Equal("team/a"))
	g.Expect(first.GetObjectMeta().GetResourceVersion()).To(Equal("7"))
	end := next(watch.Bookmark).(metav1.Object)
	g.Expect(end.GetResourceVersion()).To(Equal("8"))
	g.Expect(end.GetAnnotations()).To(HaveKeyWithValue(metav1.InitialEventsAnnotationKey, "true"))
	deleted := next(watch.Deleted).(*object)
	g.Expect(deleted.key).To(Equal("b"))
	g.Expect(deleted.entry.text).To(ContainSubstring(`revision="main"`))
	g.Expect(apierrors.IsResourceExpired(apierrors.FromObject(next(watch.Error)))).To(BeTrue())
	_, _, err := f.Decode()
	g.Expect(err).To(Equal(io.EOF))
}

func TestAMalformedEventEndsTheStream(t *testing.T) {
	for text, want := range map[string]any{
		"":                                  Equal(io.EOF),
		`{"type":"ADDED","object":{"meta`:   Equal(io.ErrUnexpectedEOF),
		`{"type":"ADDED"}`:                  MatchError("unreadable answer of the API server: an event without an object"),
		`{"type":"OTHER","object":{}}`:      MatchError("unreadable answer of the API server: an event of an unknown type"),
		`{"type":"BOOKMARK","object":[]}`:   MatchError("unreadable answer of the API server: an event that is not what it says"),
		`{"type":"ADDED","object":{"a":]}}`: MatchError(ContainSubstring("invalid character")),
		`<html>502</html>`:                  MatchError(ContainSubstring("invalid character")),
		`"text"`:                            MatchError("unreadable answer of the API server: it is not of JSON objects"),
	} {
		t.Run(text, func(t *testing.T) {
			_, _, err := stream(text).Decode()
			NewWithT(t).Expect(err).To(want.(OmegaMatcher))
		})
	}
}

func TestReasonsAreStable(t *testing.T) {
	group := schema.GroupResource{Group: "test.fluxcd.io", Resource: "things"}
	for want, err := range map[string]error{
		"":            nil,
		"Forbidden":   fmt.Errorf("failed to list: %w", apierrors.NewForbidden(group, "", errors.New("no"))),
		"NotFound":    apierrors.NewNotFound(group, ""),
		"Refused":     &apierrors.StatusError{ErrStatus: metav1.Status{Code: 418}},
		"Unreadable":  malformedResponse{"it is not of JSON objects"},
		"Unreachable": &net.OpError{Op: "dial", Err: errors.New("connection refused to 10.0.0.1:443 (attempt 7)")},
	} {
		NewWithT(t).Expect(reasonOf(err)).To(Equal(want))
	}
}

// answers is an API server that answers each request with the next text; the last stays open.
func answers(t *testing.T, texts ...string) *Exporter {
	t.Helper()
	var request atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(request.Add(1)) - 1
		if n < len(texts) {
			_, _ = io.WriteString(w, texts[n])
		}
		w.(http.Flusher).Flush()
		if n >= len(texts)-1 {
			<-r.Context().Done()
		}
	}))
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(func() {
		stop()
		server.CloseClientConnections()
		server.Close()
	})
	e, err := New(&rest.Config{Host: server.URL}, nil, Options{})
	must(t, err)
	e.Follow(ctx, Desired{Kinds: []flux.ServedKind{things}})
	return e
}

func TestAnExpiredVersionIsRelisted(t *testing.T) {
	e := answers(t, fmt.Sprintf(added, "a")+bookmark+tooOld, fmt.Sprintf(added, "b")+bookmark)
	c := &testCluster{t: t, namespace: "team"}
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"b": "Unknown"}))
}

func TestAStreamThatBreaksInsideAnObjectIsResumed(t *testing.T) {
	whole := fmt.Sprintf(added, "b")
	e := answers(t, fmt.Sprintf(added, "a")+bookmark+whole[:50], fmt.Sprintf(added, "a")+whole+bookmark)
	c := &testCluster{t: t, namespace: "team"}
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"a": "Unknown", "b": "Unknown"}))
}

func TestAListCanHaveItsFieldsInAnyOrder(t *testing.T) {
	g := NewWithT(t)
	var list objectList
	text := `{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}],"kind":"ThingList","metadata":{"continue":"x","resourceVersion":"9"}}`
	g.Expect(newDecoder(strings.NewReader(text), newSchema(things)).decodeList(&list)).To(Succeed())
	g.Expect(list.Items).To(HaveLen(2))
	g.Expect(list.ListMeta).To(Equal(metav1.ListMeta{ResourceVersion: "9", Continue: "x"}))
	g.Expect(newDecoder(strings.NewReader(`[]`), newSchema(things)).decodeList(&list)).To(MatchError(ContainSubstring("unreadable")))
}

func TestObjectsSatisfyTheReflector(t *testing.T) {
	o := &object{key: "team/apps", version: "7"}
	for _, asked := range []struct {
		of    any
		about []reflect.Type
	}{
		{o, []reflect.Type{reflect.TypeFor[runtime.Object](), reflect.TypeFor[metav1.ObjectMetaAccessor]()}},
		{o.GetObjectMeta(), []reflect.Type{reflect.TypeFor[metav1.Object]()}},
		{o.GetObjectKind(), []reflect.Type{reflect.TypeOf(o.GetObjectKind())}},
		{&objectList{}, []reflect.Type{reflect.TypeFor[runtime.Object](), reflect.TypeFor[metav1.ListInterface](), reflect.TypeFor[metav1.ListMetaAccessor]()}},
	} {
		for _, about := range asked.about {
			for i := range about.NumMethod() {
				ask(t, asked.of, about.Method(i).Name)
			}
		}
	}
}

// ask calls a method with zero values.
func ask(t *testing.T, of any, method string) {
	t.Helper()
	defer func() {
		if fault := recover(); fault != nil {
			t.Errorf("%T.%s: %v", of, method, fault)
		}
	}()
	called := reflect.ValueOf(of).MethodByName(method)
	arguments := make([]reflect.Value, called.Type().NumIn())
	for i := range arguments {
		arguments[i] = reflect.Zero(called.Type().In(i))
	}
	called.Call(arguments)
}

func TestTheReflectorReadsKeyAndVersionOfAnObject(t *testing.T) {
	g := NewWithT(t)
	o := &object{key: "team/apps", version: "7"}
	g.Expect(cache.MetaNamespaceKeyFunc(o)).To(Equal("team/apps"))
	g.Expect(o.GetObjectMeta().GetResourceVersion()).To(Equal("7"))
}
