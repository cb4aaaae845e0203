package shallow

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// Transport flattens the JSON responses of an API server, except for requests with a context of Whole.
type Transport struct {
	// Next sends requests.
	Next http.RoundTripper
	// Emptied is called with the path of each request in whose response something was emptied. It can be nil.
	Emptied func(path string)
}

type whole struct{}

// Whole returns a context for requests whose responses are not flattened.
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

// WrappedRoundTripper returns the next RoundTripper, as client-go requires.
func (t *Transport) WrappedRoundTripper() http.RoundTripper { return t.Next }

// body of a response.
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
