package pipeline_test

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/test/golden"
)

func TestUsersAlertsOnMetricsThatAreNotExportedAreFound(t *testing.T) {
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
		"the metric of the guide's alert":          {"{alert: A, expr: gotk_reconcile_condition}", "", everything(), nil},
		"the same where it is turned off":          {"{alert: A, expr: gotk_reconcile_condition}", guideless, everything(), []pipeline.AlertWithoutMetrics{{"A", []string{"gotk_reconcile_condition"}}}},
		"the same where flux-operator reports":     {"{alert: A, expr: gotk_reconcile_condition}", "", reported, []pipeline.AlertWithoutMetrics{{"A", []string{"gotk_reconcile_condition"}}}},
		"what is recorded of flux-operator's":      {"{alert: A, expr: 'flux:resource:not_ready'}", "", reported, nil},
		"what is not recorded of flux-operator's":  {"{alert: A, expr: 'flux:resource:stalled'}", "", reported, []pipeline.AlertWithoutMetrics{{"A", []string{"flux:resource:stalled"}}}},
		"an expression that does not parse":        {"{alert: A, expr: 'sum('}", "", everything(), nil},
		"a metric named by a matcher on its name":  {"{alert: A, expr: '{__name__=\"gotk_suspend_status\"}'}", guideless, everything(), []pipeline.AlertWithoutMetrics{{"A", []string{"gotk_suspend_status"}}}},
		"whatever metric, by a regular expression": {"{alert: A, expr: '{__name__=~\"gotk_.*\"}'}", "", everything(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			spec := "alerts: {additionalGroups: [{name: mine, rules: [" + c.rules + "]}]}\n" + c.rest
			NewWithT(t).Expect(pipeline.AlertsWithoutMetrics(monitoring(t, spec), c.facts)).To(Equal(c.want))
		})
	}
}

func TestDeliveriesOfAlertsMatchTheGoldenFile(t *testing.T) {
	to := func(name string, services ...string) selection.Instance {
		i := selecting(name, "release", "kps")
		i.Alerting = true
		for _, service := range services {
			i.Recipients = append(i.Recipients, selection.Recipient{Namespace: "monitoring", Service: service})
		}
		return i
	}
	operated, byName, mailing := to("k8s", "alertmanager-operated"), to("k8s", "alertmanager-main"), to("k8s", "mail")
	silent, hidden, elsewhere, agent := selecting("silent", "release", "kps"), operated, operated, operated
	hidden.HiddenRecipients, elsewhere.Namespace, elsewhere.Rules.Namespaces, agent.Kind = true, "other", nil, "PrometheusAgent"
	main, away := selection.Alertmanager{Namespace: "monitoring", Name: "main"}, selection.Alertmanager{Namespace: "other", Name: "main"}
	mail, stopped, deleting := main, main, main
	mail.Service, stopped.Stopped, deleting.Deleting = "mail", true, true
	type (
		instances     = []selection.Instance
		alertmanagers = []selection.Alertmanager
	)
	evaluations := map[string]pipeline.Evaluation{}
	for name, c := range map[string]struct {
		prometheuses  instances
		alertmanagers alertmanagers
		unserved      bool
	}{
		"no Prometheus":                       {nil, alertmanagers{main}, false},
		"one that has no Alertmanager":        {instances{silent}, alertmanagers{main}, false},
		"one of two that has an Alertmanager": {instances{silent, operated}, alertmanagers{main}, false},
		"one that does not select the rules":  {instances{silent, elsewhere}, alertmanagers{main}, false},
		"an agent, which evaluates no rules":  {instances{agent}, alertmanagers{main}, false},

		"the Service of prometheus-operator":             {instances{operated}, alertmanagers{main}, false},
		"a Service with the name of the Alertmanager":    {instances{byName}, alertmanagers{main}, false},
		"the Service that the Alertmanager names":        {instances{mailing}, alertmanagers{mail}, false},
		"the Service of another Alertmanager":            {instances{operated}, alertmanagers{mail}, false},
		"an Alertmanager in another namespace":           {instances{operated}, alertmanagers{away}, false},
		"no Alertmanagers are served":                    {instances{mailing}, nil, true},
		"a Service of another name":                      {instances{mailing}, alertmanagers{main}, false},
		"Alertmanagers in a Secret":                      {instances{hidden}, nil, false},
		"an Alertmanager without replicas":               {instances{operated}, alertmanagers{stopped}, false},
		"an Alertmanager that is being deleted":          {instances{operated}, alertmanagers{deleting}, false},
		"one of several Services":                        {instances{to("k8s", "mail", "alertmanager-main")}, alertmanagers{main}, false},
		"one of several Prometheus instances":            {instances{mailing, to("other", "alertmanager-main")}, alertmanagers{main}, false},
		"one of several Alertmanagers of the same names": {instances{operated}, alertmanagers{stopped, main}, false},
	} {
		facts := everything()
		facts.Prometheuses, facts.Alertmanagers = c.prometheuses, c.alertmanagers
		facts.Served[kinds.Alertmanager] = !c.unserved
		fm, objects := build(t, "{}", facts)
		evaluations[name] = pipeline.EvaluationOf(fm, facts, objects)
		NewWithT(t).Expect(pipeline.EvaluationOf(fm, facts, nil)).To(Equal(pipeline.Evaluation{}), "without a PrometheusRule there is nothing to evaluate")
	}
	golden.YAML(t, "testdata/deliveries.yaml", evaluations)
}

