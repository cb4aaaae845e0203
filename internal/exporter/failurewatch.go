package exporter

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/fluxmonitoring/operator/internal/flux"
)

const (
	eventsPath = "/api/v1/events"
	// failureSelector has the API server send only events that can be about a failed notification.
	failureSelector = "involvedObject.kind=" + flux.KindAlert + ",type=Warning"
	// retryForbidden is how often the API server is asked again if it forbids to watch events. Some administrators leave
	// out the permission on purpose.
	retryForbidden = 10 * time.Minute
)

// failureWatch has a counter count the events about Alerts. It is no reflector, because it needs no event a second time,
// and a reflector would hold all events of the cluster's Alerts, which users can write.
type failureWatch struct {
	client         rest.Interface
	counter        *failureCounter
	retryForbidden time.Duration
	// version is where the next watch begins; empty for now.
	version string
	// forbidden: the log has it already.
	forbidden bool
}

// watchFailures starts or stops to count failed notifications.
func (e *Exporter) watchFailures(desired Desired) {
	wanted := !desired.WatchOnly && slices.ContainsFunc(desired.Kinds, isFluxAlert)
	if wanted == (e.failures != nil) {
		return
	}
	if !wanted {
		e.stopWatchingFailures()
		return
	}
	ctx, stop := context.WithCancel(e.ctx)
	e.failures, e.stopFailures = newFailureCounter(e.now, e.exportsAlert), stop
	w := &failureWatch{client: e.client, counter: e.failures, retryForbidden: e.retryForbidden}
	go w.run(ctx)
}

func (e *Exporter) stopWatchingFailures() {
	if e.failures != nil {
		e.stopFailures()
		e.failures, e.stopFailures = nil, nil
	}
}

// exportsAlert reports whether the Alert of a key is exported.
func (e *Exporter) exportsAlert(key string) bool {
	v := e.view.Load()
	return v != nil && slices.ContainsFunc(v.stores, func(s *store) bool { return isFluxAlert(s.schema.kind) && s.exports(key) })
}

// run watches until the context ends.
func (w *failureWatch) run(ctx context.Context) {
	b := backoff()
	_ = b.DelayWithReset(clock.RealClock{}, resetAfter).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		w.recordResult(ctx, w.follow(ctx))
		return false, nil
	})
}

// recordResult logs once that events may not be watched, and waits.
func (w *failureWatch) recordResult(ctx context.Context, err error) {
	if !apierrors.IsForbidden(err) {
		w.forbidden = false
		return
	}
	w.counter.counting.Store(false)
	if !w.forbidden {
		log.FromContext(ctx).Info("Failed notifications of Flux are not counted, because the operator may not list and watch events",
			"metric", flux.StateNotificationsFailed)
	}
	w.forbidden = true
	select {
	case <-ctx.Done():
	case <-time.After(w.retryForbidden):
	}
}

// follow counts events until the watch ends. The next one begins after the last event, so that none is lost between them.
func (w *failureWatch) follow(ctx context.Context) error {
	if w.version == "" {
		latest, err := w.latest(ctx)
		if err != nil {
			return err
		}
		w.version = latest
	}
	body, err := w.open(ctx, metav1.ListOptions{Watch: true, ResourceVersion: w.version, FieldSelector: failureSelector})
	if err != nil {
		if reasonOf(err) != reasonUnreachable { // such as a version that is too old
			w.version = ""
		}
		return err
	}
	defer body.Close() //nolint:errcheck // it has been read
	w.counter.counting.Store(true)
	w.version = w.read(json.NewDecoder(buffered(body)))
	return nil
}

// latest returns the current version of the events. It asks for one event only, without a selector, because the API server
// would read every event to find one.
func (w *failureWatch) latest(ctx context.Context) (string, error) {
	body, err := w.open(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return "", err
	}
	defer body.Close() //nolint:errcheck // it has been read
	var list struct {
		Metadata struct{ ResourceVersion string }
	}
	if err := json.NewDecoder(body).Decode(&list); err != nil {
		return "", malformedResponse{"a list that is not of events"}
	}
	return list.Metadata.ResourceVersion, nil
}

func (w *failureWatch) open(ctx context.Context, options metav1.ListOptions) (io.ReadCloser, error) {
	return w.client.Get().AbsPath(eventsPath).VersionedParams(&options, metav1.ParameterCodec).
		SetHeader("Accept-Encoding", "identity").Stream(ctx)
}

// read counts the events of a watch, and returns the version at which the next one begins. After a watch without an event
// its version is old, and the API server may not have it any more.
func (w *failureWatch) read(frames *json.Decoder) (next string) {
	for {
		var frame struct {
			Type   watch.EventType
			Object failureEvent
		}
		if err := frames.Decode(&frame); err != nil {
			if next == "" && !errors.Is(err, io.EOF) {
				return w.version
			}
			return next
		}
		switch frame.Type {
		case watch.Added, watch.Modified:
			w.counter.add(&frame.Object)
		case watch.Deleted, watch.Bookmark:
		default: // the version is too old
			return ""
		}
		next = frame.Object.Metadata.ResourceVersion
	}
}
