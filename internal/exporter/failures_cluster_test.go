package exporter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"
	fake "k8s.io/utils/clock/testing"

	"github.com/fluxmonitoring/operator/internal/flux"
)

var fluxAlerts = served("Alert", "v1beta3")

const slack = `spec: {providerRef: {name: slack}, eventSources: [{kind: Kustomization, name: "*"}]}`

// notificationController writes events as Flux's notification-controller does, with client-go's recorder of core/v1 events. Its clock
// stands still, so that a test decides when client-go writes an event that it had left out.
type notificationController struct {
	record.EventRecorder
	clock *fake.FakePassiveClock
}

func (c *testCluster) notificationController() notificationController {
	clock := fake.NewFakePassiveClock(time.Now())
	return notificationController{c.recorder("notification-controller", record.CorrelatorOptions{Clock: clock}), clock}
}

func (c *testCluster) recorder(component string, o record.CorrelatorOptions) record.EventRecorder {
	events, err := typedcorev1.NewForConfig(c.plane.Config)
	must(c.t, err)
	broadcaster := record.NewBroadcasterWithCorrelatorOptions(o)
	c.t.Cleanup(broadcaster.Shutdown)
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: events.Events("")})
	return broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: component})
}

// fails records that a notification about a Kustomization was not sent, with the words of notification-controller.
func (n notificationController) fails(alert *unstructured.Unstructured, kustomization string) {
	n.Eventf(alert, corev1.EventTypeWarning, "NotificationDispatchFailed", "failed to send notification for %s: %s",
		"Kustomization/apps/"+kustomization, errors.New("postMessage failed: request failed with status code 500"))
}

// counting is an exporter whose clock is ahead by lead, and that counts the failures of Alerts.
func (c *testCluster) counting(lead *atomic.Int64) *Exporter {
	e := c.exporter(Options{})
	e.now = func() time.Time { return time.Now().Add(time.Duration(lead.Load())) }
	e.retryForbidden = time.Millisecond
	follow(c.t, e, fluxAlerts)
	return e
}

// failures are the values of the counter, by the name of the Alert.
func (c *testCluster) failures(e *Exporter) func() map[string]string {
	return func() map[string]string {
		values := map[string]string{}
		for _, line := range samples(e.text(false), flux.StateNotificationsFailed) {
			if _, name, of := strings.Cut(line, fmt.Sprintf(`{exported_namespace=%q,name="`, c.namespace)); of {
				name, value, _ := strings.Cut(name, `"} `)
				values[name] = value
			}
		}
		return values
	}
}

func TestFailedNotificationsOfFluxAreCounted(t *testing.T) {
	g, c := NewWithT(t), newCluster(t)
	alert := c.create(fluxAlerts, "slack", slack)
	c.create(fluxAlerts, "quiet", slack)
	controller := c.notificationController()
	controller.fails(alert, "before")
	eventually(t, c.events).Should(Equal(1))

	var lead atomic.Int64
	e := c.counting(&lead)
	eventually(t, c.failures(e)).Should(Equal(map[string]string{"slack": "0", "quiet": "0"}))
	for range 3 {
		controller.fails(alert, "apps")
	}
	controller.Eventf(alert, corev1.EventTypeWarning, "InvalidConfig", "failed to compile inclusion regex: %s", "*")
	controller.Eventf(alert, corev1.EventTypeWarning, "SourceFetchFailed", "error getting source object %s", "Kustomization/apps/gone")
	eventually(t, c.counted(e)).Should(BeEquivalentTo(5))
	g.Expect(c.failures(e)()).To(Equal(map[string]string{"slack": "0", "quiet": "0"}), "the first failure is held")
	lead.Store(int64(firstFailureHeld))
	g.Expect(c.failures(e)()).To(Equal(map[string]string{"slack": "5", "quiet": "0"}))
	controller.fails(alert, "before")
	eventually(t, c.failures(e)).Should(HaveKeyWithValue("slack", "6"), "the exporter has never seen the first of these two")

	g.Expect(scrape(t, e, acceptOpenMetrics)).To(ConsistOf(scrape(t, e, acceptText)))
	g.Expect(e.text(false)).To(ContainSubstring("# TYPE flux_notifications_failed_total counter\n"))
	g.Expect(e.text(true)).To(ContainSubstring("# TYPE flux_notifications_failed counter\n"))
	g.Expect(e.text(true)).To(ContainSubstring(fmt.Sprintf("flux_notifications_failed_total{exported_namespace=%q,name=\"slack\"} 6\n", c.namespace)))
}

func TestFailuresThatTheRecorderDidNotWriteAreCountedWithTheNextOne(t *testing.T) {
	c := newCluster(t)
	alert, last := c.create(fluxAlerts, "slack", slack), c.create(fluxAlerts, "last", slack)
	e := c.counting(&atomic.Int64{})
	eventually(t, c.failures(e)).Should(HaveLen(2))
	controller := c.notificationController()
	for range 40 {
		controller.fails(alert, "apps")
	}
	controller.fails(last, "apps")
	eventually(t, c.events).Should(Equal(2), "the recorder has seen all of them")
	eventually(t, c.counted(e)).Should(BeEquivalentTo(26), "the recorder writes 25 about an Alert at once")
	controller.clock.SetTime(controller.clock.Now().Add(5 * time.Minute))
	controller.fails(alert, "apps")
	eventually(t, c.counted(e)).Should(BeEquivalentTo(42))
}

