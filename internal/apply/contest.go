package apply

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/internal/mark"
)

const (
	// restoredAtOnce is how many times within restoredWithin an object is restored without a pause.
	restoredAtOnce = 3
	restoredWithin = time.Minute
	// firstPause is the pause before the next restore. Each is twice as long as the one before, up to lastPause.
	firstPause = 5 * time.Second
	lastPause  = 5 * time.Minute
	// namedManagers bounds how many managers a contest names.
	namedManagers = 3
)

// Contests remembers the objects that somebody else changes or deletes again and again, so that restoring them takes few writes. An object
// has a pause of its own; it holds no other back. At rest it holds nothing. The zero value is ready; it may be used from several goroutines.
type Contests struct {
	// Now is the clock; nil for the usual one.
	Now func() time.Time

	mu      sync.Mutex
	objects map[recentKey]*contest
}

type contest struct {
	owner types.UID
	// began is when the minute began in which restores are counted.
	began time.Time
	count int
	last  time.Time
	// pause after the last restore; 0 while none is needed.
	pause time.Duration
	// held is that a restore had to wait, or came after a pause: there is a contest.
	held bool
	// digest of what was restored.
	digest string
	// actual is the object as it was last seen; nil where somebody had deleted it.
	actual   *metav1.PartialObjectMetadata
	managers []string
}

// errContested says who does it.
type errContested struct{ managers []string }

func (e errContested) Error() string {
	if len(e.managers) == 0 {
		return "it is changed or deleted again and again, so it is restored ever less often, in the end every 5 minutes: find who does " +
			"that, and let only one manage it"
	}
	return fmt.Sprintf("it is changed again and again by %s (see its managedFields), so it is restored ever less often, in the end every "+
		"5 minutes: let only one manage it", strings.Join(e.managers, ", "))
}

// allow are those of the changes that may be carried out now. A restore that comes too soon after the last ones waits, unless something else
// is wanted than was restored.
func (c *Contests) allow(owner Owner, changes []Change) []Change {
	if c == nil {
		return changes
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire()
	var allowed []Change
	for _, change := range changes {
		of := c.objects[keyOf(owner, &change)]
		if of == nil || !restores(&change) || c.now().Sub(of.last) >= of.pause || digestOf(change.Wanted) != of.digest {
			allowed = append(allowed, change)
			continue
		}
		of.held = true
		of.seen(&change)
	}
	return allowed
}

// restored notes a change that was carried out. The first creation undoes nothing.
func (c *Contests) restored(owner Owner, change *Change) {
	if c == nil || !restores(change) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire()
	if c.objects == nil {
		c.objects = map[recentKey]*contest{}
	}
	key, now := keyOf(owner, change), c.now()
	of := c.objects[key]
	if of == nil || of.owner != owner.UID || of.pause == 0 && now.Sub(of.began) >= restoredWithin {
		of = &contest{owner: owner.UID, began: now}
		c.objects[key] = of
	}
	of.seen(change)
	of.add(change, now)
}

// add counts a restore, and says how long the next has to wait.
func (of *contest) add(change *Change, now time.Time) {
	if change.Action == Restored || !of.last.IsZero() {
		of.count++
	}
	of.last, of.digest = now, digestOf(change.Wanted)
	switch {
	case of.pause > 0:
		of.held, of.pause = true, min(2*of.pause, lastPause)
	case of.count >= restoredAtOnce:
		of.pause = firstPause
	}
}

// Wait is how long an object's next restore has to wait; 0 where it need not.
func (c *Contests) Wait(o *metav1.PartialObjectMetadata) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	of := c.objects[recentKeyOf(o)]
	if of == nil {
		return 0
	}
	return max(0, of.pause-c.now().Sub(of.last))
}

// Contested are the failures of those of the wanted objects that are contested, whether or not they are as wanted just now: the other
// manager will change them again. The duration is how long from now to look again; 0 is not before something happens.
func (c *Contests) Contested(owner Owner, wanted []*unstructured.Unstructured) (failures []*Failure, again time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire()
	for _, w := range wanted {
		change := Change{Action: Restored, Kind: w.GroupVersionKind(), Name: w.GetName(), Wanted: w}
		of := c.objects[keyOf(owner, &change)]
		if of == nil || of.owner != owner.UID || of.pause == 0 {
			continue
		}
		elapsed := c.now().Sub(of.last)
		due := of.calm() - elapsed
		if elapsed < of.pause {
			due = of.pause - elapsed
		}
		if again == 0 || due < again {
			again = due
		}
		if of.held {
			change.Actual = of.actual
			failures = append(failures, &Failure{Change: change, Cause: Contested, Err: errContested{of.managers}})
		}
	}
	return failures, again
}

// seen notes how the object was found, and who is to be named for that.
func (of *contest) seen(change *Change) {
	if of.actual = change.Actual; of.actual == nil {
		return
	}
	manager := ""
	if other := otherEntry(of.actual.ManagedFields); other != nil {
		manager = other.Manager
	}
	if manager == "" || slices.Contains(of.managers, manager) || len(of.managers) == namedManagers {
		return
	}
	of.managers = append(of.managers, manager)
	slices.Sort(of.managers)
}

// calm is how long an object must have been left alone until nobody contests it any more.
func (of *contest) calm() time.Duration { return max(restoredWithin, 2*of.pause) }

// expire forgets what has been left alone for so long.
func (c *Contests) expire() {
	now := c.now()
	for key, of := range c.objects {
		if now.Sub(of.last) >= of.calm() {
			delete(c.objects, key)
		}
	}
}

func (c *Contests) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// restores reports whether a change may undo what somebody else did. That an object is created may be the answer to its deletion.
func restores(change *Change) bool {
	return change.Action == Restored || change.Action == Created
}

func keyOf(owner Owner, change *Change) recentKey {
	return recentKey{change.Kind, owner.Namespace, change.Name}
}

func digestOf(wanted *unstructured.Unstructured) string {
	return wanted.GetAnnotations()[mark.DigestAnnotation]
}

// otherEntry is the latest entry of another manager of the object itself.
func otherEntry(entries []metav1.ManagedFieldsEntry) *metav1.ManagedFieldsEntry {
	var latest *metav1.ManagedFieldsEntry
	for i := range entries {
		e := &entries[i]
		if e.Manager == mark.FieldManager || e.Subresource != "" {
			continue
		}
		if latest == nil || cmp.Compare(unix(e.Time), unix(latest.Time)) >= 0 {
			latest = e
		}
	}
	return latest
}

func unix(t *metav1.Time) int64 {
	if t == nil {
		return 0
	}
	return t.Unix()
}
