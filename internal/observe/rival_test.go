package observe

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// claiming is a claim of a FluxMonitoring created in this second, on these Prometheuses.
func claiming(name string, second int64, on string) claim {
	c := claim{of: fluxMonitoring(name, second), to: map[string]bool{}}
	for _, p := range strings.Fields(on) {
		c.to[p] = true
	}
	return c
}

func fluxMonitoring(name string, second int64) *v1alpha1.FluxMonitoring {
	return &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{
		Namespace: "monitoring", Name: name, UID: types.UID("uid-of-" + name), CreationTimestamp: metav1.Unix(second, 0),
	}}
}

// rivals are who each claim's rival is; those without one are left out.
func rivals(claims []claim) map[string]string {
	found := map[string]string{}
	for _, c := range claims {
		if rival := rivalOf(c.of.UID, append([]claim(nil), claims...)); rival != nil {
			found[c.of.Name] = rival.Name
		}
	}
	return found
}

func TestTheOldestClaimStands(t *testing.T) {
	for name, c := range map[string]struct {
		claims []claim
		rivals map[string]string
	}{
		"one alone":                              {[]claim{claiming("a", 1, "p")}, map[string]string{}},
		"two of different Prometheuses":          {[]claim{claiming("a", 1, "p"), claiming("b", 2, "q")}, map[string]string{}},
		"two of the same":                        {[]claim{claiming("a", 1, "p"), claiming("b", 2, "p q")}, map[string]string{"b": "a"}},
		"two of the same, the younger first":     {[]claim{claiming("a", 2, "p"), claiming("b", 1, "p")}, map[string]string{"a": "b"}},
		"two of one second, by name":             {[]claim{claiming("b", 1, "p"), claiming("a", 1, "p")}, map[string]string{"b": "a"}},
		"two that nothing takes up":              {[]claim{claiming("a", 1, ""), claiming("b", 2, "")}, map[string]string{}},
		"three of the same":                      {[]claim{claiming("a", 1, "p"), claiming("b", 2, "p"), claiming("c", 3, "p")}, map[string]string{"b": "a", "c": "a"}},
		"three in a chain: the middle one loses": {[]claim{claiming("a", 1, "p"), claiming("b", 2, "p q"), claiming("c", 3, "q")}, map[string]string{"b": "a"}},
		"three, the youngest between two":        {[]claim{claiming("a", 1, "p"), claiming("b", 2, "q"), claiming("c", 3, "q p")}, map[string]string{"c": "a"}},
		"scraped by one and evaluated by another": {
			[]claim{claiming("a", 1, "scrape:p"), claiming("b", 2, "evaluate:p")}, map[string]string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(rivals(c.claims)).To(Equal(c.rivals))
		})
	}
}

func TestOneThatIsNotAmongThemHasNoRival(t *testing.T) {
	NewWithT(t).Expect(rivalOf("uid-of-nobody", []claim{claiming("a", 1, "p")})).To(BeNil())
}

func TestNoPrometheusIsClaimedTwiceAndNobodyLosesForNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		var claims []claim
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			on := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"p", "q", "r", "s"}), rapid.ID[string]).Draw(t, name)
			claims = append(claims, claiming(name, rapid.Int64Range(1, 3).Draw(t, "second"), strings.Join(on, " ")))
		}
		lost := rivals(claims)
		by := map[string]claim{}
		taken := map[string]string{}
		for _, c := range claims {
			by[c.of.Name] = c
			if _, loses := lost[c.of.Name]; loses {
				continue
			}
			for p := range c.to {
				g.Expect(taken).NotTo(HaveKey(p), "%s has it, and %s", taken[p], c.of.Name)
				taken[p] = c.of.Name
			}
		}
		for loser, winner := range lost {
			g.Expect(lost).NotTo(HaveKey(winner), "a rival is one that stands")
			g.Expect(overlap(by[loser].to, by[winner].to)).To(BeTrue())
			g.Expect(byAge(by[winner].of, by[loser].of)).To(Equal(-1), "a rival is older")
		}
		shuffled := rapid.Permutation(claims).Draw(t, "shuffled")
		g.Expect(rivals(shuffled)).To(Equal(lost), "the order does not matter")
	})
}

func TestWhatAFluxMonitoringClaims(t *testing.T) {
	all, off := &metav1.LabelSelector{}, false
	prometheus := selection.Instance{
		Kind: "Prometheus", Namespace: "prometheus", Name: "p",
		PodMonitors: selection.Selectors{Objects: all, Namespaces: all}, Rules: selection.Selectors{Objects: all, Namespaces: matching("rules", "yes")},
	}
	agent := selection.Instance{
		Kind: "PrometheusAgent", Namespace: "prometheus", Name: "a", PodMonitors: selection.Selectors{Objects: all, Namespaces: all},
		Rules: selection.Selectors{Objects: all, Namespaces: all},
	}
	homebound := selection.Instance{Kind: "Prometheus", Namespace: "elsewhere", Name: "h", PodMonitors: selection.Selectors{Objects: all}}
	without := func(change func(*v1alpha1.FluxMonitoringSpec)) *v1alpha1.FluxMonitoring {
		fm := fluxMonitoring("flux", 1)
		change(&fm.Spec)
		return fm
	}
	for name, c := range map[string]struct {
		fm     *v1alpha1.FluxMonitoring
		labels map[string]string
		claims map[string]bool
	}{
		"those that reach its namespace": {
			fluxMonitoring("flux", 1), map[string]string{"rules": "yes"},
			map[string]bool{"scrape Prometheus/prometheus/p": true, "evaluate Prometheus/prometheus/p": true, "scrape PrometheusAgent/prometheus/a": true},
		},
		"not those whose selector its namespace lacks": {
			fluxMonitoring("flux", 1), nil,
			map[string]bool{"scrape Prometheus/prometheus/p": true, "scrape PrometheusAgent/prometheus/a": true},
		},
		"nothing to scrape": {
			without(func(s *v1alpha1.FluxMonitoringSpec) { s.Scrape.Enabled = &off }), map[string]string{"rules": "yes"},
			map[string]bool{"evaluate Prometheus/prometheus/p": true},
		},
		"nothing to evaluate": {
			without(func(s *v1alpha1.FluxMonitoringSpec) { s.Alerts.Enabled = &off }), map[string]string{"rules": "yes"},
			map[string]bool{"scrape Prometheus/prometheus/p": true, "scrape PrometheusAgent/prometheus/a": true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			claims := claimed(c.fm, []selection.Instance{prometheus, agent, homebound}, c.labels)
			NewWithT(t).Expect(claims).To(Equal(c.claims))
		})
	}
}

func TestTheInstancesThatASpecSelects(t *testing.T) {
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
			NewWithT(t).Expect(selected(fm, []selection.Instance{a, b, c})).To(Equal(s.kept))
		})
	}
}
