package observe

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/test/given"
)

func fluxMonitoring(name string, second int64) *v1alpha1.FluxMonitoring {
	return &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{
		Namespace: "monitoring", Name: name, UID: types.UID("uid-of-" + name), CreationTimestamp: metav1.Unix(second, 0),
	}}
}

func TestAFluxMonitoringClaimsTheInstancesThatItReaches(t *testing.T) {
	all := &metav1.LabelSelector{}
	prometheus := selection.Instance{
		Kind: "Prometheus", Namespace: "prometheus", Name: "p",
		PodMonitors: selection.Selectors{Objects: all, Namespaces: all}, Rules: selection.Selectors{Objects: all, Namespaces: matching("rules", "yes")},
	}
	agent := selection.Instance{
		Kind: "PrometheusAgent", Namespace: "prometheus", Name: "a", PodMonitors: selection.Selectors{Objects: all, Namespaces: all},
		Rules: selection.Selectors{Objects: all, Namespaces: all},
	}
	homebound := selection.Instance{Kind: "Prometheus", Namespace: "elsewhere", Name: "h", PodMonitors: selection.Selectors{Objects: all}}
	scraped := claims.Use{Verb: claims.Scrape, Kind: "Prometheus", Namespace: "prometheus", Name: "p"}
	evaluated := claims.Use{Verb: claims.Evaluate, Kind: "Prometheus", Namespace: "prometheus", Name: "p"}
	byAgent := claims.Use{Verb: claims.Scrape, Kind: "PrometheusAgent", Namespace: "prometheus", Name: "a"}
	for name, c := range map[string]struct {
		spec   string
		labels map[string]string
		uses   []claims.Use
	}{
		"those that reach its namespace":               {"{}", map[string]string{"rules": "yes"}, []claims.Use{scraped, evaluated, byAgent}},
		"not those whose selector its namespace lacks": {"{}", nil, []claims.Use{scraped, byAgent}},
		"nothing to scrape":                            {"{scrape: {enabled: false}}", map[string]string{"rules": "yes"}, []claims.Use{evaluated}},
		"nothing to evaluate":                          {"{alerts: {enabled: false}}", map[string]string{"rules": "yes"}, []claims.Use{scraped, byAgent}},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(usesOf(given.FluxMonitoring(t, c.spec), []selection.Instance{prometheus, agent, homebound}, c.labels)).To(Equal(c.uses))
		})
	}
}

func TestASpecSelectsInstances(t *testing.T) {
	a := selection.Instance{Name: "a", Labels: map[string]string{"team": "a"}, NamespaceLabels: map[string]string{"env": "prod"}}
	b := selection.Instance{Name: "b", Labels: map[string]string{"team": "b"}, NamespaceLabels: map[string]string{"env": "prod"}}
	c := selection.Instance{Name: "c", Labels: map[string]string{"team": "a"}, NamespaceLabels: map[string]string{"env": "test"}}
	for name, s := range map[string]struct {
		by   v1alpha1.PrometheusSpec
		kept []selection.Instance
	}{
		"all":                     {v1alpha1.PrometheusSpec{}, []selection.Instance{a, b, c}},
		"all, by empty selectors": {v1alpha1.PrometheusSpec{Selector: &metav1.LabelSelector{}, NamespaceSelector: &metav1.LabelSelector{}}, []selection.Instance{a, b, c}},
		"by label":                {v1alpha1.PrometheusSpec{Selector: matching("team", "a")}, []selection.Instance{a, c}},
		"by namespace":            {v1alpha1.PrometheusSpec{NamespaceSelector: matching("env", "prod")}, []selection.Instance{a, b}},
		"by both":                 {v1alpha1.PrometheusSpec{Selector: matching("team", "a"), NamespaceSelector: matching("env", "prod")}, []selection.Instance{a}},
		"none":                    {v1alpha1.PrometheusSpec{Selector: matching("team", "c")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			fm := fluxMonitoring("flux", 1)
			fm.Spec.Prometheus = s.by
			NewWithT(t).Expect(facts.Selected(fm, []selection.Instance{a, b, c})).To(Equal(s.kept))
		})
	}
}

func TestTheSelectorsOfEachFluxMonitoringAreEvaluatedOnce(t *testing.T) {
	g := NewWithT(t)
	const many = 40
	objects := aCluster()
	var all []*v1alpha1.FluxMonitoring
	for i := range many {
		fm := fluxMonitoring(fmt.Sprintf("flux-%02d", i), int64(i))
		all, objects = append(all, fm), append(objects, fm)
	}
	reader := holding(t, objects...).Build()
	o := &Observer{Reader: reader, Optional: served{reader, kinds.Optional()}, State: fakeState{}}
	evaluated := func() int {
		before := o.uses.evaluated
		for _, fm := range all {
			o.observe(t, fm)
		}
		return o.uses.evaluated - before
	}
	g.Expect(evaluated()).To(Equal(many))
	g.Expect(evaluated()).To(BeZero(), "nothing has changed")

	all[7].Generation++
	all[7].Spec.ClusterName = "other"
	g.Expect(reader.Update(t.Context(), all[7])).To(Succeed())
	g.Expect(evaluated()).To(BeZero(), "its claim has not changed")

	all[7].Spec.Prometheus.Selector = matching("name", "one")
	g.Expect(reader.Update(t.Context(), all[7])).To(Succeed())
	g.Expect(evaluated()).To(Equal(1))

	namespace := &corev1.Namespace{}
	g.Expect(reader.Get(t.Context(), client.ObjectKey{Name: "monitoring"}, namespace)).To(Succeed())
	namespace.Labels["team"] = "b"
	g.Expect(reader.Update(t.Context(), namespace)).To(Succeed())
	g.Expect(evaluated()).To(Equal(many), "the labels of their namespace count")
}

