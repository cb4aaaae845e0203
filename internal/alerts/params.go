package alerts

import (
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// DefaultRunbookURL is where this project's runbooks are.
const DefaultRunbookURL = "https://github.com/fluxmonitoring/operator/blob/main/docs/runbooks"

// Params is what the rendered groups depend on.
type Params struct {
	// Exposure is what reaches Prometheus; alerts on metrics that do not are left out.
	flux.Exposure
	// Job is the job label of the scraped series: <namespace>/<name> of the PodMonitor. Empty means that the controllers
	// are not scraped by us: alerts on their own metrics are left out, for how others label them is not known.
	Job string
	// StateJob is the job label of the series that tell the state of objects, where they are not the controllers' own. Empty
	// means that it is not known who scrapes them.
	StateJob string
	// ExporterJob is the job label of the exporter's series. If kube-state-metrics exports the state instead, they are left out by
	// it: of a scrape that has ended Prometheus keeps the last samples for minutes.
	ExporterJob string
	// OperatorJob is the job label of the series that this operator exports about itself, and OperatorNamespace the namespace of its pods.
	// Empty means that they are not scraped by us: alerts on the operator are left out.
	OperatorJob, OperatorNamespace string
	// Cluster is put on alerts and recordings as the label cluster. Empty leaves it out.
	Cluster string
	// Labels and Annotations are added to every alert and win over the catalogue's.
	Labels, Annotations map[string]string
	// RunbookURL is the base of each alert's runbook_url. Empty means DefaultRunbookURL.
	RunbookURL string
	// DashboardURL is the address of the dashboard about one object, with no variable of the object. Empty means that there is none.
	DashboardURL string
	// FluxOperatorURL is the address of flux-operator's web UI. Empty means that it is not known.
	FluxOperatorURL string
	// Waits are the longest interval, timeout and interval between retries in use, by kind. Windows follow them. A kind that is
	// missing has no object that is not suspended; nil is that nothing is known of any.
	Waits map[string]flux.ReconcileTimings
	// Objective is how many objects of a hundred should not fail. 0 is none: there are no alerts about the error budget.
	Objective float64
	// RuleFile begins the name of the file in which Prometheus has the rules: <namespace>-<name> of the PrometheusRule. Empty means that it is
	// not known: alerts on the rules themselves are left out.
	RuleFile string
	// Notified is who is notified of the alerts; nobody without integrations.
	Notified Notified
	// Heartbeat are the labels by which Alertmanager routes the heartbeat, which nothing else replaces. Nil is that there is no heartbeat.
	Heartbeat map[string]string
	// Overrides change single alerts and win over all else.
	Overrides []Override
	// component that a per-controller alert is being rendered for.
	component string
}

// Notified is who is notified, as the metrics of Alertmanager name them.
type Notified struct {
	// Prefix begins the name of each receiver: <namespace>/<name>/ of the AlertmanagerConfig.
	Prefix string
	// Integrations are the ways in which they are notified, such as slack, and Namespaces those of the Alertmanagers; none if not known.
	Integrations, Namespaces []string
}

// Override changes one alert of the catalogue. What is empty stays as the catalogue has it.
type Override struct {
	// Name of the alert.
	Name string
	// Enabled false leaves the alert out.
	Enabled *bool
	// For and KeepFiringFor replace how long the alert's expression must hold, and how long it fires on after.
	For, KeepFiringFor *monitoringv1.Duration
	// Severity replaces the label severity. It may be any value the user's routes know.
	Severity string
	// Threshold replaces the number the alert's query is compared with.
	Threshold string
	// Labels and Annotations are added to the alert.
	Labels, Annotations map[string]string
}

// overridesOf returns the overrides of one alert, in order.
func (p Params) overridesOf(name string) []Override {
	var own []Override
	for _, o := range p.Overrides {
		if o.Name == name {
			own = append(own, o)
		}
	}
	return own
}

// disables reports whether the alert is to be left out.
func (p Params) disables(name string) bool {
	disabled := false
	for _, o := range p.overridesOf(name) {
		if o.Enabled != nil {
			disabled = !*o.Enabled
		}
	}
	return disabled
}

// Runbook returns the address of an alert's runbook.
func (p Params) Runbook(name string) string {
	base := p.RunbookURL
	if base == "" {
		base = DefaultRunbookURL
	}
	return strings.TrimRight(base, "/") + "/" + name + ".md"
}

// each returns the params of every controller that exposes the metrics, each label app once.
func (p Params) each(metrics []string) []Params {
	var controllers []Params
	for i, c := range p.Flux.Controllers {
		own := p
		own.Flux.Controllers, own.component = p.Flux.Controllers[i:i+1], c.Component
		first := slices.IndexFunc(p.Flux.Controllers, func(other flux.Controller) bool { return other.App == c.App }) == i
		if c.App != "" && first && !slices.ContainsFunc(metrics, func(metric string) bool { return !own.Exposes(metric) }) {
			controllers = append(controllers, own)
		}
	}
	return controllers
}
