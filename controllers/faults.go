package controllers

import (
	"reflect"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
)

// faults remember what is wrong with the specs that cannot be carried out, so that nobody parses and expands such a spec again until it
// changes, or what is known of the cluster. They hold one error for each FluxMonitoring at most, and no objects.
type faults struct {
	known sync.Map // fault by key
}

// fault is what was wrong with a spec, with facts as they were.
type fault struct {
	uid        types.UID
	generation int64
	facts      facts.Facts
	what       *desired.ConfigurationError
}

// recall is what is wrong with the spec, or nil where nothing is known to be.
func (f *faults) recall(fm *v1alpha1.FluxMonitoring, facts facts.Facts) *desired.ConfigurationError {
	kept, _ := f.known.Load(client.ObjectKeyFromObject(fm))
	is, ok := kept.(fault)
	if !ok || is.uid != fm.UID || is.generation != fm.Generation || !reflect.DeepEqual(is.facts, facts) {
		return nil
	}
	return is.what
}

// keep takes note of what is wrong with the spec; nil is that nothing is.
func (f *faults) keep(fm *v1alpha1.FluxMonitoring, facts facts.Facts, what *desired.ConfigurationError) {
	if what == nil {
		f.forget(client.ObjectKeyFromObject(fm))
		return
	}
	f.known.Store(client.ObjectKeyFromObject(fm), fault{fm.UID, fm.Generation, facts, what})
}

// forget what was wrong with a FluxMonitoring that is gone.
func (f *faults) forget(key types.NamespacedName) { f.known.Delete(key) }
