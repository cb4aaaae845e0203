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
	// freeRestores is how many restores within restoreWindow need no pause.
	freeRestores  = 3
	restoreWindow = time.Minute
	// minPause is the first pause between restores. It doubles up to maxPause.
	minPause = 5 * time.Second
	maxPause = 5 * time.Minute
	// maxManagers is how many managers an error names.
	maxManagers = 3
)

// Contests tracks objects that somebody else keeps changing or deleting, and delays their restores with a backoff per
// object. At rest it is empty. The zero value is ready to use, from several goroutines.
type Contests struct {
	// Now is the clock; nil for time.Now.
	Now func() time.Time

	mu      sync.Mutex
	objects map[objectKey]*objectContest
}

type objectContest struct {
	owner types.UID
	// windowStart is when the current restoreWindow began.
	windowStart time.Time
	count       int
	last        time.Time
	// pause after the last restore; 0 while none is needed.
	pause time.Duration
	// contested: a restore was delayed, or followed a pause.
	contested bool
	// digest of what was last restored.
	digest string
	// live is the object as last seen; nil if it was deleted.
	live     *metav1.PartialObjectMetadata
	managers []string
}

// errContested names the managers that change an object.
type errContested struct{ managers []string }

func (e errContested) Error() string {
	if len(e.managers) == 0 {
		return "it is changed or deleted again and again and restored with backoff: let only one client manage it"
	}
	return fmt.Sprintf("it is changed again and again by %s and restored with backoff: let only one manage it", strings.Join(e.managers, ", "))
}

// allow returns the changes that can be carried out now. A restore during its pause is delayed, unless the desired
// object has changed.
func (c *Contests) allow(owner Owner, changes []Change) []Change {
	if c == nil {
		return changes
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire()
	var allowed []Change
	for _, change := range changes {
		contest := c.objects[keyOfChange(owner, &change)]
		if contest == nil || !canUndo(&change) || c.now().Sub(contest.last) >= contest.pause || digestOf(change.Desired) != contest.digest {
			allowed = append(allowed, change)
			continue
		}
		contest.contested = true
		contest.observe(&change)
	}
	return allowed
}

// restored records a change that was carried out. The first creation is no restore.
func (c *Contests) restored(owner Owner, change *Change) {
	if c == nil || !canUndo(change) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire()
	if c.objects == nil {
		c.objects = map[objectKey]*objectContest{}
	}
	key, now := keyOfChange(owner, change), c.now()
	contest := c.objects[key]
	if contest == nil || contest.owner != owner.UID || contest.pause == 0 && now.Sub(contest.windowStart) >= restoreWindow {
		contest = &objectContest{owner: owner.UID, windowStart: now}
		c.objects[key] = contest
	}
	contest.observe(change)
	contest.add(change, now)
}

// add counts a restore and computes the next pause.
func (c *objectContest) add(change *Change, now time.Time) {
	if change.Action == Restored || !c.last.IsZero() {
		c.count++
	}
	c.last, c.digest = now, digestOf(change.Desired)
	switch {
	case c.pause > 0:
		c.contested, c.pause = true, min(2*c.pause, maxPause)
	case c.count >= freeRestores:
		c.pause = minPause
	}
}

// Wait is how long an object's next restore is delayed.
func (c *Contests) Wait(o *metav1.PartialObjectMetadata) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	contest := c.objects[keyOfObject(o)]
	if contest == nil {
		return 0
	}
	return max(0, contest.pause-c.now().Sub(contest.last))
}

// Contested returns a failure for each desired object that is contested, even if it is in sync now, because the other
// manager will change it again. It also returns when to check again; 0 means no need to.
func (c *Contests) Contested(owner Owner, desired []*unstructured.Unstructured) (failures []*Failure, retryAfter time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire()
	for _, w := range desired {
		change := Change{Action: Restored, Kind: w.GroupVersionKind(), Name: w.GetName(), Desired: w}
		contest := c.objects[keyOfChange(owner, &change)]
		if contest == nil || contest.owner != owner.UID || contest.pause == 0 {
			continue
		}
		elapsed := c.now().Sub(contest.last)
		due := contest.calmAfter() - elapsed
		if elapsed < contest.pause {
			due = contest.pause - elapsed
		}
		if retryAfter == 0 || due < retryAfter {
			retryAfter = due
		}
		if contest.contested {
			change.Live = contest.live
			failures = append(failures, &Failure{Change: change, Cause: Contested, Err: errContested{contest.managers}})
		}
	}
	return failures, retryAfter
}

// observe records the live object and its other manager.
func (c *objectContest) observe(change *Change) {
	if c.live = change.Live; c.live == nil {
		return
	}
	manager := ""
	if other := latestOtherEntry(c.live.ManagedFields); other != nil {
		manager = other.Manager
	}
	if manager == "" || slices.Contains(c.managers, manager) || len(c.managers) == maxManagers {
		return
	}
	c.managers = append(c.managers, manager)
	slices.Sort(c.managers)
}

// calmAfter is how long an object must be left alone to be no longer contested.
func (c *objectContest) calmAfter() time.Duration { return max(restoreWindow, 2*c.pause) }

// expire forgets objects that are no longer contested.
func (c *Contests) expire() {
	now := c.now()
	for key, contest := range c.objects {
		if now.Sub(contest.last) >= contest.calmAfter() {
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

// canUndo reports whether a change can undo somebody else's: a creation can follow their deletion.
func canUndo(change *Change) bool {
	return change.Action == Restored || change.Action == Created
}

func keyOfChange(owner Owner, change *Change) objectKey {
	return objectKey{change.Kind, owner.Namespace, change.Name}
}

func digestOf(desired *unstructured.Unstructured) string {
	return desired.GetAnnotations()[mark.DigestAnnotation]
}

// latestOtherEntry is the latest managedFields entry of another manager of the object itself.
func latestOtherEntry(entries []metav1.ManagedFieldsEntry) *metav1.ManagedFieldsEntry {
	var latest *metav1.ManagedFieldsEntry
	for i := range entries {
		e := &entries[i]
		if !isOther(e) {
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
