package controllers

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/dump"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
)

// lastRuns remember, of each FluxMonitoring, what its last run was based on and came to: that it had nothing to do, or what is wrong with its
// spec. While nothing of that changes, nothing is rendered, and a wrong spec is not parsed again. They keep digests, and no objects.
type lastRuns struct {
	known sync.Map // lastRun by key
}

type lastRun struct {
	// inputs of the run: spec and facts.
	inputs digest
	// invalid is what is wrong with the spec; nil if nothing is.
	invalid *desired.ConfigurationError
	// idle is the digest of a run that had nothing to do; zero if it had.
	idle digest
}

type digest [sha256.Size]byte

// inputsOf is the digest of what a FluxMonitoring is rendered from, whatever there is in the cluster.
func inputsOf(fm *v1alpha1.FluxMonitoring, facts facts.Facts) (sum digest) {
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%s %d\n", fm.UID, fm.Generation) // a hash takes everything
	_, _ = io.WriteString(hash, dump.ForHash(facts))
	hash.Sum(sum[:0])
	return sum
}

// digestOf is the digest of all that a run is based on: its inputs, the status, the live objects, and which schemas are known.
func digestOf(fm *v1alpha1.FluxMonitoring, o *reconcileResult) (sum digest) {
	hash := sha256.New()
	versions := make([]string, 0, len(o.Live))
	for _, live := range o.Live {
		versions = append(versions, fmt.Sprintf("%s %s %s %s", live.GroupVersionKind(), live.Name, live.UID, live.ResourceVersion))
	}
	slices.Sort(versions) // a cache lists in any order
	_, _ = fmt.Fprintf(hash, "%x %s %s %q %d\n", o.inputs, fm.ResourceVersion, o.Refusal, versions, o.schemaRevision)
	hash.Sum(sum[:0])
	return sum
}

// invalid is what is wrong with a spec; nil if that has to be found out.
func (l *lastRuns) invalid(fm *v1alpha1.FluxMonitoring, inputs digest) *desired.ConfigurationError {
	if last := l.of(fm); last.inputs == inputs {
		return last.invalid
	}
	return nil
}

// idle reports whether a run would be as the last one was, which had nothing to do.
func (l *lastRuns) idle(fm *v1alpha1.FluxMonitoring, sum digest) bool { return l.of(fm).idle == sum }

func (l *lastRuns) of(fm *v1alpha1.FluxMonitoring) lastRun {
	known, _ := l.known.Load(client.ObjectKeyFromObject(fm))
	last, _ := known.(lastRun)
	return last
}

// keep remembers a run. One that wrote something, the status included, that failed, or that could not see everything, had something to do.
func (l *lastRuns) keep(fm *v1alpha1.FluxMonitoring, o *reconcileResult, wrote bool) {
	last := lastRun{inputs: o.inputs, invalid: o.Invalid}
	if !wrote && o.Err == nil && !o.Terminating && !o.PolicyPending && !fm.Spec.Suspend && len(o.Changes)+len(o.Failures)+len(o.Facts.Faults) == 0 {
		last.idle = o.digest
	}
	if last.invalid == nil && last.idle == (digest{}) {
		l.forget(client.ObjectKeyFromObject(fm))
		return
	}
	l.known.Store(client.ObjectKeyFromObject(fm), last)
}

// forget a FluxMonitoring that is gone, or that has something to do.
func (l *lastRuns) forget(key types.NamespacedName) { l.known.Delete(key) }
