package shallow

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// Transport makes what an API server answers in JSON shallow. Who sends a request with the context of Whole gets it as it is.
type Transport struct {
	// Next sends requests.
	Next http.RoundTripper
	// Emptied is called with the path of a request in whose answer something was emptied, once for each answer. It may be nil.
	Emptied func(path string)
}

type whole struct{}

// Whole returns a context for requests whose answers stay as they are.
func Whole(ctx context.Context) context.Context { return context.WithValue(ctx, whole{}, true) }

// RoundTrip satisfies http.RoundTripper.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.Next.RoundTrip(request)
	if err != nil || request.Context().Value(whole{}) != nil || !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		return response, err
	}
	if _, upgraded := response.Body.(io.Writer); upgraded {
		return response, err
	}
	response.Body = &body{Reader: NewReader(response.Body), Closer: response.Body, transport: t, path: request.URL.Path}
	return response, err
}

// WrappedRoundTripper returns the next one, as client-go looks for it.
func (t *Transport) WrappedRoundTripper() http.RoundTripper { return t.Next }

// body is that of an answer.
type body struct {
	*Reader
	io.Closer
	transport *Transport
	path      string
	said      bool
}

// Read satisfies io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.EmptiedBefore(b.written) && !b.said && b.transport.Emptied != nil {
		b.said = true
		b.transport.Emptied(b.path)
	}
	return n, err
}
