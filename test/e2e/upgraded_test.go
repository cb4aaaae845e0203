//go:build e2e

package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
)

const (
	// previous is the commit of the version before this one. As long as there is no release it is the last one whose operator has
	// a single replica and no commands; then it is the last release's.
	previous = "8689453263489595ded80419148a59ecd493d77b"
	// previousImage is of that.
	previousImage = "ghcr.io/fluxmonitoring/operator:previous"
	// mostWrites is how often an upgrade may write an object: once for what the new version wants of it.
	mostWrites = 1
)

func TestAnUpgradeFromThePreviousVersionLeavesNoGapAndWritesEachObjectAtMostOnce(t *testing.T) {
	shared.remove(t, shared.monitored(t, "{}"))
	shared.gone(t)
	shared.installPrevious(t)
	w := shared.watchedClosely(t)
	before := shared.rested(t)
	fm := shared.monitored(t, closely)
	seen, unready := shared.writes(t, func(metav1.PartialObjectMetadata) bool { return true }), shared.readiness(t, fm)
	for range before { // The watch begins by telling what is there.
		NewWithT(t).Eventually(seen, soon).Should(Receive())
	}

	start := time.Now()
	shared.survives(t, w, "the operator is upgraded", twoMissing, func(t *testing.T, _ *corev1.Pod) {
		must(t, cluster.Apply(t.Context(), shared, defaultObjects(t)...))
		shared.runs(t, operatorImage)
	})
	after := shared.rested(t)
	shared.toldOnce(t, start)

	g := NewWithT(t)
	written := map[string]int{}
	for len(seen) > 0 {
		written[<-seen]++
	}
	t.Logf("written: %v", written)
	for o, times := range written {
		g.Expect(times).To(BeNumerically("<=", mostWrites), o)
	}
	for o, version := range before {
		g.Expect(after).To(HaveKey(o))
		g.Expect(uidOf(after[o])).To(Equal(uidOf(version)), "%s should not be made anew", o)
	}
	g.Expect(unready()).To(BeEmpty(), "it should say that it is ready all along")
}

// uidOf is the first part of what versions has of an object.
func uidOf(version string) string {
	uid, _, _ := strings.Cut(version, " ")
	return uid
}

// readiness notes each time that a FluxMonitoring says it is not ready, until the test ends.
func (c *testCluster) readiness(t *testing.T, fm *v1alpha1.FluxMonitoring) (unready func() []string) {
	t.Helper()
	watcher, err := c.Watch(t.Context(), &v1alpha1.FluxMonitoringList{}, client.InNamespace(fm.Namespace))
	must(t, err)
	t.Cleanup(watcher.Stop)
	said := make(chan string, 100)
	go func() {
		for event := range watcher.ResultChan() {
			now, is := event.Object.(*v1alpha1.FluxMonitoring)
			if !is {
				continue
			}
			for _, condition := range now.Status.Conditions {
				if condition.Type == "Ready" && condition.Status != metav1.ConditionTrue {
					said <- condition.Message
				}
			}
		}
	}()
	return func() (all []string) {
		for len(said) > 0 {
			all = append(all, <-said)
		}
		return all
	}
}

// installPrevious puts the version before this one in the place of this one.
func (c *testCluster) installPrevious(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	unpack := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c",
		`git archive "$0" main.go go.mod go.sum api controllers internal config | tar -x -C "$1"`, previous, folder)
	unpack.Dir = source
	if said, err := unpack.CombinedOutput(); err != nil {
		t.Fatalf("the history lacks the version before this one; fetch it by `git fetch --unshallow`: %v\n%s", err, said)
	}
	if os.Getenv("KUBECONFIG") == "" {
		c.loadPrevious(t, folder)
	}
	objects, err := cluster.Kustomize(filepath.Join(folder, "config", "default"))
	must(t, err)
	for _, o := range objects {
		if o.GetKind() == "Deployment" {
			imaged(t, o, previousImage)
		}
	}
	c.uninstall(t)
	must(t, cluster.Apply(t.Context(), c, objects...))
	c.runs(t, previousImage)
}

// loadPrevious builds that version and loads its image onto the node.
func (c *testCluster) loadPrevious(t *testing.T, folder string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "operator")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, ".")
	build.Dir, build.Env = folder, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the version before this one: %v\n%s", err, said)
	}
	load := exec.CommandContext(t.Context(), "go", "run", "./test/cluster/node", "load", previousImage, binary, "/operator")
	load.Dir = source
	if said, err := load.CombinedOutput(); err != nil {
		t.Fatalf("loading the image of the version before this one: %v\n%s", err, said)
	}
}

// imaged sets the image of a Deployment's only container.
func imaged(t *testing.T, o *unstructured.Unstructured, image string) {
	t.Helper()
	containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
	must(t, err)
	containers[0].(map[string]any)["image"] = image //nolint:forcetypeassert // A container is an object.
	must(t, unstructured.SetNestedSlice(o.Object, containers, "spec", "template", "spec", "containers"))
}

// defaultObjects are what config/default installs.
func defaultObjects(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	objects, err := defaultManifests()
	must(t, err)
	return objects
}

// runs waits until all pods of the operator run that image, and none another.
func (c *testCluster) runs(t *testing.T, image string) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		d := &appsv1.Deployment{}
		g.Expect(c.Get(context.Background(), client.ObjectKey{Namespace: system, Name: operator}, d)).To(Succeed())
		g.Expect(d.Spec.Template.Spec.Containers[0].Image).To(Equal(image))
		g.Expect(running(d)).To(BeTrue(), "%+v", d.Status)
		pods := &corev1.PodList{}
		g.Expect(c.List(context.Background(), pods, client.InNamespace(system))).To(Succeed())
		g.Expect(pods.Items).To(HaveLen(int(*d.Spec.Replicas)), "some pods are not gone yet")
	}, patient, often).Should(Succeed(), "the operator should run as %s", image)
}
