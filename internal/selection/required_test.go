package selection

import (
	"encoding/json"
	"maps"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/test/rig"
)

func TestSelectorsRequireLabels(t *testing.T) {
	for name, c := range map[string]struct {
		has, added string // labels as key=value
		selectors  []string
	}{
		"no selectors":        {"", "", nil},
		"empty and none":      {"", "", []string{"{}", "none"}},
		"labels":              {"", "a=1,b=2", []string{"matchLabels: {a: '1', b: '2'}"}},
		"a label that it has": {"a=1", "b=2", []string{"matchLabels: {a: '1', b: '2'}"}},
		"nothing of a selector that another value of a label excludes": {"a=mine", "", []string{"matchLabels: {a: '1', b: '2'}"}},
		"the first value of In": {"", "a=z", []string{"matchExpressions: [{key: a, operator: In, values: [z, b]}]"}},
		"the value of In that another selector requires": {
			"", "a=b", []string{"matchExpressions: [{key: a, operator: In, values: [z, b]}]", "matchLabels: {a: b}"},
		},
		"a value of In that nothing excludes": {
			"", "a=b", []string{"matchExpressions: [{key: a, operator: In, values: [z, b]}, {key: a, operator: NotIn, values: [z]}]"},
		},
		"Exists": {"", "a=true", []string{"matchExpressions: [{key: a, operator: Exists}]"}},
		"Exists, with the value another selector requires": {"", "a=b", []string{"matchExpressions: [{key: a, operator: Exists}]", "matchLabels: {a: b}"}},
		"Exists, but not as true": {
			"", "a=yes", []string{"matchExpressions: [{key: a, operator: Exists}, {key: a, operator: NotIn, values: ['true']}]"},
		},
		"a label that must be absent": {
			"", "", []string{"matchExpressions: [{key: a, operator: DoesNotExist}, {key: b, operator: NotIn, values: [c]}]"},
		},
		"of two that contradict each other the first": {
			"", "release=one,role=c", []string{"matchLabels: {release: one}", "matchLabels: {release: two, team: b}", "matchLabels: {role: c}"},
		},
		"of absence and presence the first": {"", "", []string{"matchExpressions: [{key: a, operator: DoesNotExist}]", "matchLabels: {a: b}"}},
		"one that contradicts itself":       {"", "", []string{"{matchLabels: {a: b, c: d}, matchExpressions: [{key: a, operator: DoesNotExist}]}"}},
		"one that cannot be read":           {"", "", []string{"{matchLabels: {a: 'no label value'}}", "matchExpressions: [{key: a, operator: Within}]"}},
	} {
		t.Run(name, func(t *testing.T) {
			var selectors []*metav1.LabelSelector
			for _, s := range c.selectors {
				selectors = append(selectors, selector(t, s))
			}
			has, err := labels.ConvertSelectorToLabelsMap(c.has)
			rig.Must(t, err)
			NewWithT(t).Expect(labels.Set(RequiredLabels(has, selectors)).String()).To(Equal(c.added))
		})
	}
}

func TestSelectorsThatOneObjectMeetsAreAllMet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		met := aSetOfLabels().Draw(t, "an object that meets them")
		selectors := rapid.SliceOf(metBy(met)).Draw(t, "selectors")
		added := RequiredLabels(nil, selectors)
		for _, s := range selectors {
			NewWithT(t).Expect(Matches(s, added)).To(BeTrue(), "%v is not met by %v", s, added)
		}
	})
}

func TestTheFirstThatCanBeMetWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		have := aSetOfLabels().Draw(t, "have")
		selectors := rapid.SliceOf(anySelector()).Draw(t, "selectors")
		object := carrying(have, RequiredLabels(have, selectors))
		for key, value := range have {
			g.Expect(object).To(HaveKeyWithValue(key, value), "what is had is not changed")
		}
		for n, s := range selectors {
			alone := carrying(have, RequiredLabels(have, append(selectors[:n:n], s)))
			g.Expect(Matches(s, object)).To(Equal(Matches(s, alone)), "what comes after a selector does not decide whether it is met")
		}
	})
}

// FuzzRequired checks that labels are only ever added, and that a selector that is met alone is met when it comes first.
func FuzzRequired(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"matchLabels":{"a":"b"}}`, `{"matchExpressions":[{"key":"a","operator":"Exists"}]}`,
		`{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"a","operator":"In","values":["c","b"]},{"key":"","operator":"Gt"}]}`,
	} {
		f.Add([]byte(s), []byte(`{"matchLabels":{"a":"c"}}`), "a", "b")
	}
	f.Fuzz(func(t *testing.T, first, second []byte, key, value string) {
		one, two := &metav1.LabelSelector{}, &metav1.LabelSelector{}
		if json.Unmarshal(first, one) != nil || json.Unmarshal(second, two) != nil {
			return // no selectors
		}
		have := map[string]string{key: value}
		added := RequiredLabels(have, []*metav1.LabelSelector{one, two})
		if _, changed := added[key]; changed {
			t.Errorf("%v changes what the object has", added)
		}
		alone := Matches(one, carrying(have, RequiredLabels(have, []*metav1.LabelSelector{one})))
		if Matches(one, carrying(have, added)) != alone {
			t.Errorf("%v is met alone: %v, and before %v not", one, alone, two)
		}
	})
}

func carrying(have, added map[string]string) map[string]string {
	object := maps.Clone(have)
	maps.Copy(object, added)
	return object
}

func aKey() *rapid.Generator[string]   { return rapid.SampledFrom([]string{"a", "b", "example.com/c"}) }
func aValue() *rapid.Generator[string] { return rapid.SampledFrom([]string{"", "x", "y", "true"}) }

func aSetOfLabels() *rapid.Generator[map[string]string] { return rapid.MapOf(aKey(), aValue()) }

func anySelector() *rapid.Generator[*metav1.LabelSelector] {
	return rapid.Custom(func(t *rapid.T) *metav1.LabelSelector {
		return &metav1.LabelSelector{
			MatchLabels:      aSetOfLabels().Draw(t, "labels"),
			MatchExpressions: rapid.SliceOfN(expression(), 0, 3).Draw(t, "expressions"),
		}
	})
}

// metBy draws selectors that an object with these labels meets, so that they cannot contradict each other.
func metBy(object map[string]string) *rapid.Generator[*metav1.LabelSelector] {
	return anySelector().Filter(func(s *metav1.LabelSelector) bool { return Matches(s, object) })
}

func expression() *rapid.Generator[metav1.LabelSelectorRequirement] {
	return rapid.Custom(func(t *rapid.T) metav1.LabelSelectorRequirement {
		e := metav1.LabelSelectorRequirement{Key: aKey().Draw(t, "key"), Operator: rapid.SampledFrom([]metav1.LabelSelectorOperator{
			metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist,
		}).Draw(t, "operator")}
		switch e.Operator {
		case metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn:
			e.Values = rapid.SliceOfNDistinct(aValue(), 1, 3, rapid.ID[string]).Draw(t, "values")
		case metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist:
		}
		return e
	})
}
