package pipeline_test

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestAnAlertOfTheUsersOwnOnAMetricThatNothingExposesIsFound(t *testing.T) {
	reported := everything()
	reported.FluxOperatorNamespace = "flux-system"
	const guideless = "resourceMetrics: {legacyMetrics: Disabled}"
	for name, c := range map[string]struct {
		rules, rest string
		facts       facts.Facts
		want        []pipeline.AlertWithoutMetrics
	}{
		"a metric that this Flux no longer has": {
			"{alert: A, expr: gotk_suspend_status > 0}", guideless, everything(), []pipeline.AlertWithoutMetrics{{"A", []string{"gotk_suspend_status"}}},
		},
		"metrics of Flux of which nothing is known": {
			"{alert: A, expr: 'rate(gotk_token_cache_events_total[5m]) + gotk_cached_items + gotk_event_http_requests_inflight'}", "", everything(), nil,
		},
		"a series that is not recorded": {
			"{alert: A, expr: 'flux:resource:nothing and flux:resource:ready'}", "", everything(), []pipeline.AlertWithoutMetrics{{"A", []string{"flux:resource:nothing"}}},
		},
		"two of several alerts": {
			"{alert: A, expr: gotk_suspend_status + gotk_reconcile_condition}, {alert: B, expr: up == 0}, {alert: C, expr: 'rate(gotk_suspend_status[5m])'}",
			guideless, everything(),
			[]pipeline.AlertWithoutMetrics{{"A", []string{"gotk_reconcile_condition", "gotk_suspend_status"}}, {"C", []string{"gotk_suspend_status"}}},
		},
		"a metric that the user records": {
			"{record: gotk_suspend_status, expr: up}, {alert: A, expr: gotk_suspend_status > 0}", guideless, everything(), nil,
		},
		"a recording of what nothing exposes is not an alert": {"{record: 'a:b', expr: gotk_suspend_status}", guideless, everything(), nil},
		"metrics of others":                        {"{alert: A, expr: kube_pod_info}", "", everything(), nil},
		"what controllers expose":                  {"{alert: A, expr: 'rate(gotk_reconcile_duration_seconds_count[5m])'}", "", everything(), nil},
		"what cardinality drops":                   {"{alert: A, expr: 'rate(gotk_reconcile_duration_seconds_bucket[5m])'}", "scrape: {cardinality: Minimal}", everything(), []pipeline.AlertWithoutMetrics{{"A", []string{"gotk_reconcile_duration_seconds_bucket"}}}},
		"what the exporter serves":                 {"{alert: A, expr: gotk_resource_info}", "", everything(), nil},
		"what the guide's alert stands on":         {"{alert: A, expr: gotk_reconcile_condition}", "", everything(), nil},
		"the same where it is turned off":          {"{alert: A, expr: gotk_reconcile_condition}", guideless, everything(), []pipeline.AlertWithoutMetrics{{"A", []string{"gotk_reconcile_condition"}}}},
		"the same where flux-operator reports":     {"{alert: A, expr: gotk_reconcile_condition}", "", reported, []pipeline.AlertWithoutMetrics{{"A", []string{"gotk_reconcile_condition"}}}},
		"what is recorded of flux-operator's":      {"{alert: A, expr: 'flux:resource:not_ready'}", "", reported, nil},
		"what is not recorded of flux-operator's":  {"{alert: A, expr: 'flux:resource:stalled'}", "", reported, []pipeline.AlertWithoutMetrics{{"A", []string{"flux:resource:stalled"}}}},
		"an expression that is told of elsewhere":  {"{alert: A, expr: 'sum('}", "", everything(), nil},
		"a metric named by a matcher on its name":  {"{alert: A, expr: '{__name__=\"gotk_suspend_status\"}'}", guideless, everything(), []pipeline.AlertWithoutMetrics{{"A", []string{"gotk_suspend_status"}}}},
		"whatever metric, by a regular expression": {"{alert: A, expr: '{__name__=~\"gotk_.*\"}'}", "", everything(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			spec := "alerts: {additionalGroups: [{name: mine, rules: [" + c.rules + "]}]}\n" + c.rest
			NewWithT(t).Expect(pipeline.AlertsWithoutMetrics(monitoring(t, spec), c.facts)).To(Equal(c.want))
		})
	}
}

