package controllers_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/rig"
	"github.com/fluxmonitoring/operator/test/rig/operator"
)

// quiet is how long a test watches a cluster in which nothing is to happen.
const quiet = 3 * time.Second

func TestAtRestNothingIsReadAndARestartWritesNothing(t *testing.T) {
	c := vacantCluster(t)
	log := audit{file: c.auditLog}
	log.skip(t)
	stop := c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	p.withKustomizations("apps")
	for _, name := range []string{"a", "b", "c"} {
		place := c.in(t).withFlux()
		place.settled(place.create(named(name)), ready)
	}
	fm := p.settled(p.create(), ready, "Scraped=Unknown/Selected", "ResourceMetrics=True/Served")
	log.settle(t)

	p.Consistently(func() []string { return log.requests(t) }).Should(BeEmpty(), "at rest")

	stop()
	before := fm.ResourceVersion
	log.skip(t)
	c.operator(t)
	p.Eventually(func() []string { return log.lines(t) }).Should(
		ContainElement(HavePrefix("watch podmonitors")), "it has started")
	p.Consistently(func() []string { return writes(log.requests(t)) }).Should(BeEmpty(), "a restart")
	p.settled(fm, ready)
	p.Expect(fm.ResourceVersion).To(Equal(before))
}

// Rendering all objects of a FluxMonitoring allocates 7 MiB each time.
func TestAnIdleRunRendersNothing(t *testing.T) {
	p, _, log := atRest(t)
	allocated := func() float64 { return p.metrics.total("go_memstats_alloc_bytes_total", "") }
	// The FluxMonitoring does not select it, and is reconciled when it is created and when it is deleted.
	another := &monitoringv1.Prometheus{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "another"}}
	createAndDelete := func(times int) {
		for range times {
			p.must(p.Create(t.Context(), another.DeepCopy()))
			<-time.After(10 * often)
			p.must(p.Delete(t.Context(), another.DeepCopy()))
			<-time.After(10 * often)
		}
	}
	createAndDelete(1)
	const times = 10
	before := allocated()
	createAndDelete(times)
	p.Expect(log.requests(t)).To(BeEmpty())
	p.Expect(allocated() - before).To(BeNumerically("<", 2*times<<20))
}

// audit reads kube-apiserver's audit log.
type audit struct {
	file string
	from int64 // bytes to leave out
}

// skip leaves out all that was before.
func (a *audit) skip(t *testing.T) {
	t.Helper()
	a.from += int64(len(a.whole(t)))
}

// counted is a place of a cluster of its own, in which the operator runs as a process of its own, whose metrics are about it alone.
type counted struct {
	*place
	metrics target
}

func inCountedCluster(t *testing.T) counted {
	t.Helper()
	p := inVacantCluster(t).withFlux().withPrometheus()
	metrics := target{t, free(t)}
	operator.RunProcess(t, p.plane, metrics.address)
	return counted{place: p, metrics: metrics}
}

// reconciliations are how many runs over FluxMonitorings the operator has made.
func (p counted) reconciliations() float64 {
	p.t.Helper()
	return p.metrics.total("controller_runtime_reconcile_total", `controller="fluxmonitoring"`)
}

// atRest is such a place where the FluxMonitoring has settled and nothing is written any more, with the log from then on.
func atRest(t *testing.T) (counted, *v1alpha1.FluxMonitoring, *audit) {
	t.Helper()
	p := inCountedCluster(t)
	log := &audit{file: p.auditLog}
	fm := p.settled(p.create(), ready, "Scraped=Unknown/Selected")
	log.settle(t)
	return p, fm, log
}

// settle waits until the operator has requested nothing for so long that it reads no new CRD again, and leaves out all that was before.
func (a *audit) settle(t *testing.T) {
	t.Helper()
	since := time.Now()
	rig.Eventually(t, func() bool {
		if len(a.lines(t)) > 0 {
			a.skip(t)
			since = time.Now()
		}
		return time.Since(since) > 6*time.Second
	}).Should(BeTrue())
}

// requests are the operator's requests since, as "verb resource", without watches, which are not requested again at rest.
func (a *audit) requests(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(a.lines(t), func(line string) bool { return strings.HasPrefix(line, "watch ") })
}

// lines are all the requests logged since of the operator, whose user agent differs from the test's. A watch is one when it
// begins: its end may be logged after the operator's own.
func (a *audit) lines(t *testing.T) []string {
	t.Helper()
	var lines []string
	for line := range bytes.Lines(a.whole(t)) {
		var e struct {
			Stage, Verb, UserAgent string
			ObjectRef              struct{ Resource, Subresource, Name string }
		}
		rig.Must(t, json.Unmarshal(line, &e))
		if strings.HasSuffix(e.UserAgent, "/operator-under-test") && (e.Verb != "watch" || e.Stage == "ResponseStarted") {
			lines = append(lines, strings.Join([]string{e.Verb, e.ObjectRef.Resource, e.ObjectRef.Subresource, e.ObjectRef.Name}, " "))
		}
	}
	return lines
}

// whole is what was logged since, but for a line that is still being written.
func (a *audit) whole(t *testing.T) []byte {
	t.Helper()
	file, err := os.Open(a.file)
	rig.Must(t, err)
	defer file.Close() //nolint:errcheck // it was only read.
	content, err := io.ReadAll(io.NewSectionReader(file, a.from, math.MaxInt64-a.from))
	rig.Must(t, err)
	return content[:bytes.LastIndexByte(content, '\n')+1]
}

func writes(requests []string) []string {
	return slices.DeleteFunc(slices.Clone(requests), func(r string) bool {
		return strings.HasPrefix(r, "get ") || strings.HasPrefix(r, "list ")
	})
}

func TestNothingIsAppliedInATerminatingNamespace(t *testing.T) {
	p, fm, log := atRest(t)

	p.must(p.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: p.namespace}}))
	p.settled(fm, "Ready=False/NamespaceTerminating", "Scraped=Unknown/NamespaceTerminating")
	p.Expect(message(fm, "Ready")).To(Equal("namespace " + p.namespace + " is being deleted, so nothing can be created in it: create the FluxMonitoring in another namespace"))
	for _, name := range []string{"flux", "flux-exporter"} {
		p.must(p.Delete(t.Context(), p.get("PodMonitor", name)))
	}
	p.Consistently(func() []string { return log.requests(t) }).Should(Equal([]string{"patch fluxmonitorings status flux"}))
}
