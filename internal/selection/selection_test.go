package selection

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// selector reads a label selector; nil for "none".
func selector(t testing.TB, written string) *metav1.LabelSelector {
	t.Helper()
	if written == "none" {
		return nil
	}
	s := &metav1.LabelSelector{}
	if err := yaml.UnmarshalStrict([]byte(written), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatKeepsAnInstanceFromTakingAnObjectUp(t *testing.T) {
	for name, c := range map[string]struct {
		objects string
		labels  map[string]string
		missing []string
	}{
		"no selector": {
			"none", nil, []string{"spec.podMonitorSelector is not set, so it selects no PodMonitor: set it, for example to {}"},
		},
		"an empty selector": {"{}", nil, nil},
		"a label that is there": {
			"matchLabels: {release: kps}", map[string]string{"release": "kps", "team": "a"}, nil,
		},
		"a label that is not there": {
			"matchLabels: {release: kps}", map[string]string{"team": "a"},
			[]string{"spec.podMonitorSelector requires label release=kps on the PodMonitor"},
		},
		"a label of another value": {
			"matchLabels: {release: kps}", map[string]string{"release": "old"},
			[]string{"spec.podMonitorSelector requires label release=kps on the PodMonitor"},
		},
		"several labels, of which some are there": {
			"matchLabels: {a: '1', b: '2', c: '3'}", map[string]string{"b": "2"},
			[]string{"spec.podMonitorSelector requires label a=1 on the PodMonitor", "spec.podMonitorSelector requires label c=3 on the PodMonitor"},
		},
		"In": {
			"matchExpressions: [{key: team, operator: In, values: [b, a]}]", map[string]string{"team": "c"},
			[]string{"spec.podMonitorSelector requires label team in (a,b) on the PodMonitor"},
		},
		"In, met": {"matchExpressions: [{key: team, operator: In, values: [b, a]}]", map[string]string{"team": "a"}, nil},
		"NotIn": {
			"matchExpressions: [{key: team, operator: NotIn, values: [a]}]", map[string]string{"team": "a"},
			[]string{"spec.podMonitorSelector requires label team notin (a) on the PodMonitor"},
		},
		"NotIn, met by no label": {"matchExpressions: [{key: team, operator: NotIn, values: [a]}]", nil, nil},
		"Exists": {
			"matchExpressions: [{key: team, operator: Exists}]", nil, []string{"spec.podMonitorSelector requires label team on the PodMonitor"},
		},
		"Exists, met": {"matchExpressions: [{key: team, operator: Exists}]", map[string]string{"team": ""}, nil},
		"DoesNotExist": {
			"matchExpressions: [{key: team, operator: DoesNotExist}]", map[string]string{"team": "a"},
			[]string{"spec.podMonitorSelector requires label !team on the PodMonitor"},
		},
		"DoesNotExist, met": {"matchExpressions: [{key: team, operator: DoesNotExist}]", nil, nil},
		"an operator that does not exist": {
			"matchExpressions: [{key: team, operator: Within, values: [a]}]", map[string]string{"team": "a"},
			[]string{`spec.podMonitorSelector cannot be read, so it selects nothing: "Within" is not a valid label selector operator`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			i := Instance{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s"}
			s := Selectors{Objects: selector(t, c.objects), Namespaces: &metav1.LabelSelector{}}
			candidate := Candidate{Kind: "PodMonitor", Namespace: "flux", Labels: c.labels}
			g.Expect(messages(i.Missing(s, "podMonitor", candidate))).To(Equal(c.missing))
			if c.objects != "none" {
				g.Expect(Matches(s.Objects, c.labels)).To(Equal(len(c.missing) == 0))
			}
		})
	}
}

func TestWhatKeepsAnInstanceFromLookingIntoANamespace(t *testing.T) {
	for name, c := range map[string]struct {
		namespaces string
		own        bool // the object is in the instance's own namespace
		missing    []string
	}{
		"no selector, its own namespace": {"none", true, nil},
		"no selector, another namespace": {
			"none", false, []string{"spec.ruleNamespaceSelector is not set, so it only selects objects of its own namespace monitoring, not of flux"},
		},
		"an empty selector": {"{}", false, nil},
		"a label that is there": {
			"matchLabels: {kubernetes.io/metadata.name: flux}", false, nil,
		},
		"a label that is not there": {
			"matchLabels: {scrape: 'yes'}", false, []string{"spec.ruleNamespaceSelector requires label scrape=yes on namespace flux"},
		},
		"several labels, of which the first is said": {
			"matchLabels: {b: '1', a: '2'}", false, []string{"spec.ruleNamespaceSelector requires label a=2 on namespace flux"},
		},
		"its own namespace is not selected by itself": {
			"matchLabels: {scrape: 'yes'}", true, []string{"spec.ruleNamespaceSelector requires label scrape=yes on namespace monitoring"},
		},
		"an operator that does not exist": {
			"matchExpressions: [{key: team, operator: Within}]", false,
			[]string{`spec.ruleNamespaceSelector cannot be read, so it selects nothing: "Within" is not a valid label selector operator`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			i := Instance{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s"}
			s := Selectors{Objects: &metav1.LabelSelector{}, Namespaces: selector(t, c.namespaces)}
			candidate := Candidate{Kind: "PrometheusRule", Namespace: "flux", NamespaceLabels: map[string]string{"kubernetes.io/metadata.name": "flux"}}
			if c.own {
				candidate.Namespace = "monitoring"
			}
			g.Expect(messages(i.Missing(s, "rule", candidate))).To(Equal(c.missing))
			g.Expect(i.ReachesNamespace(s, candidate)).To(Equal(len(c.missing) == 0))
		})
	}
}

func TestANamespaceAndALabelMissingAreBothSaid(t *testing.T) {
	i := Instance{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s"}
	s := Selectors{Objects: selector(t, "matchLabels: {release: kps}")}
	NewWithT(t).Expect(messages(i.Missing(s, "podMonitor", Candidate{Kind: "PodMonitor", Namespace: "flux"}))).To(Equal([]string{
		"spec.podMonitorNamespaceSelector is not set, so it only selects objects of its own namespace monitoring, not of flux",
		"spec.podMonitorSelector requires label release=kps on the PodMonitor",
	}))
}

func TestWithoutASelectorAnInstanceLooksNowhere(t *testing.T) {
	i := Instance{Namespace: "monitoring"}
	NewWithT(t).Expect(i.ReachesNamespace(Selectors{}, Candidate{Namespace: "monitoring"})).To(BeFalse())
}

func TestNoSelectorMatchesEverything(t *testing.T) {
	NewWithT(t).Expect(Matches(nil, map[string]string{"a": "b"})).To(BeTrue())
}

func TestOnlyAPrometheusEvaluatesRules(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Instance{Kind: "Prometheus"}.EvaluatesRules()).To(BeTrue())
	g.Expect(Instance{Kind: "PrometheusAgent"}.EvaluatesRules()).To(BeFalse())
}

// messages are those of issues; nil if there are none.
func messages(issues []Issue) []string {
	var all []string
	for _, i := range issues {
		all = append(all, i.Message)
	}
	return all
}

func TestEachIssueHasAReasonAndTheFieldThatCausesIt(t *testing.T) {
	unreadable := &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Within"}}}
	for name, c := range map[string]struct {
		selectors Selectors
		want      [][2]string
	}{
		"no selectors": {Selectors{}, [][2]string{
			{NamespaceNotSelected, "spec.ruleNamespaceSelector"}, {SelectorNotSet, "spec.ruleSelector"},
		}},
		"selectors of other labels": {
			Selectors{Objects: selector(t, "matchLabels: {release: kps}"), Namespaces: selector(t, "matchLabels: {team: a}")},
			[][2]string{{NamespaceNotSelected, "spec.ruleNamespaceSelector"}, {LabelMissing, "spec.ruleSelector"}},
		},
		"selectors that cannot be read": {Selectors{Objects: unreadable, Namespaces: unreadable}, [][2]string{
			{SelectorInvalid, "spec.ruleNamespaceSelector"}, {SelectorInvalid, "spec.ruleSelector"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var got [][2]string
			for _, i := range (Instance{Namespace: "monitoring"}).Missing(c.selectors, "rule", Candidate{Kind: "PrometheusRule", Namespace: "flux"}) {
				got = append(got, [2]string{i.Reason, i.Field})
			}
			NewWithT(t).Expect(got).To(Equal(c.want))
		})
	}
}
