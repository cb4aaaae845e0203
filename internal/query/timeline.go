package query

import (
	"fmt"
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// The states an object is in, as numbers that a panel has words and colours for.
const (
	StateReady     = 0
	StateSuspended = 1
	StateWaiting   = 2
	StateNotReady  = 3
	StateFailing   = 4
	StateStalled   = 5
)

// statesByRecording are the recorded series that tell a state, the most telling first: an object that is stalled is not ready
// either, and what it was when it was suspended does not matter.
var statesByRecording = []struct {
	recorded string
	state    int
}{
	{flux.RecordedSuspended, StateSuspended},
	{flux.RecordedStalled, StateStalled},
	{flux.RecordedWaiting, StateWaiting},
	{flux.RecordedFailing, StateFailing},
	{flux.RecordedNotReady, StateNotReady},
	{flux.RecordedReady, StateReady},
}

// ObjectState is the state of each object, from the series that are recorded. Narrow it: it has every object.
func ObjectState(recorded []string) Query { return statesOf(recorded, nil) }

// TroubledState is the state of each object while it is anything but ready or suspended, from the series that are recorded.
func TroubledState(recorded []string) Query {
	return statesOf(recorded, []string{flux.RecordedSuspended, flux.RecordedReady})
}

func statesOf(recorded, but []string) Query {
	var q Query
	for _, s := range statesByRecording {
		if !slices.Contains(recorded, s.recorded) || slices.Contains(but, s.recorded) {
			continue
		}
		told := New(fmt.Sprintf(`%d * max by (cluster, kind, exported_namespace, name) (%s)`, s.state, s.recorded))
		if q.text == "" {
			q = told
		} else {
			q = q.joined("or", told)
		}
	}
	if q.text == "" { // nothing tells any state: who shows this has nothing to show
		return NotReady
	}
	return q
}

var (
	// LongestNotReady has the twenty-five objects that were not ready for the longest part of the time that ends now.
	LongestNotReady = New(`
		topk(25, sum by (cluster, kind, exported_namespace, name) (count_over_time(flux:resource:not_ready[1h] @ end())))`)
)
