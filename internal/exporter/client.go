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

// pageSize is how many objects a page of a list has.
const pageSize = 500

// newClient returns a client that streams JSON, uncompressed: the API server is near, and both sides would pay for it.
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
			return nil, fmt.Errorf("making a client for Flux's objects: %w", err)
		}
	}
	client, err := rest.UnversionedRESTClientForConfigAndClient(cfg, httpClient)
	if err != nil {
		return nil, fmt.Errorf("making a client for Flux's objects: %w", err)
	}
	return client, nil
}

// collection is all objects of a kind, as a cache.Reflector lists and watches them.
type collection struct {
	client   rest.Interface
	schema   *kindSchema
	selector labels.Selector
	// onResult is called with how each request ended that tells whether the kind can be read: nil is that it can.
	onResult func(error)
	// shallow is that an object was met that cannot be read as it is, so that from then on all are read shallow. To do so always would
	// cost as much again as to decode them.
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

// ListWithContext lists all objects, by pages.
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

// listPage adds a page to a list, of all namespaces or of one.
func (c *collection) listPage(ctx context.Context, namespace string, options metav1.ListOptions, list *objectList) error {
	before := len(list.Items)
	err := c.readPage(ctx, namespace, options, list)
	if c.switchToShallow(err) {
		list.Items = list.Items[:before]
		return c.readPage(ctx, namespace, options, list)
	}
	return err
}

// readPage reads a page.
func (c *collection) readPage(ctx context.Context, namespace string, options metav1.ListOptions, list *objectList) error {
	body, err := c.open(ctx, namespace, options)
	if err != nil {
		return err
	}
	defer body.Close() //nolint:errcheck // all that was wanted of it has been read
	return c.decoder(body).decodeList(list)
}

// decoder decodes what is read from a body.
func (c *collection) decoder(body io.Reader) *decoder {
	if !c.shallow.Load() {
		return newDecoder(buffered(body), c.schema)
	}
	flattened := shallow.NewReader(buffered(body))
	d := newDecoder(flattened, c.schema)
	d.shallow = flattened
	return d
}

// switchToShallow takes up an error that an object may be the cause of which nests too deeply, and reports whether it is the first.
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

// buffered reads more at a time than the decoder asks for: each read of a stream costs the connection a message of its own.
func buffered(body io.Reader) io.Reader { return bufio.NewReaderSize(body, 16<<10) }

// reflectorFallsBack reports whether the reflector goes another way after this error of a watch, so that it tells nothing yet.
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

// persistentReasons are the reasons of faults that stay until somebody mends them.
var persistentReasons = []string{
	string(metav1.StatusReasonForbidden), string(metav1.StatusReasonUnauthorized), string(metav1.StatusReasonNotFound),
	string(metav1.StatusReasonMethodNotAllowed), reasonRejected, reasonUnreadable,
}

// Reasons that are not Kubernetes' own.
const (
	reasonRejected    = "Refused"
	reasonUnreadable  = "Unreadable"
	reasonUnreachable = "Unreachable"
)

// reasonOf says in a stable word why a kind cannot be read.
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
