package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// object is a Flux object of a case, or several of one numbered name.
type object struct {
	// Object is its kind, namespace and name: Kustomization apps/shop.
	Object string `json:"object"`
	// State is what becomes of it: states and how long each lasts, the last to the end.
	State string `json:"state"`
	// Source it is made from, written as Object is.
	Source string `json:"source,omitempty"`
	// Revision it is at.
	Revision string `json:"revision,omitempty"`
	// Cluster of its series; none if empty.
	Cluster string `json:"cluster,omitempty"`
	// Job of its series, if not that of the source.
	Job string `json:"job,omitempty"`
	// Pod that exports it.
	Pod string `json:"pod,omitempty"`
	// Timeout of it, which only the exporter exports.
	Timeout string `json:"timeout,omitempty"`
}

// The states of an object in a case.
const (
	stateAbsent    = "absent"
	stateSuspended = "suspended"
	stateStalled   = "stalled"
)

// conditions are the status and the reason of the Ready condition in each state. A suspended object keeps the one it had.
var conditions = map[string][2]string{
	"ready":        {"True", "ReconciliationSucceeded"},
	"failing":      {"False", "BuildFailed"},
	"progressing":  {"Unknown", "Progressing"},
	"waiting":      {"False", "DependencyNotReady"},
	stateStalled:   {"False", "InvalidURL"},
	stateSuspended: {"False", "BuildFailed"},
}

var numbered = regexp.MustCompile(`\{(\d+)\.\.(\d+)\}`)

// each returns the objects by name.
func (o object) each() []object {
	ends := numbered.FindStringSubmatch(o.Object)
	if ends == nil {
		return []object{o}
	}
	first, last := number(ends[1]), number(ends[2])
	var all []object
	for i := first; i <= last; i++ {
		one := o
		one.Object = strings.Replace(o.Object, ends[0], strconv.Itoa(i), 1)
		all = append(all, one)
	}
	return all
}

// series are those of the object from a source. Where the source makes no difference between two states, one series goes through both.
func (o object) series(source flux.StateSource, c clock) []series {
	states := c.states(o.State)
	var all []series
	for _, one := range o.each() {
		within := map[string][]string{}
		for _, state := range slices.Compact(slices.Sorted(slices.Values(states))) {
			if state == stateAbsent {
				continue
			}
			for _, name := range one.names(source, state) {
				within[name] = append(within[name], state)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(within)) {
			all = append(all, series{Series: name, Values: valuesIn(states, within[name])})
		}
		all = append(all, one.deadlines(source, c)...)
	}
	return all
}

// parts takes a reference such as Kustomization apps/shop to pieces.
func parts(reference string) (kind, namespace, name string) {
	kind, rest, _ := strings.Cut(reference, " ")
	namespace, name, found := strings.Cut(rest, "/")
	if !found {
		panic(fmt.Sprintf("%q names no object", reference))
	}
	return kind, namespace, name
}

// clock is how time passes in a case.
type clock struct {
	step, end time.Duration
	silent    []span
	// epoch is when it begins, in Unix time, and late by how much deadlines are later than they are.
	epoch, late time.Duration
}

// span is from one time up to but not including another.
type span struct{ from, to time.Duration }

// spanOf reads one such as 6m to 9m.
func spanOf(text string) span {
	from, to, _ := strings.Cut(text, " to ")
	return span{from: duration(from), to: duration(to)}
}

var repeated = regexp.MustCompile(`\(([^()]*)\) x (\d+)`)

// states are those at each step, as they are exported: absent while the source is silent.
func (c clock) states(text string) []string {
	states := c.course(text)
	for i := range states {
		if c.silentAt(i) {
			states[i] = stateAbsent
		}
	}
	return states
}

func (c clock) silentAt(step int) bool {
	at := time.Duration(step) * c.step
	return slices.ContainsFunc(c.silent, func(s span) bool { return s.from <= at && at < s.to })
}

// course are the states at each step of what is written as "ready 5m, (failing 1m, progressing 1m) x 3, failing".
func (c clock) course(text string) []string {
	text = repeated.ReplaceAllStringFunc(text, func(group string) string {
		match := repeated.FindStringSubmatch(group)
		return strings.TrimSuffix(strings.Repeat(match[1]+", ", number(match[2])), ", ")
	})
	count := int(c.end/c.step) + 1
	states := make([]string, 0, count)
	for phase := range strings.SplitSeq(text, ", ") {
		state, lasts, limited := strings.Cut(phase, " ")
		if _, known := conditions[state]; !known && state != stateAbsent {
			panic(fmt.Sprintf("%q is no state", phase))
		}
		until := count
		if limited {
			until = min(count, len(states)+int(duration(lasts)/c.step))
		}
		for len(states) < until {
			states = append(states, state)
		}
	}
	if len(states) < count {
		panic(fmt.Sprintf("%q has no state at the end", text))
	}
	return states
}

// valuesIn are the values of the series that is there in some of the states, as promtool writes them.
func valuesIn(states, some []string) string {
	var values []string
	for rest := states; len(rest) > 0; {
		there := slices.Contains(some, rest[0])
		end := slices.IndexFunc(rest, func(s string) bool { return slices.Contains(some, s) != there })
		if end < 0 {
			end = len(rest)
		}
		switch {
		case there:
			values = append(values, fmt.Sprintf("1x%d", end-1))
		case len(values) == 0:
			values = append(values, fmt.Sprintf("_x%d", end))
		case end == 1:
			values = append(values, "stale")
		default:
			values = append(values, "stale", fmt.Sprintf("_x%d", end-1))
		}
		rest = rest[end:]
	}
	return strings.Join(values, " ")
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}
