package desired

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestAnAlertOfTheUsersOwnOnAMetricThatNothingExposesIsFound(t *testing.T) {
	reported := everything()
	reported.FluxOperatorNamespace = "flux-system"
	const guideless = "resourceMetrics: {compatibility: Disabled}"
	for name, c := range map[string]struct {
		rules, rest string
		facts       observe.Facts
		want        []Unexposed
	}{
		"a metric that this Flux no longer has": {
			"{alert: A, expr: gotk_suspend_status > 0}", guideless, everything(), []Unexposed{{"A", []string{"gotk_suspend_status"}}},
		},
		"metrics of Flux of which nothing is known": {
			"{alert: A, expr: 'rate(gotk_token_cache_events_total[5m]) + gotk_cached_items + gotk_event_http_requests_inflight'}", "", everything(), nil,
		},
		"a series that is not recorded": {
			"{alert: A, expr: 'flux:resource:nothing and flux:resource:ready'}", "", everything(), []Unexposed{{"A", []string{"flux:resource:nothing"}}},
		},
		"two of several alerts": {
			"{alert: A, expr: gotk_suspend_status + gotk_reconcile_condition}, {alert: B, expr: up == 0}, {alert: C, expr: 'rate(gotk_suspend_status[5m])'}",
			guideless, everything(),
			[]Unexposed{{"A", []string{"gotk_reconcile_condition", "gotk_suspend_status"}}, {"C", []string{"gotk_suspend_status"}}},
		},
		"a metric that the user records": {
			"{record: gotk_suspend_status, expr: up}, {alert: A, expr: gotk_suspend_status > 0}", guideless, everything(), nil,
		},
		"a recording of what nothing exposes is not an alert": {"{record: 'a:b', expr: gotk_suspend_status}", guideless, everything(), nil},
		"metrics of others":                        {"{alert: A, expr: kube_pod_info}", "", everything(), nil},
		"what controllers expose":                  {"{alert: A, expr: 'rate(gotk_reconcile_duration_seconds_count[5m])'}", "", everything(), nil},
		"what cardinality drops":                   {"{alert: A, expr: 'rate(gotk_reconcile_duration_seconds_bucket[5m])'}", "scrape: {cardinality: Minimal}", everything(), []Unexposed{{"A", []string{"gotk_reconcile_duration_seconds_bucket"}}}},
		"what the exporter serves":                 {"{alert: A, expr: gotk_resource_info}", "", everything(), nil},
		"what the guide's alert stands on":         {"{alert: A, expr: gotk_reconcile_condition}", "", everything(), nil},
		"the same where it is turned off":          {"{alert: A, expr: gotk_reconcile_condition}", guideless, everything(), []Unexposed{{"A", []string{"gotk_reconcile_condition"}}}},
		"the same where flux-operator reports":     {"{alert: A, expr: gotk_reconcile_condition}", "", reported, []Unexposed{{"A", []string{"gotk_reconcile_condition"}}}},
		"what is recorded of flux-operator's":      {"{alert: A, expr: 'flux:resource:not_ready'}", "", reported, nil},
		"what is not recorded of flux-operator's":  {"{alert: A, expr: 'flux:resource:stalled'}", "", reported, []Unexposed{{"A", []string{"flux:resource:stalled"}}}},
		"an expression that is told of elsewhere":  {"{alert: A, expr: 'sum('}", "", everything(), nil},
		"a metric named by a matcher on its name":  {"{alert: A, expr: '{__name__=\"gotk_suspend_status\"}'}", guideless, everything(), []Unexposed{{"A", []string{"gotk_suspend_status"}}}},
		"whatever metric, by a regular expression": {"{alert: A, expr: '{__name__=~\"gotk_.*\"}'}", "", everything(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			spec := "alerts: {additionalGroups: [{name: mine, rules: [" + c.rules + "]}]}\n" + c.rest
			NewWithT(t).Expect(Unfounded(monitoring(t, spec), c.facts)).To(Equal(c.want))
		})
	}
}

