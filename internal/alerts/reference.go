package alerts

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// introduction and change are the prose of the reference, with two quotation marks for each of Markdown's of code.
const (
	introduction = `# Alerts

<!-- Written from the catalogue by: go test ./internal/alerts -run Reference -update -->

The tables list every alert with its defaults. The runbook of an alert says what the alert means and what to do. The operator generates an alert
only if the cluster has its metrics. It always generates ReconciliationFailure.

- *State from* lists the metrics sources (''status.resourceMetrics.source'') with which the alert exists. ''-'' means that the alert uses metrics of
  Flux's controllers or of the operator, which exist with every metrics source. The metrics source ''Controllers'' has the state of objects until
  Flux 2.4, of HelmReleases until Flux 2.1, and never of image automation.
- *Since* is the first Flux 2 that exports the metrics.
- *For* begins when an object fails, and the retries of the object do not restart it. An object that progresses has its own timeout before that.
  The timeout begins when its controller begins to work on it. Only the metrics source ''Exporter'' has that timeout. With the others, it is the
  longest timeout of the kind, up to two hours.
- *Threshold* is the number with which the alert compares its value: a share (0.2 is 20 %), a count, or seconds. The runbook says which.
- The alerts of the group FluxErrorBudget exist only if ''spec.alerts.errorBudget'' is set. The error budget is the share of objects that
  may fail: with an objective of 99.5 % it is 0.5 %. The operator omits an alert whose threshold would be 100 % of the objects or more.
- FluxMonitoringHeartbeat exists only with ''spec.notifications.heartbeat'' and always fires: see [the heartbeat](how-to/heartbeat.md).
  The next three alerts of its group use metrics that Prometheus and Alertmanager export about themselves. Without these metrics, they do not fire.
- A group has at most 20 rules, the limit of Mimir and Grafana Cloud. FluxControllerDown and FluxControllerNotReconciling have a rule for each
  controller and each of its shards, in a group of its own, such as ''FluxControlPlane-source-controller''. The operator does not split your
  own groups.
- An alert about an object has the labels ''kind'', ''exported_namespace'' and ''name'' of the object. Its label ''namespace'' is also the namespace
  of the object, so that routes can send it to the owner of the namespace.
- The annotation ''dashboard_url'' of an alert about an object opens the dashboard Flux Resource on the object, if the operator generates that
  dashboard. With ''spec.alerts.fluxOperatorURL'', the annotation ''flux_operator_url'' opens the object in flux-operator's web UI.
`
	change = `
## Changing an alert

''spec.alerts.overrides'' of the FluxMonitoring changes an alert by its name. Omitted fields keep their defaults. A threshold is a number in quotes.
Only alerts that have a threshold accept one. [All fields](spec/fluxmonitoring.md#alerts).

~~~yaml
spec:
  alerts:
    overrides:
    - {name: FluxManyResourcesNotReady, for: 20m, threshold: "0.5"}
~~~
`
	inhibited = `
## Which alert inhibits which

Alertmanager inhibits the alert of a row while the alert of a column fires. It does so only if ''spec.notifications'' has receivers, because
these inhibitions are in the AlertmanagerConfig. A cell says what the two alerts must have in common, besides the cluster:

- *cluster*: nothing else.
- *object*: they are about the same object.
- *source*: the alert of the column is about the source of the object.
- *controller*: they are about the same controller.
- *its controller*: the alert of the column is about the controller that reconciles the object.
- *source-controller*: the alert of the column is about source-controller.

`
)

