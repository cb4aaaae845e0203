//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// appsNamespace holds what test/cluster/stack gives Flux to do.
const appsNamespace = "apps"

// The kinds of Flux that are reconciled in the test bed, with their versions.
var reconciled = map[string]string{
	"Kustomization": "kustomize.toolkit.fluxcd.io/v1", "GitRepository": "source.toolkit.fluxcd.io/v1",
	"OCIRepository": "source.toolkit.fluxcd.io/v1", "HelmRepository": "source.toolkit.fluxcd.io/v1",
	"HelmChart": "source.toolkit.fluxcd.io/v1", "HelmRelease": "helm.toolkit.fluxcd.io/v2",
}

// identity identifies an object of the namespace apps.
type identity struct{ kind, name string }

// status is the state of an object as its series has it.
type status struct{ ready, reason, suspended string }

// statusOf is the state of an object as the API server has it.
func statusOf(o *unstructured.Unstructured) status {
	suspended, _, _ := unstructured.NestedBool(o.Object, "spec", "suspend") //nolint:errcheck // It is a truth value in every kind.
	s := status{"Unknown", "", fmt.Sprint(suspended)}
	if c := meta.FindStatusCondition(conditionsOf(o), "Ready"); c != nil {
		s.ready, s.reason = string(c.Status), c.Reason
	}
	return s
}

// stateIn is the object and the state in the labels of a series of gotk_resource_info.
func stateIn(labels map[string]string) (identity, status) {
	return identity{labels["customresource_kind"], labels["name"]}, status{labels["ready"], labels["reason"], labels["suspended"]}
}

// stay is the time from which on an object has had a status, until its next one; or been gone.
type stay struct {
	status
	from time.Time
	gone bool
}

// witness records each change of status of the objects in the namespace apps in the API server.
type witness struct {
	mu    sync.Mutex
	stays map[identity][]stay
}

// witness begins to record. It ends with the test.
func (c *testCluster) witness(t *testing.T) *witness {
	t.Helper()
	w := &witness{stays: map[identity][]stay{}}
	for kind := range reconciled {
		ctx, stop := context.WithCancel(context.Background()) // It is needed by what cleans up after the test.
		watcher, err := c.Watch(ctx, fluxList(kind), client.InNamespace(appsNamespace))
		must(t, err)
		t.Cleanup(stop)
		go w.note(kind, watcher)
	}
	NewWithT(t).Eventually(func() status { return w.now(identity{"Kustomization", "hello"}).status }, soon, often).
		ShouldNot(BeZero(), "the API server should send the objects")
	return w
}

func (w *witness) note(kind string, watcher watch.Interface) {
	for event := range watcher.ResultChan() {
		o, ok := event.Object.(*unstructured.Unstructured)
		if !ok {
			continue
		}
		next := stay{statusOf(o), time.Now(), event.Type == watch.Deleted}
		id := identity{kind, o.GetName()}
		w.mu.Lock()
		before := w.stays[id]
		if len(before) == 0 || before[len(before)-1].status != next.status || next.gone {
			w.stays[id] = append(before, next)
		}
		w.mu.Unlock()
	}
}

// now is what an object is now; nothing while it has never been seen.
func (w *witness) now(id identity) stay {
	w.mu.Lock()
	defer w.mu.Unlock()
	if all := w.stays[id]; len(all) > 0 {
		return all[len(all)-1]
	}
	return stay{gone: true}
}

// all are the stays so far.
func (w *witness) all() map[identity][]stay {
	w.mu.Lock()
	defer w.mu.Unlock()
	copied := map[identity][]stay{}
	for id, stays := range w.stays {
		copied[id] = slices.Clone(stays)
	}
	return copied
}

// changes is how often an object has changed since then.
func (w *witness) changes(id identity, since time.Time) (count int) {
	for _, s := range w.all()[id] {
		if s.from.After(since) {
			count++
		}
	}
	return count
}

// had reports whether the object was so at any time of those around then.
func had(stays []stay, is status, then time.Time, around time.Duration) bool {
	for i, s := range stays {
		ended := i+1 < len(stays) && stays[i+1].from.Before(then.Add(-around))
		if s.status == is && !s.gone && !ended && !s.from.After(then.Add(around)) {
			return true
		}
	}
	return false
}