func TestWhoEvaluatesTheAlertsAndWhetherAnybodyIsTold(t *testing.T) {
	told, silent, elsewhere, agent := selecting("told", "release", "kps"), selecting("silent", "release", "kps"), selecting("elsewhere", "release", "kps"), selecting("agent", "release", "kps")
	for _, i := range []*selection.Instance{&told, &elsewhere, &agent} {
		i.Alerting, i.Recipients = true, []selection.Recipient{{Namespace: "monitoring", Service: "alertmanager-operated"}}
	}
	elsewhere.Namespace, elsewhere.Rules.Namespaces, agent.Kind = "other", nil, "PrometheusAgent"
	const missing = "Prometheus other/elsewhere: spec.ruleNamespaceSelector is not set, so it only selects objects of its own namespace other, not of monitoring"
	for name, c := range map[string]struct {
		prometheuses []selection.Instance
		want         pipeline.Evaluation
	}{
		"nobody":                             {nil, pipeline.Evaluation{}},
		"one that tells":                     {[]selection.Instance{told}, pipeline.Evaluation{By: []string{"monitoring/told"}, Delivers: true}},
		"one that tells nobody":              {[]selection.Instance{silent}, pipeline.Evaluation{By: []string{"monitoring/silent"}}},
		"two, of which one tells":            {[]selection.Instance{silent, told}, pipeline.Evaluation{By: []string{"monitoring/silent", "monitoring/told"}, Delivers: true}},
		"one that would tell looks away":     {[]selection.Instance{silent, elsewhere}, pipeline.Evaluation{By: []string{"monitoring/silent"}, Missing: []string{missing}}},
		"an agent, which evaluates no rules": {[]selection.Instance{agent}, pipeline.Evaluation{}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			facts := everything()
			facts.Prometheuses = c.prometheuses
			facts.Alertmanagers = []selection.Alertmanager{{Namespace: "monitoring", Name: "main"}}
			objects, err := desired.Objects(monitoring(t, "{}"), facts)
			must(t, err)
			g.Expect(pipeline.EvaluationOf(monitoring(t, "{}"), facts, objects)).To(Equal(c.want))
			g.Expect(pipeline.EvaluationOf(monitoring(t, "{}"), facts, nil)).To(Equal(pipeline.Evaluation{}), "without a PrometheusRule there is nothing to evaluate")
		})
	}
}

func TestWhetherAlertsReachAnAlertmanager(t *testing.T) {
	to := func(name string, services ...string) selection.Instance {
		i := selecting(name, "release", "kps")
		for _, service := range services {
			i.Recipients = append(i.Recipients, selection.Recipient{Namespace: "monitoring", Service: service})
		}
		i.Alerting = true
		return i
	}
	hidden := to("k8s", "alertmanager-operated")
	hidden.HiddenRecipients = true
	main, away := selection.Alertmanager{Namespace: "monitoring", Name: "main"}, selection.Alertmanager{Namespace: "other", Name: "main"}
	mail, stopped, deleting := main, main, main
	mail.Service, stopped.Stopped, deleting.Deleting = "mail", true, true
	const (
		operated = "Prometheus monitoring/k8s sends alerts to Service monitoring/alertmanager-operated"
		none     = operated + ", and namespace monitoring has no Alertmanager object for which prometheus-operator creates it: create one, or " +
			"correct spec.alerting.alertmanagers"
		unnamed = "Prometheus monitoring/k8s sends alerts to Service monitoring/mail, which belongs to no Alertmanager object in namespace " +
			"monitoring: the operator cannot see whether an Alertmanager answers there"
		secret = "Prometheus monitoring/k8s sends alerts to Alertmanagers that a Secret names (spec.additionalAlertManagerConfigs): the " +
			"operator does not read it, so it cannot see whether they exist"
	)
	for name, c := range map[string]struct {
		prometheuses  []selection.Instance
		alertmanagers []selection.Alertmanager
		unserved      bool
		sends         bool
		lost, unsure  []string
	}{
		"by the Service that prometheus-operator makes": {[]selection.Instance{to("k8s", "alertmanager-operated")}, []selection.Alertmanager{main}, false, true, nil, nil},
		"by one that is called like it":                 {[]selection.Instance{to("k8s", "alertmanager-main")}, []selection.Alertmanager{main}, false, true, nil, nil},
		"by one that it names":                          {[]selection.Instance{to("k8s", "mail")}, []selection.Alertmanager{mail}, false, true, nil, nil},
		"not by one that is made for others": {
			[]selection.Instance{to("k8s", "alertmanager-operated")}, []selection.Alertmanager{mail}, false, false, []string{none}, nil},
		"not where there is none": {
			[]selection.Instance{to("k8s", "alertmanager-operated")}, []selection.Alertmanager{away}, false, false, []string{none}, nil},
		"not known where none is served": {[]selection.Instance{to("k8s", "mail")}, nil, true, true, nil, []string{unnamed}},
		"not known of one that is called otherwise": {
			[]selection.Instance{to("k8s", "mail")}, []selection.Alertmanager{main}, false, true, nil, []string{unnamed}},
		"not known where a Secret names others": {[]selection.Instance{hidden}, nil, false, true, []string{none}, []string{secret}},
		"not where it is stopped": {[]selection.Instance{to("k8s", "alertmanager-operated")}, []selection.Alertmanager{stopped}, false, false,
			[]string{operated + " of Alertmanager main: spec.replicas is 0, so nothing of it runs: set it to 1 or more"}, nil},
		"not where it goes": {[]selection.Instance{to("k8s", "alertmanager-operated")}, []selection.Alertmanager{deleting}, false, false,
			[]string{operated + " of Alertmanager main: it is being deleted"}, nil},
		"one of several Services":     {[]selection.Instance{to("k8s", "mail", "alertmanager-main")}, []selection.Alertmanager{main}, false, true, nil, nil},
		"one of several Prometheuses": {[]selection.Instance{to("k8s", "mail"), to("other", "alertmanager-main")}, []selection.Alertmanager{main}, false, true, nil, nil},
		"one of several Alertmanagers": {
			[]selection.Instance{to("k8s", "alertmanager-operated")}, []selection.Alertmanager{stopped, main}, false, true, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			facts := everything()
			facts.Prometheuses, facts.Alertmanagers = c.prometheuses, c.alertmanagers
			facts.Served[kinds.Alertmanager] = !c.unserved
			objects, err := desired.Objects(monitoring(t, "{}"), facts)
			must(t, err)
			e := pipeline.EvaluationOf(monitoring(t, "{}"), facts, objects)
			g.Expect(e.Delivers).To(Equal(c.sends))
			g.Expect(e.Undelivered).To(Equal(c.lost))
			g.Expect(e.Unknown).To(Equal(c.unsure))
		})
	}
}

