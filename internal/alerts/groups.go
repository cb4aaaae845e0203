package alerts

import (
	"maps"
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/prometheus/model/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// The names of the groups of recordings: of the state of objects, and of the work of the controllers. What is recorded of work is
// for dashboards alone, so once a minute will do.
const (
	RecordingGroup     = "FluxResources"
	WorkRecordingGroup = "FluxReconciliations"

	workInterval = monitoringv1.Duration("1m")
)

// Groups returns the rule groups for an installation: the recordings, then the alerts whose metrics are exposed. The
// alert of Flux's guide is always among them; Ineffective names it when it cannot fire. The same Params give the same
// groups. The error is a *ConfigurationError.
func Groups(p Params) ([]monitoringv1.RuleGroup, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	groups := Recordings(p)
	for _, name := range []string{GuideGroup, ResourceGroup, ControlPlaneGroup, MonitoringGroup, BudgetGroup} {
		groups = append(groups, groupsOf(name, p)...)
	}
	return groups, nil
}

// groupsOf returns the group of a name, with the rules there is one of, and a group for each controller, with the rules that each has. So no
// group grows with the number of controllers, and a controller that comes or goes leaves the groups of the others as they are: rules
// that move to another group lose their clocks.
func groupsOf(name string, p Params) []monitoringv1.RuleGroup {
	rules, own := rulesOf(name, p)
	var groups []monitoringv1.RuleGroup
	if len(rules) > 0 {
		groups = append(groups, monitoringv1.RuleGroup{Name: name, Rules: rules})
	}
	for _, app := range slices.Sorted(maps.Keys(own)) {
		groups = append(groups, monitoringv1.RuleGroup{Name: name + "-" + app, Rules: own[app]})
	}
	return groups
}

// Recordings returns the groups of recordings alone, which dashboards stand on as well as alerts do.
func Recordings(p Params) []monitoringv1.RuleGroup {
	var groups []monitoringv1.RuleGroup
	if len(p.Recorded()) > 0 {
		rules := recorded(p, query.Recordings(p.State, p.Cluster, p.timeouts(), stateScope(p)...))
		groups = append(groups, monitoringv1.RuleGroup{Name: RecordingGroup, Rules: rules})
	}
	if p.Exposes(flux.RecordedRate) {
		scope := []*labels.Matcher{query.Origin(p.Job, p.Flux.Namespace)}
		if p.Cluster != "" {
			scope = append(scope, query.Of(p.Cluster))
		}
		interval := workInterval
		groups = append(groups, monitoringv1.RuleGroup{
			Name: WorkRecordingGroup, Interval: &interval, Rules: recorded(p, query.WorkRecordings(scope...)),
		})
	}
	return groups
}

// recorded are rules that record what they alone know the origin of. They give it the cluster, if it has a name.
func recorded(p Params, recordings []query.Recording) []monitoringv1.Rule {
	rules := make([]monitoringv1.Rule, 0, len(recordings))
	for _, r := range recordings {
		rule := monitoringv1.Rule{Record: r.Name, Expr: intstr.FromString(r.Query.String())}
		if p.Cluster != "" {
			rule.Labels = map[string]string{flux.LabelCluster: p.Cluster}
		}
		rules = append(rules, rule)
	}
	return rules
}

// stateScope returns the matchers that keep the recordings to the metrics source of this installation.
func stateScope(p Params) []*labels.Matcher {
	var matchers []*labels.Matcher
	switch {
	case p.State == flux.Controllers:
		matchers = append(matchers, query.Origin(p.Job, p.Flux.Namespace))
	case p.StateJob != "":
		matchers = append(matchers, query.Is(flux.LabelJob, p.StateJob))
	case p.State == flux.KubeStateMetrics && p.ExporterJob != "":
		matchers = append(matchers, query.IsNot(flux.LabelJob, p.ExporterJob))
	}
	if p.Cluster != "" {
		matchers = append(matchers, query.Of(p.Cluster))
	}
	return matchers
}

// rulesOf returns the rules of one group's alerts: those there is one of, and those that each controller has, by its label app.
func rulesOf(group string, p Params) (rules []monitoringv1.Rule, own map[string][]monitoringv1.Rule) {
	own = map[string][]monitoringv1.Rule{}
	for _, a := range catalogue {
		switch {
		case a.group != group || !a.isEnabled(p):
		case a.perController:
			a.perControllerRules(p, own)
		case a.ofInstallation:
			rules = append(rules, rule(a.about(map[string]string{flux.LabelNamespace: p.Flux.Namespace}), p))
		case a.ofOperator:
			rules = append(rules, rule(a.about(map[string]string{flux.LabelNamespace: p.OperatorNamespace}), p))
		default:
			rules = append(rules, rule(a, p))
		}
	}
	return rules, own
}

// perControllerRules adds the alert's rule for each controller to those that the controller has.
func (a alert) perControllerRules(p Params, own map[string][]monitoringv1.Rule) {
	for _, one := range p.each(a.query.Metrics()) {
		if a.enabledFor != nil && !a.enabledFor(one) {
			continue
		}
		app := one.Flux.Controllers[0].App
		about := a.about(map[string]string{flux.LabelApp: app, flux.LabelNamespace: p.Flux.Namespace})
		own[app] = append(own[app], rule(about, one, query.Is(flux.LabelApp, app)))
	}
}

// Thresholds returns the number from which, or above which, each alert fires that has such a number, and the query that it compares, by
// the alert's name: for panels to ask and to draw. One that has several numbers is not among them: of no line could be said that it fires
// there. No panel shows the metrics of Prometheus and Alertmanager. Params are taken as Groups takes them; what is wrong with them is not for here.
func Thresholds(p Params) map[string]query.Limit {
	thresholds := map[string]query.Limit{}
	for _, a := range catalogue {
		if configured := a.configured(p); configured.limit != nil && configured.slack == nil && !a.ofStack && a.isEnabled(p) {
			thresholds[a.name] = query.Limit{Query: configured.query, Value: configured.limit.value}
		}
	}
	return thresholds
}