func TestAlertmanagersThatNotifyTheReceivers(t *testing.T) {
	everywhere := selection.Selectors{Objects: &metav1.LabelSelector{}, Namespaces: &metav1.LabelSelector{}}
	enforcing := selection.Alertmanager{Namespace: "monitoring", Name: "enforcing", Configs: everywhere}
	free := selection.Alertmanager{Namespace: "monitoring", Name: "free", Configs: everywhere, Strategy: "None"}
	whole := selection.Alertmanager{Namespace: "monitoring", Name: "whole", Configuration: "flux"}
	stopped := selection.Alertmanager{Namespace: "monitoring", Name: "stopped", Configs: everywhere, Stopped: true}
	away := selection.Alertmanager{Namespace: "other", Name: "away", Configs: selection.Selectors{Objects: &metav1.LabelSelector{}}}
	const (
		one     = "notifications: {receivers: [{name: a}]}\n"
		beat    = "notifications: {heartbeat: {urlSecretRef: {name: a, key: url}}}\n"
		missing = "Alertmanager other/away: spec.alertmanagerConfigNamespaceSelector is not set, so it does not select namespace monitoring"
	)
	for name, c := range map[string]struct {
		spec          string
		alertmanagers []selection.Alertmanager
		want          pipeline.Routing
		unrouted      []string // some of them
	}{
		"without receivers":                       {"{}", []selection.Alertmanager{enforcing}, pipeline.Routing{}, nil},
		"with alerts turned off":                  {one + "alerts: {enabled: false}", []selection.Alertmanager{enforcing}, pipeline.Routing{}, nil},
		"a heartbeat, which is routed everywhere": {beat + "alerts: {additionalGroups: [{name: a, rules: [{alert: Mine, expr: up}]}]}", []selection.Alertmanager{enforcing}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing"}}, nil},
		"a heartbeat that nobody sends":           {beat, nil, pipeline.Routing{HasReceivers: true}, nil},
		"a heartbeat with alerts turned off":      {beat + "alerts: {enabled: false}", []selection.Alertmanager{enforcing}, pipeline.Routing{}, nil},
		"nobody":                                  {one, nil, pipeline.Routing{HasReceivers: true}, nil},
		"one that does not select it":             {one, []selection.Alertmanager{away}, pipeline.Routing{HasReceivers: true, Missing: []string{missing}}, nil},
		"one of which nothing runs":               {one, []selection.Alertmanager{stopped}, pipeline.Routing{HasReceivers: true, Missing: []string{"Alertmanager monitoring/stopped: spec.replicas is 0, so nothing of it runs: set it to 1 or more"}}, nil},
		"one that enforces the namespace":         {one, []selection.Alertmanager{enforcing}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing"}}, []string{"ReconciliationFailure"}},
		"one that does not":                       {one, []selection.Alertmanager{enforcing, free}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing", "monitoring/free"}}, nil},
		"one whose whole configuration":           {one, []selection.Alertmanager{whole}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/whole"}}, nil},
		"alerts that are in the namespace":        {one + "alerts: {labels: {namespace: monitoring}}", []selection.Alertmanager{enforcing}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing"}}, nil},
		"a group of the user's that is in":        {one + "alerts: {labels: {namespace: monitoring}, additionalGroups: [{name: a, labels: {namespace: monitoring}, rules: [{alert: Mine, expr: up}]}]}", []selection.Alertmanager{enforcing}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing"}}, nil},
		"a group of the user's that is out":       {one + "alerts: {labels: {namespace: monitoring}, additionalGroups: [{name: a, rules: [{alert: Mine, expr: up}, {alert: Silent, expr: up, labels: {severity: info}}]}]}", []selection.Alertmanager{enforcing}, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/enforcing"}}, []string{"Mine"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			facts := everything()
			facts.Alertmanagers = c.alertmanagers
			fm, objects := build(t, c.spec, facts)
			got := pipeline.RoutingOf(fm, facts, objects)
			if c.unrouted == nil {
				g.Expect(got.Unrouted).To(BeEmpty())
			} else {
				g.Expect(got.Unrouted).To(ContainElements(c.unrouted))
				g.Expect(got.Unrouted).NotTo(ContainElement(BeElementOf("Silent", "FluxResourceSuspended")), "no receiver is notified of it")
			}
			got.Unrouted = nil
			g.Expect(got).To(Equal(c.want))
		})
	}
}
