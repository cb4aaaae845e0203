package selection

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/rig"
)

var prometheus = Instance{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s"}

// selector reads a label selector; nil for "none".
func selector(t testing.TB, written string) *metav1.LabelSelector {
	t.Helper()
	if written == "none" {
		return nil
	}
	s := &metav1.LabelSelector{}
	rig.Must(t, yaml.UnmarshalStrict([]byte(written), s))
	return s
}

func TestAnInstanceSelectsObjectsByTheirLabels(t *testing.T) {
	const field = "spec.podMonitorSelector "
	requires := func(label string) []string { return []string{field + "requires label " + label + " on the PodMonitor"} }
	team := func(value string) map[string]string { return map[string]string{"team": value} }
	for name, c := range map[string]struct {
		objects string
		labels  map[string]string
		missing []string
	}{
		"no selector":               {"none", nil, []string{field + "is not set, so it selects no PodMonitor: set it, for example to {}"}},
		"an empty selector":         {"{}", nil, nil},
		"a label that is there":     {"matchLabels: {release: kps}", map[string]string{"release": "kps", "team": "a"}, nil},
		"a label that is not there": {"matchLabels: {release: kps}", team("a"), requires("release=kps")},
		"a label of another value":  {"matchLabels: {release: kps}", map[string]string{"release": "old"}, requires("release=kps")},
		"several labels, of which some are there": {
			"matchLabels: {a: '1', b: '2', c: '3'}", map[string]string{"b": "2"}, append(requires("a=1"), requires("c=3")...),
		},
		"In":                     {"matchExpressions: [{key: team, operator: In, values: [b, a]}]", team("c"), requires("team in (a,b)")},
		"In, met":                {"matchExpressions: [{key: team, operator: In, values: [b, a]}]", team("a"), nil},
		"NotIn":                  {"matchExpressions: [{key: team, operator: NotIn, values: [a]}]", team("a"), requires("team notin (a)")},
		"NotIn, met by no label": {"matchExpressions: [{key: team, operator: NotIn, values: [a]}]", nil, nil},
		"Exists":                 {"matchExpressions: [{key: team, operator: Exists}]", nil, requires("team")},
		"Exists, met":            {"matchExpressions: [{key: team, operator: Exists}]", team(""), nil},
		"DoesNotExist":           {"matchExpressions: [{key: team, operator: DoesNotExist}]", team("a"), requires("!team")},
		"DoesNotExist, met":      {"matchExpressions: [{key: team, operator: DoesNotExist}]", nil, nil},
		"an operator that does not exist": {
			"matchExpressions: [{key: team, operator: Within, values: [a]}]", team("a"),
			[]string{field + `is invalid: "Within" is not a valid label selector operator`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := Selectors{Objects: selector(t, c.objects), Namespaces: &metav1.LabelSelector{}}
			candidate := Candidate{Kind: "PodMonitor", Namespace: "flux", Labels: c.labels}
			g.Expect(messages(prometheus.Missing(s, "podMonitor", candidate))).To(Equal(c.missing))
			if c.objects != "none" {
				g.Expect(Matches(s.Objects, c.labels)).To(Equal(len(c.missing) == 0))
			}
		})
	}
}

func TestAnInstanceSelectsNamespacesByTheirLabels(t *testing.T) {
	for name, c := range map[string]struct {
		namespaces string
		namespace  string // of the object
		missing    string // after the name of the field
	}{
		"no selector, its own namespace":                 {"none", "monitoring", ""},
		"no selector, another namespace":                 {"none", "flux", "is not set, so it does not select namespace flux"},
		"an empty selector":                              {"{}", "flux", ""},
		"a label that is there":                          {"matchLabels: {kubernetes.io/metadata.name: flux}", "flux", ""},
		"a label that is not there":                      {"matchLabels: {scrape: 'yes'}", "flux", "requires label scrape=yes on namespace flux"},
		"several labels, of which the first is reported": {"matchLabels: {b: '1', a: '2'}", "flux", "requires label a=2 on namespace flux"},
		"its own namespace is not selected by itself":    {"matchLabels: {scrape: 'yes'}", "monitoring", "requires label scrape=yes on namespace monitoring"},
		"an operator that does not exist": {
			"matchExpressions: [{key: team, operator: Within}]", "flux",
			`is invalid: "Within" is not a valid label selector operator`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := Selectors{Objects: &metav1.LabelSelector{}, Namespaces: selector(t, c.namespaces)}
			candidate := Candidate{Kind: "PrometheusRule", Namespace: c.namespace, NamespaceLabels: map[string]string{"kubernetes.io/metadata.name": "flux"}}
			var missing []string
			if c.missing != "" {
				missing = []string{"spec.ruleNamespaceSelector " + c.missing}
			}
			g.Expect(messages(prometheus.Missing(s, "rule", candidate))).To(Equal(missing))
			g.Expect(prometheus.ReachesNamespace(s, candidate)).To(Equal(c.missing == ""))
		})
	}
}

func TestAMissingNamespaceAndAMissingLabelAreBothReported(t *testing.T) {
	s := Selectors{Objects: selector(t, "matchLabels: {release: kps}")}
	NewWithT(t).Expect(messages(prometheus.Missing(s, "podMonitor", Candidate{Kind: "PodMonitor", Namespace: "flux"}))).To(Equal([]string{
		"spec.podMonitorNamespaceSelector is not set, so it does not select namespace flux",
		"spec.podMonitorSelector requires label release=kps on the PodMonitor",
	}))
}

func TestWithoutASelectorAnInstanceReachesNoNamespace(t *testing.T) {
	NewWithT(t).Expect(prometheus.ReachesNamespace(Selectors{}, Candidate{Namespace: "monitoring"})).To(BeFalse())
}

func TestNoSelectorMatchesEverything(t *testing.T) {
	NewWithT(t).Expect(Matches(nil, map[string]string{"a": "b"})).To(BeTrue())
}

func TestOnlyAPrometheusEvaluatesRules(t *testing.T) {
	g := NewWithT(t)
	g.Expect(prometheus.EvaluatesRules()).To(BeTrue())
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

func TestAnIssueHasAReasonAndItsField(t *testing.T) {
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
			for _, i := range prometheus.Missing(c.selectors, "rule", Candidate{Kind: "PrometheusRule", Namespace: "flux"}) {
				got = append(got, [2]string{i.Reason, i.Field})
			}
			NewWithT(t).Expect(got).To(Equal(c.want))
		})
	}
}

func TestAnIssueHasAtMost120CharactersWithItsInstance(t *testing.T) {
	team := &metav1.LabelSelector{MatchLabels: map[string]string{"team": "platform"}}
	broken := &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: "Near"}}}
	c := Candidate{Kind: "PodMonitor", Namespace: "team-payments"}
	i := Instance{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s"}
	for _, s := range []Selectors{
		{Objects: team, Namespaces: team}, {Namespaces: &metav1.LabelSelector{}}, {Objects: team}, {Objects: broken, Namespaces: broken},
	} {
		issues := i.Missing(s, "podMonitor", c)
		NewWithT(t).Expect(issues).NotTo(BeEmpty())
		for _, issue := range issues {
			message := "Prometheus monitoring/k8s: " + issue.Message
			NewWithT(t).Expect(len(message)).To(BeNumerically("<=", 120), message)
		}
	}
}
