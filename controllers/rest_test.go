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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cost"
)

// quiet is how long a cluster is listened to where nothing is expected to happen.
const quiet = 3 * time.Second

func TestNothingHappensAtRestAndARestartWritesNothing(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	log := audit{file: c.auditLog}
	log.skip(t)
	stop := c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	p.must(cluster.Apply(t.Context(), p.Client, definition(t)))
	g.Eventually(func() error { return p.Create(t.Context(), kustomization(p.flux, "apps")) }, soon, often).Should(Succeed())
	for _, name := range []string{"a", "b", "c"} {
		place := c.in(t).withFlux()
		place.settled(place.create(named(name)), ready)
	}
	fm := p.settled(p.create(), ready, "Scraped=True/Selected", "ResourceMetrics=True/Served")
	log.settle(t)

	g.Consistently(func() []string { return log.requests(t) }, quiet, often).Should(BeEmpty(), "at rest")

	stop()
	before := fm.ResourceVersion
	log.skip(t)
	c.operator(t)
	g.Eventually(func() []string { return log.lines(t) }, soon, often).Should(
		ContainElement(HavePrefix("watch podmonitors")), "it has started")
	g.Consistently(func() []string { return writes(log.requests(t)) }, quiet, often).Should(BeEmpty(), "a restart")
	p.settled(fm, ready)
	g.Expect(fm.ResourceVersion).To(Equal(before))
}

// Rendering all objects of a FluxMonitoring allocates 7 MiB each time.
func TestARunThatHasNothingToDoRendersNothing(t *testing.T) {
	p, _, log := atRest(t)
	// The FluxMonitoring does not select it, and is looked at because it comes and because it goes.
	another := &monitoringv1.Prometheus{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "another"}}
	come := func(times int) {
		for range times {
			p.must(p.Create(t.Context(), another.DeepCopy()))
			<-time.After(10 * often)
			p.must(p.Delete(t.Context(), another.DeepCopy()))
			<-time.After(10 * often)
		}
	}
	come(1)
	const times = 10
	allocated := cost.Allocated(func() { come(times) })
	NewWithT(t).Expect(log.requests(t)).To(BeEmpty())
	NewWithT(t).Expect(allocated).To(BeNumerically("<", 2*times<<20))
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

// atRest is a place of a cluster of its own where the FluxMonitoring has settled and nothing is written any more, with the log from then on.
func atRest(t *testing.T) (*place, *v1alpha1.FluxMonitoring, *audit) {
	t.Helper()
	c := aloneCluster(t)
	log := &audit{file: c.auditLog}
	c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready, "Scraped=True/Selected")
	log.settle(t)
	return p, fm, log
}

// settle waits until the operator has asked nothing for so long that it will not look again at what a new CRD brings, and leaves
// out all that was before.
func (a *audit) settle(t *testing.T) {
	t.Helper()
	since := time.Now()
	NewWithT(t).Eventually(func() bool {
		if len(a.lines(t)) > 0 {
			a.skip(t)
			since = time.Now()
		}
		return time.Since(since) > 6*time.Second
	}, soon, often).Should(BeTrue())
}

// requests are the operator's requests since, as "verb resource"; watches, which are not asked again at rest, aside.
func (a *audit) requests(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(a.lines(t), func(line string) bool { return strings.HasPrefix(line, "watch ") })
}

// lines are all the requests logged since of the operator, which is told from the test by its user agent. A watch is one when it
// begins: its end may be logged after the operator's own.
func (a *audit) lines(t *testing.T) []string {
	t.Helper()
	var lines []string
	for line := range bytes.Lines(a.whole(t)) {
		var e struct {
			Stage, Verb, UserAgent string
			ObjectRef              struct{ Resource, Subresource, Name string }
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
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
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read.
	content, err := io.ReadAll(io.NewSectionReader(file, a.from, math.MaxInt64-a.from))
	if err != nil {
		t.Fatal(err)
	}
	return content[:bytes.LastIndexByte(content, '\n')+1]
}

func writes(requests []string) []string {
	return slices.DeleteFunc(slices.Clone(requests), func(r string) bool {
		return strings.HasPrefix(r, "get ") || strings.HasPrefix(r, "list ")
	})
}
