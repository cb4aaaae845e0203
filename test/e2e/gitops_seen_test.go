//go:build e2e

package e2e_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// sightings are the versions in which objects were first seen to say something of a generation, as "Kind generation Type=Status".
// Versions grow from write to write, whatever is written, so they tell which of two came first.
type sightings struct {
	mu       sync.Mutex
	versions map[string]int64
}

func (s *sightings) note(o *unstructured.Unstructured) {
	version, err := strconv.ParseInt(o.GetResourceVersion(), 10, 64)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range conditionsOf(o) {
		what := fmt.Sprintf("%s %d %s=%s", o.GetKind(), c.ObservedGeneration, c.Type, c.Status)
		if s.versions[what] == 0 {
			s.versions[what] = version
		}
	}
}

// first is the version in which something was first said; 0 if it never was.
func (s *sightings) first(what string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.versions[what]
}

// follow notes all that an object says until the test ends.
func (o *gitOps) follow(t *testing.T, of *unstructured.Unstructured) {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(of.GroupVersionKind())
	watcher, err := o.Watch(t.Context(), list, client.InNamespace(gitOpsPlace))
	must(t, err)
	t.Cleanup(watcher.Stop)
	go func() {
		for event := range watcher.ResultChan() {
			if changed, ok := event.Object.(*unstructured.Unstructured); ok && event.Type != watch.Error {
				o.seen.note(changed)
			}
		}
	}()
}

// passes waits until something was said.
func (o *gitOps) passes(t *testing.T, what string) {
	t.Helper()
	NewWithT(t).Eventually(func() int64 { return o.seen.first(what) }, soon, often).ShouldNot(BeZero(), what)
}

// inOrder expects that one thing was said before another.
func (o *gitOps) inOrder(t *testing.T, one, other string) {
	t.Helper()
	g := NewWithT(t)
	g.Expect(o.seen.first(one)).NotTo(BeZero(), one)
	g.Expect(o.seen.first(one)).To(BeNumerically("<", o.seen.first(other)), "%s before %s", one, other)
}
