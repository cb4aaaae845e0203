package query

import (
	"fmt"
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// The states of an object, as numbers for which a panel has words and colours.
const (
	StateReady     = 0
	StateSuspended = 1
	StateWaiting   = 2
	StateNotReady  = 3
	StateFailing   = 4
	StateStalled   = 5
)

// statesByRecording are the recorded series of a state, the most specific first: a stalled object is not ready either, and the state of a
// suspended object does not matter.
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

// ObjectState is the state of each object, from recorded series. Narrow it: it has every object.
func ObjectState(recorded []string) Query { return statesOf(recorded, nil) }

// TroubledState is the state of each object while it is neither ready nor suspended, from recorded series.
func TroubledState(recorded []string) Query {
	return statesOf(recorded, []string{flux.RecordedSuspended, flux.RecordedReady})
}

// TroubleCount is the number of objects that are in one of the states of TroubledState.
func TroubleCount(recorded []string, state int) Query {
	return New(fmt.Sprintf(`count((%s) == %d)`, TroubledState(recorded), state)).OrZero()
}

// WorstState is TroubledState of the objects of WorstNotReady.
func WorstState(recorded []string) Query {
	return TroubledState(recorded).And(flux.Identity(), WorstNotReady)
}

// WorstReasons has the reason of the condition Ready of the objects of WorstNotReady, as the metrics source exports it.
func WorstReasons(source flux.StateSource) Query {
	reasons := NotReadyReasons
	if source == flux.OperatorReport {
		reasons = ReportNotReadyReasons
	}
	return reasons.And(flux.Identity(), WorstNotReady)
}

func statesOf(recorded, but []string) Query {
	var q Query
	for _, s := range statesByRecording {
		if !slices.Contains(recorded, s.recorded) || slices.Contains(but, s.recorded) {
			continue
		}
		numbered := New(fmt.Sprintf(`%d * max by (cluster, kind, exported_namespace, name) (%s)`, s.state, s.recorded))
		if q.text == "" {
			q = numbered
		} else {
			q = q.joined("or", numbered)
		}
	}
	if q.text == "" { // no source exports any state
		return NotReady
	}
	return q
}

var (
	// LongestNotReady has the ten objects that were not ready for the longest part of the range that ends now.
	LongestNotReady = New(`
		topk(10, sum by (cluster, kind, exported_namespace, name) (count_over_time(flux:resource:not_ready[1h] @ end())))`)
)
