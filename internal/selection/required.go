package selection

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// RequiredLabels returns the labels to add to an object so that the selectors select it: matchLabels, the first value
// of an In that satisfies all, and "true" for an Exists. Existing labels are never changed. If two selectors
// contradict each other, the first wins, and Missing reports the other.
func RequiredLabels(have map[string]string, selectors []*metav1.LabelSelector) map[string]string {
	met := map[string]labels.Requirements{} // of the satisfied selectors, by key
	added := map[string]string{}
	for _, s := range selectors {
		rs, err := requirements(s)
		if err != nil {
			continue
		}
		with := mergeByKey(met, rs)
		if add, ok := solve(have, with); ok {
			met, added = with, add
		}
	}
	return added
}

// CanSatisfy reports whether labels can be added so that the selector matches.
func CanSatisfy(have map[string]string, s *metav1.LabelSelector) bool {
	rs, err := requirements(s)
	if s == nil || err != nil {
		return false
	}
	_, ok := solve(have, mergeByKey(nil, rs))
	return ok
}

// AreContradictory reports whether two selectors can each be satisfied, but not both.
func AreContradictory(a, b *metav1.LabelSelector) bool {
	if !CanSatisfy(nil, a) || !CanSatisfy(nil, b) {
		return false
	}
	first, _ := requirements(a)
	second, _ := requirements(b)
	_, ok := solve(nil, mergeByKey(mergeByKey(nil, first), second))
	return !ok
}

// mergeByKey adds requirements to those known, by their key.
func mergeByKey(known map[string]labels.Requirements, further labels.Requirements) map[string]labels.Requirements {
	result := make(map[string]labels.Requirements, len(known))
	maps.Copy(result, known)
	for _, r := range further {
		result[r.Key()] = append(slices.Clone(result[r.Key()]), r)
	}
	return result
}

// solve returns the labels to add so that all requirements hold; false if there are none.
func solve(have map[string]string, by map[string]labels.Requirements) (add map[string]string, ok bool) {
	add = map[string]string{}
	for key, rs := range by {
		if value, fixed := have[key]; fixed {
			if !allMatch(rs, labels.Set{key: value}) {
				return nil, false
			}
			continue
		}
		if allMatch(rs, labels.Set{}) {
			continue
		}
		values := candidates(rs)
		i := slices.IndexFunc(values, func(value string) bool { return allMatch(rs, labels.Set{key: value}) })
		if i < 0 {
			return nil, false
		}
		add[key] = values[i]
	}
	return add, true
}

// candidates are values that can satisfy the requirements of one key, preferred ones first.
func candidates(rs labels.Requirements) []string {
	var values []string
	for _, r := range rs {
		if o := r.Operator(); o == selection.In || o == selection.Equals {
			values = append(values, r.ValuesUnsorted()...)
		}
	}
	return append(values, "true", "yes")
}

func allMatch(rs labels.Requirements, set labels.Set) bool {
	return !slices.ContainsFunc(rs, func(r labels.Requirement) bool { return !r.Matches(set) })
}
