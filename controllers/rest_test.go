package controllers_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// quiet is how long a cluster is listened to where nothing is expected to happen.
const quiet = 3 * time.Second

func TestNothingHappensAtRestAndARestartWritesNothing(t *testing.T) {
	g := NewWithT(t)
	log := audit{file: filepath.Join(t.TempDir(), "audit.log")}
	c := newCluster(t, withMonitoringCRDs, cluster.WithAuditLog(log.file))
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
	log.settle(t)
	c.operator(t)
	g.Eventually(func() []string { return log.lines(t)[log.from:] }, soon, often).Should(
		ContainElement(HavePrefix("watch podmonitors")), "it has started")
	g.Consistently(func() []string { return writes(log.requests(t)) }, quiet, often).Should(BeEmpty(), "a restart")
	p.settled(fm, ready)
	g.Expect(fm.ResourceVersion).To(Equal(before))
}

// audit reads kube-apiserver's audit log.
type audit struct {
	file string
	from int // lines to leave out
}

// settle waits until the operator has asked nothing for so long that it will not look again at what a new CRD brings, and leaves
// out all that was before.
func (a *audit) settle(t *testing.T) {
	t.Helper()
	last, since := -1, time.Now()
	NewWithT(t).Eventually(func() bool {
		if n := len(a.lines(t)); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) > 6*time.Second
	}, soon, often).Should(BeTrue())
	a.from = last
}

// requests are the operator's requests since, as "verb resource"; watches, which are not asked again at rest, aside.
func (a *audit) requests(t *testing.T) []string {
	t.Helper()
	var asked []string
	for _, line := range a.lines(t)[a.from:] {
		if !strings.HasPrefix(line, "watch ") {
			asked = append(asked, line)
		}
	}
	return asked
}

// lines are all the requests logged of the operator, which is told from the test by its user agent.
func (a *audit) lines(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(a.file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for scan := bufio.NewScanner(bytes.NewReader(content)); scan.Scan(); {
		var e struct {
			Verb, UserAgent string
			ObjectRef       struct{ Resource, Subresource, Name string }
		}
		if json.Unmarshal(scan.Bytes(), &e) == nil && strings.HasSuffix(e.UserAgent, "/operator-under-test") {
			lines = append(lines, strings.Join([]string{e.Verb, e.ObjectRef.Resource, e.ObjectRef.Subresource, e.ObjectRef.Name}, " "))
		}
	}
	return lines
}

func writes(requests []string) []string {
	return slices.DeleteFunc(slices.Clone(requests), func(r string) bool {
		return strings.HasPrefix(r, "get ") || strings.HasPrefix(r, "list ")
	})
}