func TestOnlyFailuresOfExportedAlertsAreCounted(t *testing.T) {
	g, c := NewWithT(t), newCluster(t)
	alert := c.create(fluxAlerts, "slack", slack)
	e := c.counting(&atomic.Int64{})
	eventually(t, c.failures(e)).Should(Equal(map[string]string{"slack": "0"}))
	about := func(apiVersion, name string) *unstructured.Unstructured {
		o := &unstructured.Unstructured{}
		o.SetAPIVersion(apiVersion)
		o.SetKind("Alert")
		o.SetNamespace(c.namespace)
		o.SetName(name)
		return o
	}
	anyone := c.recorder("anyone", record.CorrelatorOptions{})
	for i := range 30 {
		anyone.Event(about("notification.toolkit.fluxcd.io/v1beta3", fmt.Sprint("none-", i)), corev1.EventTypeWarning, "NotificationDispatchFailed", "-")
	}
	anyone.Event(about("example.com/v1", "slack"), corev1.EventTypeWarning, "NotificationDispatchFailed", "of another API")
	anyone.Event(alert, corev1.EventTypeWarning, "MetadataAppendFailed", "the notification was sent")
	anyone.Event(alert, corev1.EventTypeNormal, "NotificationDispatchFailed", "not a failure")
	anyone.Event(alert, corev1.EventTypeWarning, "NotificationDispatchFailed", "the last one")
	eventually(t, c.counted(e)).Should(BeEquivalentTo(1))
	e.failures.mu.Lock()
	defer e.failures.mu.Unlock()
	g.Expect(e.failures.alerts).To(HaveLen(1), "events about others take no memory")
}

func TestWithoutThePermissionForEventsTheRestIsExported(t *testing.T) {
	g, c := NewWithT(t), newCluster(t)
	c.create(fluxAlerts, "slack", slack)
	c.user = "without-events"
	c.grant(c.user, "notification.toolkit.fluxcd.io", "alerts")
	e := c.exporter(Options{})
	e.retryForbidden = time.Millisecond
	var logged atomic.Int32
	ctx := logr.NewContext(t.Context(), funcr.New(func(_, line string) {
		if strings.Contains(line, "flux_notifications_failed_total") {
			logged.Add(1)
		}
	}, funcr.Options{}))
	e.Follow(ctx, Desired{Kinds: []flux.ServedKind{fluxAlerts}})
	eventually(t, c.ready(e)).Should(HaveKey("slack"))
	eventually(t, func() int { return c.requests.of("/api/v1/events") }).Should(BeNumerically(">", 2))
	g.Expect(c.failures(e)()).To(BeEmpty(), "nothing is known of failures")
	g.Expect(e.text(false)).NotTo(ContainSubstring(flux.StateNotificationsFailed))
	g.Expect(e.Health()).To(Equal(Health{Listed: true, Serving: true}), "that is no fault")
	g.Expect(logged.Load()).To(BeEquivalentTo(1), "the log has it once")
	c.grant(c.user, "", "events")
	eventually(t, c.failures(e)).Should(Equal(map[string]string{"slack": "0"}))
}

func TestANewLeaderCountsFromZero(t *testing.T) {
	g, c := NewWithT(t), newCluster(t)
	alert := c.create(fluxAlerts, "slack", slack)
	controller := c.notificationController()
	for range 2 {
		leading, resign := context.WithCancel(t.Context())
		e := c.exporter(Options{})
		e.Follow(leading, Desired{Kinds: []flux.ServedKind{fluxAlerts}})
		eventually(t, c.failures(e)).Should(Equal(map[string]string{"slack": "0"}))
		controller.fails(alert, "apps")
		eventually(t, c.counted(e)).Should(BeEquivalentTo(1), "the events of an earlier leader's time do not count")
		resign()
		eventually(t, func() string { return e.text(false) }).Should(BeEmpty())
		g.Expect(e.failures).To(BeNil())
	}
}

func TestEventsAreWatchedOnlyToExportAlerts(t *testing.T) {
	g, c := NewWithT(t), newCluster(t)
	c.create(fluxAlerts, "slack", slack)
	e := c.exporter(Options{}, kustomizations)
	e.Follow(t.Context(), Desired{Kinds: []flux.ServedKind{fluxAlerts}, WatchOnly: true})
	eventually(t, e.Health).Should(HaveField("Listed", true))
	g.Expect(c.requests.of("/api/v1/events")).To(BeZero())
	follow(t, e, fluxAlerts)
	eventually(t, c.failures(e)).Should(HaveKey("slack"))
	g.Expect(c.requests.of("/api/v1/events", "limit=1")).To(Equal(1))
	g.Expect(c.requests.of("/api/v1/events", "watch=true", "fieldSelector=involvedObject.kind%3DAlert%2Ctype%3DWarning")).To(Equal(1))
	follow(t, e, kustomizations)
	g.Expect(e.text(false)).NotTo(ContainSubstring("flux_notifications_failed"))
}

// counted is how many failures of the namespace's Alerts are counted, those that are held too.
func (c *testCluster) counted(e *Exporter) func() int64 {
	return func() (total int64) {
		e.failures.mu.Lock()
		defer e.failures.mu.Unlock()
		for _, alert := range e.failures.alerts {
			if strings.HasPrefix(alert.key, c.namespace+"/") {
				total += alert.total
			}
		}
		return total
	}
}

// events is how many events the namespace has.
func (c *testCluster) events() int {
	all := &metav1.PartialObjectMetadataList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "EventList"}}
	must(c.t, c.List(c.t.Context(), all))
	n := 0
	for _, e := range all.Items {
		if e.Namespace == c.namespace {
			n++
		}
	}
	return n
}