func TestAChangeAffectsThoseThatDesireTheSameUse(t *testing.T) {
	g := NewWithT(t)
	one, two, both := fluxMonitoring("one", 1), fluxMonitoring("two", 2), fluxMonitoring("both", 3)
	one.Spec.Prometheus.Selector, two.Spec.Prometheus.Selector = matching("name", "one"), matching("name", "two")
	elsewhere := fluxMonitoring("elsewhere", 4)
	elsewhere.Spec.Flux.Namespace = "flux-two"
	yes := true
	two.Status.Prometheuses = []v1alpha1.PrometheusStatus{{Kind: "Prometheus", Namespace: "prometheus", Name: "two", PodMonitorsSelected: &yes}}
	o := observerOf(t, kinds.Optional(), append(aCluster(), one, two, both, elsewhere)...)
	affected := func(holding bool, versions ...*v1alpha1.FluxMonitoring) []string {
		keys, err := o.Affected(t.Context(), holding, versions...)
		must(t, err)
		var names []string
		for _, key := range keys {
			names = append(names, key.Name)
		}
		return names
	}
	g.Expect(affected(false, one)).To(ConsistOf("both"))
	g.Expect(affected(false, both)).To(ConsistOf("one", "two"))
	g.Expect(affected(true, both)).To(ConsistOf("two"), "which holds what it desires")
	moved := both.DeepCopy()
	moved.Spec.Flux.Namespace = "flux-two"
	g.Expect(affected(false, both, moved)).To(ConsistOf("one", "two", "elsewhere"))
}

func TestAChangeOfAClaimAffectsOthers(t *testing.T) {
	yes := true
	for name, c := range map[string]struct {
		change           func(*v1alpha1.FluxMonitoring)
		changed, holding bool
	}{
		"another Flux":               {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = "flux-two" }, true, false},
		"another Prometheus":         {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Prometheus.Selector = matching("a", "b") }, true, false},
		"other namespaces":           {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Prometheus.NamespaceSelector = matching("a", "b") }, true, false},
		"no scrape":                  {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Scrape.Enabled = new(bool) }, true, false},
		"no alerts":                  {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts.Enabled = new(bool) }, true, false},
		"suspended":                  {func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = true }, true, false},
		"being deleted":              {func(fm *v1alpha1.FluxMonitoring) { fm.DeletionTimestamp = &metav1.Time{Time: metav1.Unix(9, 0).Time} }, true, false},
		"refused":                    {stalled("Forbidden"), true, false},
		"refused in part":            {stalled("Rejected"), true, false},
		"in conflict":                {stalled("Conflict"), false, false},
		"an edit of nothing of that": {func(fm *v1alpha1.FluxMonitoring) { fm.Generation++ }, false, false},
		"what it has": {func(fm *v1alpha1.FluxMonitoring) {
			fm.Status.Prometheuses = []v1alpha1.PrometheusStatus{{Kind: "Prometheus", Name: "p", RulesSelected: &yes}}
		}, true, false},
		"that it has it with the present spec": {func(fm *v1alpha1.FluxMonitoring) {
			fm.Status.Conditions = []metav1.Condition{{Type: "Ready", Status: metav1.ConditionTrue, Reason: "Applied"}}
		}, true, true},
		"a shard without operator": {func(fm *v1alpha1.FluxMonitoring) { fm.Labels = map[string]string{"shard": "b"} }, false, true},
		"a shard without operators": {func(fm *v1alpha1.FluxMonitoring) {
			fm.Labels = map[string]string{"shard": "b"}
			fm.Status.ObservedGeneration = 0
		}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			was := fluxMonitoring("flux", 1)
			was.Generation, was.Status.ObservedGeneration = 1, 1
			is := was.DeepCopy()
			c.change(is)
			shard := labels.SelectorFromSet(nil)
			if is.Labels != nil {
				shard = labels.SelectorFromSet(labels.Set{"shard": "a"})
				was.Labels = map[string]string{"shard": "a"}
				was.Status = is.Status
			}
			changed, holding := ClaimStateOf(shard, is).Changed(ClaimStateOf(shard, was))
			g.Expect(changed).To(Equal(c.changed))
			if changed {
				g.Expect(holding).To(Equal(c.holding))
			}
		})
	}
}

func stalled(reason string) func(*v1alpha1.FluxMonitoring) {
	return func(fm *v1alpha1.FluxMonitoring) {
		fm.Status.Conditions = []metav1.Condition{{Type: "Stalled", Status: metav1.ConditionTrue, Reason: reason}}
	}
}