// recordingsInWords says what each recorded series has.
var recordingsInWords = map[string]string{
	flux.RecordedObserved: "One series for each cluster, while its metrics source exports.",
	flux.RecordedState: "The state of each object: 0 ready, 1 suspended, 2 waiting, 3 not ready, 4 failing, 5 stalled. With Exporter and " +
		"KubeStateMetrics, its labels name the source of each object that is not ready. The other series are based on this one.",
	flux.RecordedReady: "The objects that are ready and not suspended.",
	flux.RecordedNotReady: "The objects whose condition Ready is False or Unknown and that are not suspended. With Exporter and " +
		"KubeStateMetrics, its labels name the source of each object.",
	flux.RecordedWaiting:       "The objects that wait for a dependency.",
	flux.RecordedNotReadySince: "Unix time in seconds at which an object stopped being ready. Waiting objects have none.",
	flux.RecordedDeadline: "Unix time in seconds until which an object that is not ready can progress. If the object has failed since it was ready, " +
		"the time is in the past. Waiting objects have none.",
	flux.RecordedSuspended:      "The suspended objects.",
	flux.RecordedSuspendedSince: "Unix time in seconds at which a suspended object was first seen suspended.",
	flux.RecordedStalled:        "The objects that are stalled and not suspended.",
	flux.RecordedFailing:        "The objects whose condition Ready became False, but not because of a dependency, until they are ready again.",
	flux.RecordedBehind:         "The ready Kustomizations at another revision than their source, which is ready too.",
	flux.RecordedCount:          "The number of objects that are not suspended.",
	flux.RecordedFailingRatio:   "The share of failing objects among those that are not suspended.",

	flux.RecordedObjects:     "The number of objects that were reconciled, by kind and namespace.",
	flux.RecordedRate:        "Reconciliations per second, by kind and namespace.",
	flux.RecordedSecondsRate: "Seconds of reconciliation per second, by kind and namespace.",
	flux.RecordedSlowest:     "Mean seconds of a reconciliation within an hour, of the twenty slowest objects of each kind.",
}

var stateSources = []flux.StateSource{flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport, flux.Controllers}

// Reference is the page people look alerts up on, in Markdown: the alerts by group, the recordings, which alert mutes which,
// and how to change one. The same catalogue gives the same bytes. Links are relative to the folder docs.
func Reference() string {
	page := introduction
	for i, a := range catalogue {
		if !slices.ContainsFunc(catalogue[:i], func(earlier alert) bool { return earlier.group == a.group }) {
			page += "\n## " + a.group + "\n\n" + tableOf(a.group)
		}
	}
	page += "\n## Recording rules\n\nIf the metrics source exports nothing, the recording rules repeat the last state of objects for five minutes.\n\n" +
		tableOfRecordings() + inhibited + tableOfInhibitions()
	return strings.ReplaceAll(page+change, "''", "`")
}

// row is a line of a table.
func row(cells ...string) string {
	line := "|"
	for _, cell := range cells {
		line += " " + strings.ReplaceAll(cell, "|", `\|`) + " |"
	}
	return line + "\n"
}

func tableOf(group string) string {
	table := row("alert", "severity", "for", "keeps firing", "threshold", "meaning", "state from", "since") + strings.Repeat("|---", 8) + "|\n"
	for _, a := range catalogue {
		if a.group == group {
			table += row(fmt.Sprintf("[%s](runbooks/%s.md)", a.name, a.name), string(a.severity), cmp.Or(a.pendingFor, "-"), cmp.Or(a.keepFiringFor, "-"),
				a.threshold(), a.meaning(), a.stateFrom(), a.since())
		}
	}
	return table
}

func tableOfRecordings() string {
	table := row("series", "has", "state from") + strings.Repeat("|---", 3) + "|\n"
	for _, name := range slices.Concat(flux.Exporter.Records(), flux.WorkRecords()) {
		from := fromWhich(func(s flux.StateSource) bool { return slices.Contains(s.Records(), name) })
		table += row("''"+name+"''", recordingsInWords[name], from)
	}
	return table
}

