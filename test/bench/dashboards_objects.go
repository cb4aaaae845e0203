package main

import "slices"

// objectState is what an object is at a scrape.
type objectState int

const (
	isReady objectState = iota
	isFailing
	isRetrying // not ready yet, since it failed
	isWaiting
	isSuspended
)

// fate is what becomes of an object within a history.
type fate int

const (
	staysReady fate = iota
	fails
	waits
	getsSuspended
	flaps
)

const (
	// perHour is how many scrapes an hour has.
	perHour = 120
	// flapEvery and flapFor are the scrapes from one failure of a flapping object to the next, and those of a failure.
	flapEvery, flapFor = 60, 7
)

// object is one of Flux's, over a history.
type object struct {
	number, samples       int
	kind, namespace, name string
	fate                  fate
	// from is the scrape from which on it is as its fate has it.
	from int
	// source it is made from, which is of the same namespace.
	source *object
	// changes is the scrape of each hour at which there is a new revision. Negative: there never is.
	changes int
}

// newObject is the i-th: 1 in 100 is not ready, 2 in 100 are suspended, 1 in 100 flaps, and of 1 in 5 rounds the source has a new
// revision each hour.
func newObject(i, samples int) *object {
	o := &object{
		number: i, samples: samples, kind: shapeOf(i).kind, namespace: namespaceOf(i), name: objectName(i),
		from: int(mixed(i, 1) % uint64(samples)), changes: -1,
	}
	switch lot := mixed(i) % 1000; {
	case lot < 8:
		o.fate = fails
	case lot < 10:
		o.fate = waits
	case lot < 30:
		o.fate = getsSuspended
	case lot < 40:
		o.fate = flaps
	}
	first := i - i%round
	switch o.kind {
	case "Kustomization":
		o.source = newObject(first+17, samples)
		o.changes = o.source.changes
	case "HelmRelease":
		o.source = newObject(first+19, samples)
	case "GitRepository":
		if mixed(first, 2)%5 == 0 {
			o.changes = int(mixed(first, 3) % perHour)
		}
	}
	return o
}

// namespaceOf is the namespace of the i-th object. Some are Flux's own.
func namespaceOf(i int) string {
	if namespace := objectNamespace(i); namespace != numbered("team", 0) {
		return namespace
	}
	return fluxNamespace
}

// state of the object at the i-th scrape.
func (o *object) state(i int) objectState {
	if o.fate == flaps {
		if at := (i + o.from) % flapEvery; at < flapFor {
			return failingOrRetrying(at)
		}
		return isReady
	}
	if o.fate == staysReady || i < o.from {
		return isReady
	}
	switch o.fate {
	case waits:
		return isWaiting
	case getsSuspended:
		return isSuspended
	default:
		return failingOrRetrying(i - o.from)
	}
}

// failingOrRetrying is how a failure looks after some scrapes: for one in four its outcome is not known.
func failingOrRetrying(after int) objectState {
	if after%4 == 3 {
		return isRetrying
	}
	return isFailing
}

// revision is how many new revisions the object has had at the i-th scrape. What is made from a source has each a scrape later.
func (o *object) revision(i int) int {
	if o.changes < 0 {
		return 0
	}
	if o.source != nil {
		i--
	}
	return (i + perHour - o.changes) / perHour
}

// behind is that the object has another revision than its source, and both are ready.
func (o *object) behind(i int) bool {
	return o.kind == "Kustomization" && o.state(i) == isReady && o.source.state(i) == isReady && o.revision(i) != o.source.revision(i)
}

// series are all of the object. What it counts for goes into the totals.
func (o *object) series(t *totals) []timeSeries {
	t.add(o)
	return slices.Concat(o.stateSeries(), o.guide(), o.recordings(), o.durations(), o.alerts())
}

// over gives a value of every scrape at which there is one.
func (o *object) over(value func(i int) (float64, bool)) []float64 {
	values := absent(o.samples)
	for i := range values {
		if v, is := value(i); is {
			values[i] = v
		}
	}
	return values
}

// while is 1 at the scrapes at which the object is in one of the states.
func (o *object) while(states ...objectState) []float64 {
	return o.over(func(i int) (float64, bool) { return 1, slices.Contains(states, o.state(i)) })
}
