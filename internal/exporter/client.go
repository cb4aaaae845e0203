package exporter

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/fluxmonitoring/operator/internal/shallow"
)

// pageSize is the limit of a list request.
const pageSize = 500

// newClient returns a client that streams JSON without compression, because the API server is near and both sides
// would pay for it.
func newClient(cfg *rest.Config, httpClient *http.Client) (rest.Interface, error) {
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	cfg = rest.CopyConfig(cfg)
	cfg.DisableCompression = true
	cfg.QPS, cfg.RateLimiter = -1, nil
	cfg.AcceptContentTypes, cfg.ContentType = runtime.ContentTypeJSON, runtime.ContentTypeJSON
	cfg.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	if httpClient == nil {
		var err error
		if httpClient, err = rest.HTTPClientFor(cfg); err != nil {
			return nil, fmt.Errorf("creating the client for Flux objects: %w", err)
		}
	}
	client, err := rest.UnversionedRESTClientForConfigAndClient(cfg, httpClient)
	if err != nil {
		return nil, fmt.Errorf("creating the client for Flux objects: %w", err)
	}
	return client, nil
}

// collection lists and watches the objects of a kind for a cache.Reflector.
type collection struct {
	client   rest.Interface
	schema   *kindSchema
	selector labels.Selector
	// onResult is called with the result of each request that shows whether the kind can be read.
	onResult func(error)
	// shallow is set once an object nests too deeply for the decoder. From then on all JSON is flattened first, which
	// doubles the cost of decoding.
	shallow atomic.Bool
}

// List lists all objects.
func (c *collection) List(options metav1.ListOptions) (runtime.Object, error) {
	return c.ListWithContext(context.Background(), options)
}

// Watch watches objects.
func (c *collection) Watch(options metav1.ListOptions) (watch.Interface, error) {
	return c.WatchWithContext(context.Background(), options)
}

// ListWithContext lists all objects, page by page.
func (c *collection) ListWithContext(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
	options.ResourceVersion, options.ResourceVersionMatch = "", ""
	options.Limit, options.Continue = pageSize, ""
	all := &objectList{Items: []*object{}}
	for {
		if err := c.listPage(ctx, "", options, all); err != nil {
			c.report(ctx, err)
			return nil, err
		}
		if all.Continue == "" {
			return all, nil
		}
		options.Continue, all.Continue = all.Continue, ""
	}
}

// listPage appends a page to a list, of one namespace or, if that is empty, of all.
func (c *collection) listPage(ctx context.Context, namespace string, options metav1.ListOptions, list *objectList) error {
	before := len(list.Items)
	err := c.readPage(ctx, namespace, options, list)
	if c.switchToShallow(err) {
		list.Items = list.Items[:before]
		return c.readPage(ctx, namespace, options, list)
	}
	return err
}

// readPage requests and decodes a page.
func (c *collection) readPage(ctx context.Context, namespace string, options metav1.ListOptions, list *objectList) error {
	body, err := c.open(ctx, namespace, options)
	if err != nil {
		return err
	}
	defer body.Close() //nolint:errcheck // the body has been read
	return c.decoder(body).decodeList(list)
}

// decoder returns a decoder for a response body.
func (c *collection) decoder(body io.Reader) *decoder {
	if !c.shallow.Load() {
		return newDecoder(buffered(body), c.schema)
	}
	flattened := shallow.NewReader(buffered(body))
	d := newDecoder(flattened, c.schema)
	d.shallow = flattened
	return d
}

// switchToShallow turns shallow on if the error can come from an object that nests too deeply, and reports whether it
// was off.
func (c *collection) switchToShallow(err error) bool {
	return errors.As(err, new(*jsontext.SyntacticError)) && !errors.Is(err, io.ErrUnexpectedEOF) && !c.shallow.Swap(true)
}

// WatchWithContext watches objects.
func (c *collection) WatchWithContext(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	options.Watch = true
	body, err := c.open(ctx, "", options)
	if err == nil || !reflectorFallsBack(err, options) {
		c.report(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	frames := &eventStream{body: body, decoder: c.decoder(body), onError: func(err error) { c.switchToShallow(err) }}
	reporter := apierrors.NewClientErrorReporter(http.StatusInternalServerError, "WATCH", "ClientWatchDecoding")
	return watch.NewStreamWatcherWithLogger(klog.FromContext(ctx), frames, reporter), nil
}

func (c *collection) open(ctx context.Context, namespace string, options metav1.ListOptions) (io.ReadCloser, error) {
	if c.selector != nil {
		options.LabelSelector = c.selector.String()
	}
	return c.client.Get().AbsPath(c.schema.collectionPath(namespace)).
		VersionedParams(&options, metav1.ParameterCodec).
		SetHeader("Accept-Encoding", "identity").
		Stream(shallow.Whole(ctx))
}

// buffered reads in large chunks, because each read of an HTTP/2 stream costs a message on the connection.
func buffered(body io.Reader) io.Reader { return bufio.NewReaderSize(body, 16<<10) }

// reflectorFallsBack reports whether the reflector handles this watch error by another request, so that it is no
// result yet.
func reflectorFallsBack(err error, options metav1.ListOptions) bool {
	expired := apierrors.IsResourceExpired(err) || apierrors.IsGone(err)
	refused := apierrors.IsInvalid(err) || apierrors.IsBadRequest(err)
	return expired || apierrors.IsTimeout(err) && apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge) ||
		refused && options.SendInitialEvents != nil
}

func (c *collection) report(ctx context.Context, err error) {
	if ctx.Err() == nil {
		c.onResult(err)
	}
}

// persistentReasons are reasons that do not go away until somebody acts.
var persistentReasons = []string{
	string(metav1.StatusReasonForbidden), string(metav1.StatusReasonUnauthorized), string(metav1.StatusReasonNotFound),
	string(metav1.StatusReasonMethodNotAllowed), reasonRejected, reasonUnreadable,
}

// Reasons that Kubernetes does not define.
const (
	reasonRejected    = "Refused"
	reasonUnreadable  = "Unreadable"
	reasonUnreachable = "Unreachable"
)

// reasonOf returns a stable reason, in one word, why a kind cannot be read.
func reasonOf(err error) string {
	var status apierrors.APIStatus
	switch {
	case err == nil:
		return ""
	case errors.As(err, &status) && status.Status().Reason != metav1.StatusReasonUnknown:
		return string(status.Status().Reason)
	case errors.As(err, &status):
		return reasonRejected
	case errors.As(err, new(malformedResponse)), errors.As(err, new(*jsontext.SyntacticError)):
		return reasonUnreadable
	}
	return reasonUnreachable
}