// tableOfInhibitions has a row for each alert that another one inhibits, and a column for each that does, in the order of the catalogue.
func tableOfInhibitions() string {
	common := map[[2]string][]string{} // by the alerts of row and column
	inhibits, isInhibited := map[string]bool{}, map[string]bool{}
	for _, i := range Inhibitions() {
		for _, source := range alertsOf(i.Source) {
			for _, target := range alertsOf(i.Target) {
				pair := [2]string{target, source}
				if word := i.common().word; !slices.Contains(common[pair], word) {
					common[pair] = append(common[pair], word)
				}
				inhibits[source], isInhibited[target] = true, true
			}
		}
	}
	header := []string{"inhibited"}
	for _, a := range catalogue {
		if inhibits[a.name] {
			header = append(header, a.name)
		}
	}
	table := row(header...) + strings.Repeat("|---", len(header)) + "|\n"
	for _, a := range catalogue {
		if isInhibited[a.name] {
			cells := []string{a.name}
			for _, source := range header[1:] {
				cells = append(cells, strings.Join(common[[2]string{a.name, source}], ", "))
			}
			table += row(cells...)
		}
	}
	return table
}

// fromWhich lists the sources that are so.
func fromWhich(is func(flux.StateSource) bool) string {
	var names []string
	for _, s := range stateSources {
		if is(s) {
			names = append(names, string(s))
		}
	}
	return cmp.Or(strings.Join(names, ", "), "-")
}

// taking is the alert where all objects take that long for everything.
func (a alert) taking(wait time.Duration) alert {
	p := Params{component: flux.KustomizeController, Waits: map[string]flux.ReconcileTimings{}}
	for _, k := range flux.Kinds() {
		p.Waits[k.Name] = flux.ReconcileTimings{Interval: wait, Timeout: wait, Retry: wait}
	}
	if a.tune == nil {
		return a
	}
	return a.tune(a, p)
}

func (a alert) threshold() string {
	if a.limit == nil {
		return "-"
	}
	text := strings.TrimPrefix(a.overLimit(query.New("value")).String(), "value ")
	if a.taking(24*time.Hour).slack != nil {
		text += ", or the longest timeout of the kind"
	}
	if a.ofBudget {
		text += " times the error budget"
	}
	if a.among != "" {
		text += ", " + a.among
	}
	return text
}

var labelInWords = regexp.MustCompile(`{{ *\$labels\.(\w+) *}}`)

// meaning is the summary, which alerts suppress the alert, and how far back it looks if that depends on the objects.
func (a alert) meaning() string {
	text := labelInWords.ReplaceAllString(a.summary, "''<$1>''")
	for i, s := range a.suppressedBy {
		text += []string{" Not for objects of ", " or "}[min(i, 1)] + s.by
	}
	if len(a.suppressedBy) > 0 {
		text += "."
	}
	if a.taking(time.Second).query.String() != a.taking(24*time.Hour).query.String() {
		text += fmt.Sprintf(" The alert looks back twice the longest interval, at least %s; or %s if no interval is known. "+
			"There is no rule if the interval is longer than %s.",
			written(shortestNoReconcileWindow), written(noReconcileWindow), written(longestNoReconcileWindow/2))
	}
	return text
}

// on is all of a Flux of a version, and a source of its objects' state.
func on(version string, source flux.StateSource) Params {
	p := Params{Exposure: flux.Exposure{Flux: flux.Installation{Version: version}, State: source}, OperatorJob: "monitoring/flux-fluxmonitoring"}
	for _, c := range flux.Components() {
		p.Flux.Controllers = append(p.Flux.Controllers, flux.Controller{Name: c, App: c, Component: c})
	}
	return p
}

// stateFrom lists the sources of state with which there is the alert; none where it needs no source.
func (a alert) stateFrom() string {
	unaided := a.effective(on(flux.CurrentRelease, ""))
	return fromWhich(func(s flux.StateSource) bool { return !unaided && a.effective(on("v2.0.0", s)) })
}

// since is the first Flux on which there is the alert, whatever the metrics source.
func (a alert) since() string {
	minor := 0
	for minor < 100 && !a.effective(on(fmt.Sprintf("v2.%d.0", minor), flux.Exporter)) {
		minor++
	}
	return fmt.Sprintf("2.%d", minor)
}

// listed puts values into words: a, b or c, each as code.
func listed(values []string, conjunction string) string {
	words := "''" + strings.Join(values, "'', ''") + "''"
	if last := strings.LastIndex(words, ", "); last >= 0 {
		words = words[:last] + " " + conjunction + words[last+1:]
	}
	return words
}
