//go:build e2e

package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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

// upgradeFrom names another version to begin with.
var upgradeFrom = flag.String("upgrade.from", "", "the commit or tag of the version that is upgraded (default: the last release)")

const (
	// findPrevious prints the commit of the version before this one: the last release, or as long as there is none the first version whose
	// resource has today's fields. That one is found by what it changed, so that no hash is written here.
	findPrevious = `git describe --tags --abbrev=0 --match 'v[0-9]*' HEAD^ 2>/dev/null ||
		git log --reverse --format=%H -S'json:"overrides' -- api/v1alpha1/alerts_types.go | sed -n 1p`
	// unpackPrevious writes its files into a folder.
	unpackPrevious = `git archive "$0" | tar -x -C "$1"`
	// previousImage is of that.
	previousImage = "ghcr.io/fluxmonitoring/operator:previous"
	// mostWrites is how often an upgrade may write an object: once for what the new version wants of it.
	mostWrites = 1
)

func TestUpgradeLeavesNoGapAndWritesEachObjectOnce(t *testing.T) {
	shared.remove(t, shared.monitored(t, "{}"))
	shared.gone(t)
	shared.installPrevious(t)
	w := shared.watchedClosely(t)
	before := shared.rested(t)
	fm := shared.monitored(t, closely)
	seen, unready := shared.writes(t, func(metav1.PartialObjectMetadata) bool { return true }), shared.readiness(t, fm)
	for range before { // The watch begins with an event of every object.
		NewWithT(t).Eventually(seen, soon).Should(Receive())
	}

	start := time.Now()
	shared.survives(t, w, "the operator is upgraded", twoMissing, func(t *testing.T, _ *corev1.Pod) {
		must(t, cluster.Apply(t.Context(), shared, defaultObjects(t)...))
		shared.runs(t, operatorImage)
	})
	after := shared.rested(t)
	shared.exportedOnce(t, start)

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
		g.Expect(uidOf(after[o])).To(Equal(uidOf(version)), "%s should not be recreated", o)
	}
	g.Expect(unready()).To(BeEmpty(), "it should be ready all the time")
}

// uidOf is the first part of what versions has of an object.
func uidOf(version string) string {
	uid, _, _ := strings.Cut(version, " ")
	return uid
}

// readiness records each time that a FluxMonitoring is not ready, until the test ends.
func (c *testCluster) readiness(t *testing.T, fm *v1alpha1.FluxMonitoring) (unready func() []string) {
	t.Helper()
	watcher, err := c.Watch(t.Context(), &v1alpha1.FluxMonitoringList{}, client.InNamespace(fm.Namespace))
	must(t, err)
	t.Cleanup(watcher.Stop)
	messages := make(chan string, 100)
	go func() {
		for event := range watcher.ResultChan() {
			now, is := event.Object.(*v1alpha1.FluxMonitoring)
			if !is {
				continue
			}
			for _, condition := range now.Status.Conditions {
				if condition.Type == "Ready" && condition.Status != metav1.ConditionTrue {
					messages <- condition.Message
				}
			}
		}
	}()
	return func() (all []string) {
		for len(messages) > 0 {
			all = append(all, <-messages)
		}
		return all
	}
}

// previousVersion is the folder with the version before this one, with its operator built where the tests run a node of their own.
// The build has the lowest priority, so that it may begin long before it is needed.
var previousVersion = sync.OnceValues(func() (folder string, err error) {
	version := *upgradeFrom
	if version == "" {
		found, err := inSource("bash", "-euo", "pipefail", "-c", findPrevious)
		if err != nil {
			return "", err
		}
		version = strings.TrimSpace(found)
	}
	folder = filepath.Join(shared.bed.scratch, "previous")
	if err := os.Mkdir(folder, 0o750); err != nil {
		return "", err
	}
	if _, err := inSource("bash", "-euo", "pipefail", "-c", unpackPrevious, version, folder); err != nil {
		return "", fmt.Errorf("the history has no version %q to upgrade from; fetch all of it by `git fetch --unshallow --tags`, "+
			"or name a version by -upgrade.from: %w", version, err)
	}
	if shared.bed.node != "" {
		_, err = inSource("env", "CGO_ENABLED=0", "nice", "-n", "19", "go", "build", "-C", folder, "-trimpath", "-buildvcs=false",
			"-ldflags=-s -w", "-o", filepath.Join(folder, "operator"), ".")
	}
	return folder, err
})

// inSource runs a command in the root of the module, and returns what it prints.
func inSource(command string, args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), command, args...)
	cmd.Dir = source
	var failure strings.Builder
	cmd.Stderr = &failure
	printed, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, failure.String())
	}
	return string(printed), nil
}

// installPrevious puts the version before this one in the place of this one.
func (c *testCluster) installPrevious(t *testing.T) {
	t.Helper()
	folder, err := previousVersion()
	must(t, err)
	if c.bed.node != "" {
		_, err := c.bed.call(t.Context(), "load", previousImage, filepath.Join(folder, "operator"), "/operator")
		must(t, err)
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
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: operator}}
	c.complete(context.Background(), t, d)
	NewWithT(t).Expect(d.Spec.Template.Spec.Containers[0].Image).To(Equal(image))
}