func TestWhoEvaluatesTheAlertsAndWhetherAnybodyIsTold(t *testing.T) {
	told, silent, elsewhere, agent := selecting("told", "release", "kps"), selecting("silent", "release", "kps"), selecting("elsewhere", "release", "kps"), selecting("agent", "release", "kps")
	told.Alerting, elsewhere.Alerting, agent.Alerting = true, true, true
	elsewhere.Namespace, elsewhere.Rules.Namespaces, agent.Kind = "other", nil, "PrometheusAgent"
	const missing = "Prometheus other/elsewhere: spec.ruleNamespaceSelector is not set, so it looks in its own namespace other only, not in monitoring"
	for name, c := range map[string]struct {
		prometheuses []selection.Instance
		want         Evaluation
	}{
		"nobody":                             {nil, Evaluation{}},
		"one that tells":                     {[]selection.Instance{told}, Evaluation{By: []string{"monitoring/told"}, Sends: true}},
		"one that tells nobody":              {[]selection.Instance{silent}, Evaluation{By: []string{"monitoring/silent"}}},
		"two, of which one tells":            {[]selection.Instance{silent, told}, Evaluation{By: []string{"monitoring/silent", "monitoring/told"}, Sends: true}},
		"one that would tell looks away":     {[]selection.Instance{silent, elsewhere}, Evaluation{By: []string{"monitoring/silent"}, Missing: []string{missing}}},
		"an agent, which evaluates no rules": {[]selection.Instance{agent}, Evaluation{}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			facts := everything()
			facts.Prometheuses = c.prometheuses
			objects, err := Objects(monitoring(t, "{}"), facts)
			must(t, err)
			g.Expect(Evaluated(monitoring(t, "{}"), facts, objects)).To(Equal(c.want))
			g.Expect(Evaluated(monitoring(t, "{}"), facts, nil)).To(Equal(Evaluation{}), "without a PrometheusRule there is nothing to evaluate")
		})
	}
}

func TestWhoTellsTheReceiversAndOfWhat(t *testing.T) {
	everywhere := selection.Selectors{Objects: &metav1.LabelSelector{}, Namespaces: &metav1.LabelSelector{}}
	enforcing := selection.Alertmanager{Namespace: "monitoring", Name: "enforcing", Configs: everywhere}
	free := selection.Alertmanager{Namespace: "monitoring", Name: "free", Configs: everywhere, Strategy: "None"}
	whole := selection.Alertmanager{Namespace: "monitoring", Name: "whole", Configuration: "flux"}
	away := selection.Alertmanager{Namespace: "other", Name: "away", Configs: selection.Selectors{Objects: &metav1.LabelSelector{}}}
	const (
		one     = "notifications: {receivers: [{name: a}]}\n"
		missing = "Alertmanager other/away: spec.alertmanagerConfigNamespaceSelector is not set, so it looks in its own namespace other only, not in monitoring"
	)
	for name, c := range map[string]struct {
		spec          string
		alertmanagers []selection.Alertmanager
		want          Routing
		outside       []string // of which some are told
	}{
		"without receivers":                 {"{}", []selection.Alertmanager{enforcing}, Routing{}, nil},
		"with alerts turned off":            {one + "alerts: {enabled: false}", []selection.Alertmanager{enforcing}, Routing{}, nil},
		"nobody":                            {one, nil, Routing{Wanted: true}, nil},
		"one that looks away":               {one, []selection.Alertmanager{away}, Routing{Wanted: true, Missing: []string{missing}}, nil},
		"one that enforces the namespace":   {one, []selection.Alertmanager{enforcing}, Routing{Wanted: true, By: []string{"monitoring/enforcing"}}, []string{"ReconciliationFailure"}},
		"one that does not":                 {one, []selection.Alertmanager{enforcing, free}, Routing{Wanted: true, By: []string{"monitoring/enforcing", "monitoring/free"}}, nil},
		"one whose whole configuration":     {one, []selection.Alertmanager{whole}, Routing{Wanted: true, By: []string{"monitoring/whole"}}, nil},
		"alerts that are in the namespace":  {one + "alerts: {labels: {namespace: monitoring}}", []selection.Alertmanager{enforcing}, Routing{Wanted: true, By: []string{"monitoring/enforcing"}}, nil},
		"a group of the user's that is in":  {one + "alerts: {labels: {namespace: monitoring}, additionalGroups: [{name: a, labels: {namespace: monitoring}, rules: [{alert: Mine, expr: up}]}]}", []selection.Alertmanager{enforcing}, Routing{Wanted: true, By: []string{"monitoring/enforcing"}}, nil},
		"a group of the user's that is out": {one + "alerts: {labels: {namespace: monitoring}, additionalGroups: [{name: a, rules: [{alert: Mine, expr: up}, {alert: Silent, expr: up, labels: {severity: info}}]}]}", []selection.Alertmanager{enforcing}, Routing{Wanted: true, By: []string{"monitoring/enforcing"}}, []string{"Mine"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			facts := everything()
			facts.Alertmanagers = c.alertmanagers
			fm := monitoring(t, c.spec)
			objects, err := Objects(fm, facts)
			must(t, err)
			got := Routed(fm, facts, objects)
			if c.outside == nil {
				g.Expect(got.Outside).To(BeEmpty())
			} else {
				g.Expect(got.Outside).To(ContainElements(c.outside))
				g.Expect(got.Outside).NotTo(ContainElement(BeElementOf("Silent", "FluxResourceSuspended")), "nobody is told of it anyway")
			}
			got.Outside = nil
			g.Expect(got).To(Equal(c.want))
		})
	}
}