func TestWhoTellsTheReceiversAndOfWhat(t *testing.T) {
	everywhere := selection.Selectors{Objects: &metav1.LabelSelector{}, Namespaces: &metav1.LabelSelector{}}
	enforcing := selection.Alertmanager{Namespace: "monitoring", Name: "enforcing", Configs: everywhere}
	free := selection.Alertmanager{Namespace: "monitoring", Name: "free", Configs: everywhere, Strategy: "None"}
	whole := selection.Alertmanager{Namespace: "monitoring", Name: "whole", Configuration: "flux"}
	stopped := selection.Alertmanager{Namespace: "monitoring", Name: "stopped", Configs: everywhere, Stopped: true}
	away := selection.Alertmanager{Namespace: "other", Name: "away", Configs: selection.Selectors{Objects: &metav1.LabelSelector{}}}
	const (
		one     = "notifications: {receivers: [{name: a}]}\n"
		missing = "Alertmanager other/away: spec.alertmanagerConfigNamespaceSelector is not set, so it only selects objects of its own namespace other, not of monitoring"
	)
	for name, c := range map[string]struct {
		spec          string
		alertmanagers []selection.Alertmanager
		want          pipeline.Routing
		outside       []string // of which some are told
	}{
		"without receivers":                 {"{}", []selection.Alertmanager{enforcing}, pipeline.Routing{}, nil},
		"with alerts turned off":            {one + "alerts: {enabled: false}", []selection.Alertmanager{enforcing}, pipeline.Routing{}, nil},
		"nobody":                            {one, nil, pipeline.Routing{HasReceivers: true}, nil},
		"one that looks away":               {one, []selection.Alertmanager{away}, pipeline.Routing{HasReceivers: true, Missing: []string{missing}}, nil},
		"one of which nothing runs":         {one, []selection.Alertmanager{stopped}, pipeline.Routing{HasReceivers: true, Missing: []string{"Alertmanager monitoring/stopped: spec.replicas is 0, so nothing of it runs: set it to 1 or more"}}, nil},
		"one that enforces the namespace":   {one, []selection.Alertmanager{enforcing}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing"}}, []string{"ReconciliationFailure"}},
		"one that does not":                 {one, []selection.Alertmanager{enforcing, free}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing", "monitoring/free"}}, nil},
		"one whose whole configuration":     {one, []selection.Alertmanager{whole}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/whole"}}, nil},
		"alerts that are in the namespace":  {one + "alerts: {labels: {namespace: monitoring}}", []selection.Alertmanager{enforcing}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing"}}, nil},
		"a group of the user's that is in":  {one + "alerts: {labels: {namespace: monitoring}, additionalGroups: [{name: a, labels: {namespace: monitoring}, rules: [{alert: Mine, expr: up}]}]}", []selection.Alertmanager{enforcing}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing"}}, nil},
		"a group of the user's that is out": {one + "alerts: {labels: {namespace: monitoring}, additionalGroups: [{name: a, rules: [{alert: Mine, expr: up}, {alert: Silent, expr: up, labels: {severity: info}}]}]}", []selection.Alertmanager{enforcing}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing"}}, []string{"Mine"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			facts := everything()
			facts.Alertmanagers = c.alertmanagers
			fm := monitoring(t, c.spec)
			objects, err := desired.Objects(fm, facts)
			must(t, err)
			got := pipeline.RoutingOf(fm, facts, objects)
			if c.outside == nil {
				g.Expect(got.Unrouted).To(BeEmpty())
			} else {
				g.Expect(got.Unrouted).To(ContainElements(c.outside))
				g.Expect(got.Unrouted).NotTo(ContainElement(BeElementOf("Silent", "FluxResourceSuspended")), "nobody is told of it anyway")
			}
			got.Unrouted = nil
			g.Expect(got).To(Equal(c.want))
		})
	}
}
