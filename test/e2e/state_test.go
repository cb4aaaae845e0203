//go:build e2e

package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// flapping is the Kustomization that fails, tries again and fails, for ever.
var flapping = identity{"Kustomization", "flapping"}

func TestEachChangeOfAnObjectIsInPrometheusOneScrapeLater(t *testing.T) {
	t.Parallel()
	w := shared.watchedClosely(t)
	start := time.Now()
	t.Run("through the lives of some objects", func(t *testing.T) {
		for kind, spec := range lives {
			t.Run(kind, func(t *testing.T) {
				t.Parallel()
				shared.lives(t, w, identity{kind, "changing-" + strings.ToLower(kind)}, spec.wrong, spec.right)
			})
		}
		t.Run("and while one tries again and again", func(t *testing.T) {
			t.Parallel()
			NewWithT(t).Eventually(func() int { return w.changes(flapping, start) }, patient, often).Should(BeNumerically(">=", 2),
				"a try should begin and another end")
		})
	})
	shared.exportsState(t, w, time.Now())

	a := shared.compare(t, w, start)
	t.Log(a)
	g := NewWithT(t)
	g.Expect(a.wrong).To(BeEmpty())
	g.Expect(a.changes).To(BeNumerically(">=", 15))
	g.Expect(a.late).To(BeNumerically("<", unbroken))
	g.Expect(a.gap).To(BeNumerically("<", unbroken))
	shared.never(t, start, twice, "an object has two series")
	shared.never(t, start, bothStates, "an object is recorded in two states")
	shared.always(t, start, notReady(flapping), "the object that tries again and again is not ready all the time")
	g.Expect(shared.notReadySince(t, start, flapping)).To(HaveLen(1), "it has not been ready since one moment")
}

// life is a spec with which an object of a kind fails, and the change with which it succeeds.
type life struct{ wrong, right string }

var lives = map[string]life{
	"Kustomization": {
		wrong: `{interval: 10s, retryInterval: 2s, path: ./missing, prune: true, namePrefix: changing-, targetNamespace: apps,
			sourceRef: {kind: OCIRepository, name: hello}}`,
		right: `{path: ./}`,
	},
	"GitRepository": {
		wrong: `{interval: 10s, url: "http://origin.origin.svc.cluster.local:5000/missing.git", ref: {branch: main}}`,
		right: `{url: "http://origin.origin.svc.cluster.local:5000/hello.git"}`,
	},
	"OCIRepository": {
		wrong: `{interval: 10s, url: "oci://origin.origin.svc.cluster.local:5000/hello", insecure: true, ref: {tag: missing}}`,
		right: `{ref: {tag: latest}}`,
	},
}

// lives takes an object from failing to success, has it suspended and resumed, and deletes it.
func (c *testCluster) lives(t *testing.T, w *witness, id identity, wrong, right string) {
	t.Helper()
	o := c.create(t, id, wrong)
	c.becomes(t, w, id, status{ready: "False", suspended: "false"})
	c.change(t, o, right)
	c.becomes(t, w, id, status{ready: "True", suspended: "false"})
	c.change(t, o, `{suspend: true}`)
	c.becomes(t, w, id, status{ready: "True", suspended: "true"})
	c.change(t, o, `{suspend: false}`)
	c.becomes(t, w, id, status{ready: "True", suspended: "false"})
	c.remove(t, o)
	gone := time.Now()
	NewWithT(t).Eventually(func() ([]sample, error) {
		return c.prometheus.query(t.Context(), `{job="`+exporterJob+`", name="`+id.name+`"}`)
	}, interval+2*slack, often).Should(BeEmpty(), "a scrape later there should be no series of what is gone")
	t.Logf("forgotten %s after it was gone", since(gone))
}

// becomes waits until an object has a state in the API server, and then until Prometheus has it too.
func (c *testCluster) becomes(t *testing.T, w *witness, id identity, expected status) {
	t.Helper()
	NewWithT(t).Eventually(func() status {
		s := w.now(id).status
		return status{ready: s.ready, suspended: s.suspended}
	}, patient, 10*time.Millisecond).Should(Equal(expected), "the object should have this state")
	within := interval + 2*slack
	if expected.ready == "False" {
		within = patient // What fails tries again, and a scrape may find it at that. compare checks what each scrape reports, and when.
	}
	NewWithT(t).Eventually(func(g Gomega) {
		samples, err := c.prometheus.query(t.Context(), infoOf(id))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(samples).To(HaveLen(1))
		_, is := stateIn(samples[0].labels)
		g.Expect(status{ready: is.ready, suspended: is.suspended}).To(Equal(expected))
	}, within, often).Should(Succeed(), "Prometheus should have it a scrape later")
}

// infoOf selects the series of one object.
func infoOf(id identity) string {
	return fmt.Sprintf(`gotk_resource_info{job=%q, customresource_kind=%q, exported_namespace=%q, name=%q}`,
		exporterJob, id.kind, appsNamespace, id.name)
}

// notReadySince are the moments since which, as was scraped since then, an object has not been ready.
func (c *testCluster) notReadySince(t *testing.T, since time.Time, id identity) map[string]string {
	t.Helper()
	all, err := c.prometheus.stored(t.Context(), sinceSeries, since)
	must(t, err)
	moments := map[string]string{}
	for _, s := range all {
		for _, p := range s.points {
			if s.labels["customresource_kind"] == id.kind && s.labels["name"] == id.name {
				moments[p.value] = p.at.Format(time.StampMilli)
			}
		}
	}
	return moments
}

// create creates a Flux object with the given YAML for its spec, until the test ends.
func (c *testCluster) create(t *testing.T, id identity, spec string) *unstructured.Unstructured {
	t.Helper()
	o := fluxObject(appsNamespace, id, spec)
	t.Cleanup(func() { c.remove(t, o) })
	must(t, cluster.Apply(t.Context(), c, o.DeepCopy()))
	return o
}

// change changes fields of an object's spec, given as YAML.
func (c *testCluster) change(t *testing.T, o *unstructured.Unstructured, spec string) {
	t.Helper()
	patch, err := yaml.YAMLToJSON([]byte("{spec: " + spec + "}"))
	must(t, err)
	must(t, c.Patch(t.Context(), o, client.RawPatch("application/merge-patch+json", patch)))
}
