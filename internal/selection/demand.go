package selection

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Demanded returns the labels to add to an object that has the labels given, so that the selectors take it up: matchLabels
// as they are, the first value of an `In`, "true" for an `Exists`. Selectors are served in order; what one has settled the
// next cannot change, so of two that contradict each other the first wins. A demand for a label's absence is not met by
// adding, and stays for Missing to report.
func Demanded(have map[string]string, selectors []*metav1.LabelSelector) map[string]string {
	added := map[string]string{}
	for _, s := range selectors {
		if s == nil {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(s.MatchLabels)) {
			settle(have, added, key, s.MatchLabels[key])
		}
		for _, e := range s.MatchExpressions {
			settleExpression(have, added, e)
		}
	}
	return added
}

// settleExpression adds the label that one expression asks for.
func settleExpression(have, added map[string]string, e metav1.LabelSelectorRequirement) {
	switch e.Operator {
	case metav1.LabelSelectorOpIn:
		if len(e.Values) > 0 {
			settle(have, added, e.Key, e.Values[0])
		}
	case metav1.LabelSelectorOpExists:
		settle(have, added, e.Key, "true")
	case metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpDoesNotExist:
	}
}

// settle adds a label unless the object or an earlier selector has settled it.
func settle(have, added map[string]string, key, value string) {
	if _, ok := have[key]; ok {
		return
	}
	if _, ok := added[key]; !ok {
		added[key] = value
	}
}
