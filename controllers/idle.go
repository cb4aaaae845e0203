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
)

// idle remembers what the runs went by that had nothing to do. While that stays the same, a run would have nothing to do again, so that it
// renders nothing. It holds one digest for each FluxMonitoring.
type idle struct {
	known sync.Map // digest by key
}

type digest [sha256.Size]byte

// digestOf is of all that a run goes by: the FluxMonitoring with its status, the facts, its live objects, and which schemas are known.
func digestOf(fm *v1alpha1.FluxMonitoring, o *outcome) (sum digest) {
	hash := sha256.New()
	write := func(format string, args ...any) { _, _ = fmt.Fprintf(hash, format+"\n", args...) } // a hash takes everything
	write("%s %s %s", fm.UID, fm.ResourceVersion, o.Refusal)
	_, _ = io.WriteString(hash, dump.ForHash(o.Facts))
	versions := make([]string, 0, len(o.Live))
	for _, live := range o.Live {
		versions = append(versions, fmt.Sprintf("%s %s %s %s", live.GroupVersionKind(), live.Name, live.UID, live.ResourceVersion))
	}
	slices.Sort(versions) // a cache lists in any order
	write("%q", versions)
	write("%d", o.revision)
	hash.Sum(sum[:0])
	return sum
}

// is reports whether the last run over a FluxMonitoring went by what this digest is of, and had nothing to do.
func (i *idle) is(fm *v1alpha1.FluxMonitoring, sum digest) bool {
	known, _ := i.known.Load(client.ObjectKeyFromObject(fm))
	return known == sum
}

// keep takes note of a run after which nothing was written, the status included. A run that failed, or that could not see everything, is
// not remembered.
func (i *idle) keep(fm *v1alpha1.FluxMonitoring, o *outcome, wrote bool) {
	key := client.ObjectKeyFromObject(fm)
	if wrote || o.Err != nil || o.Terminating || o.PolicyPending || fm.Spec.Suspend ||
		len(o.Changes)+len(o.Failures)+len(o.Facts.Faults) > 0 {
		i.known.Delete(key)
		return
	}
	i.known.Store(key, o.digest)
}

// forget a FluxMonitoring that is gone.
func (i *idle) forget(key types.NamespacedName) { i.known.Delete(key) }
