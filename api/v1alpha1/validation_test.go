package v1alpha1_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// prefix is what every refusal begins with.
const prefix = `FluxMonitoring.fluxmonitoring.dev "flux" is invalid: `

func TestABadSpecIsRefusedWithWhatToWriteInstead(t *testing.T) {
	const (
		duration     = `must be a duration such as 90s, 15m or 1d12h: whole numbers with the units y, w, d, h, m, s and ms, the largest unit first`
		timeout      = `spec.scrape.timeout: Invalid value: timeout must not be above interval: lower timeout or raise interval`
		namespace    = `flux.namespace must be a namespace's name: lower-case letters, digits and '-', such as flux-system`
		runbooks     = `runbookURL must be an http or https URL, such as https://runbooks.example.com/flux, or empty`
		account      = `serviceAccountName must be a ServiceAccount's name, without its namespace: lower-case letters, digits, '-' and '.', such as flux-monitoring`
		anyNamespace = `must be a namespace's name: lower-case letters, digits and '-', such as shop`
		expression   = `an expression's operator must be In or NotIn with values, or Exists or DoesNotExist without`

		objectiveFault  = `objective must be a percentage above 0 and below 100 with up to four decimals, such as 99.5`
		grafanaOperator = `instanceSelector and allowCrossNamespaceImport are for grafana-operator: set format to GrafanaDashboard, or remove them`
	)
	for name, c := range map[string]struct{ spec, message string }{
		"an interval that is no duration": {"interval: soon", `spec.interval: Invalid value: "soon": ` + duration},
		"an interval with a fraction":     {"interval: 1.5h", `spec.interval: Invalid value: "1.5h": ` + duration},
		"an interval in the wrong order":  {"interval: 30s1m", `spec.interval: Invalid value: "30s1m": ` + duration},
		"an empty interval":               {`interval: ""`, `spec.interval: Invalid value: "": ` + duration},
		"an interval beyond all time":     {"interval: 9999999h", `spec.interval: Invalid value: "9999999h": ` + duration},
		"an interval below ten seconds":   {"interval: 9999ms", `spec.interval: Invalid value: "9999ms": interval must be at least 10s`},
		"an interval of zero":             {`interval: "0"`, `spec.interval: Invalid value: "0": interval must be at least 10s`},
		"an interval of zero days":        {"interval: 0d", `spec.interval: Invalid value: "0d": interval must be at least 10s`},

		"a scrape interval that is no duration": {"scrape: {interval: often}", `spec.scrape.interval: Invalid value: "often": ` + duration},
		"a scrape interval of nothing":          {"scrape: {interval: 0s}", `spec.scrape.interval: Invalid value: "0s": interval must be above zero`},
		"a scrape interval with a fraction":     {"scrape: {interval: 1.5s}", `spec.scrape.interval: Invalid value: "1.5s": ` + duration},
		"a scrape interval beyond all time":     {"scrape: {interval: 99999999999h}", `spec.scrape.interval: Invalid value: "99999999999h": ` + duration},
		"a scrape timeout that is no duration":  {"scrape: {timeout: fast}", `spec.scrape.timeout: Invalid value: "fast": ` + duration},
		"a scrape timeout of nothing":           {`scrape: {timeout: "0"}`, `spec.scrape.timeout: Invalid value: "0": timeout must be above zero`},
		"a scrape timeout above the interval":   {"scrape: {interval: 1m, timeout: 60001ms}", timeout},
		"a scrape timeout above the default":    {"scrape: {timeout: 31s}", timeout},

		"a dashboard of no such name": {
			"dashboards: {include: [Flux_Cluster]}",
			`spec.dashboards.include[0]: Invalid value: "Flux_Cluster": spec.dashboards.include[0] in body should match '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'`,
		},
		"a format that is not known": {
			"dashboards: {format: Secret}", `spec.dashboards.format: Unsupported value: "Secret": supported values: "ConfigMap", "GrafanaDashboard"`,
		},
		"a selector of Grafanas for ConfigMaps": {
			"dashboards: {instanceSelector: {}}", `spec.dashboards.format: Invalid value: ` + grafanaOperator,
		},
		"an import across namespaces for ConfigMaps": {
			"dashboards: {format: ConfigMap, allowCrossNamespaceImport: false}", `spec.dashboards.format: Invalid value: ` + grafanaOperator,
		},
		"a selector of Grafanas with an operator that does not exist": {
			"dashboards: {format: GrafanaDashboard, instanceSelector: {matchExpressions: [{key: a, operator: Within, values: [b]}]}}",
			`spec.dashboards.instanceSelector: Invalid value: ` + expression,
		},
		"an alert of no such name": {
			"alerts: {overrides: [{name: 'Flux Controller'}]}",
			`spec.alerts.overrides[0].name: Invalid value: "Flux Controller": spec.alerts.overrides[0].name in body should match '^[A-Za-z_][A-Za-z0-9_]*$'`,
		},
		"an objective of nothing":      {objective(`"0"`), `spec.alerts.errorBudget.objective: Invalid value: "0": ` + objectiveFault},
		"an objective of all":          {objective(`"100"`), `spec.alerts.errorBudget.objective: Invalid value: "100": ` + objectiveFault},
		"an objective with its unit":   {objective(`"99%"`), `spec.alerts.errorBudget.objective: Invalid value: "99%": ` + objectiveFault},
		"an error budget without one":  {"alerts: {errorBudget: {}}", `spec.alerts.errorBudget.objective: Required value`},
		"an objective that is no text": {objective("99.5"), `spec.alerts.errorBudget.objective: Invalid value: "number": spec.alerts.errorBudget.objective in body must be of type string: "number"`},
		"an alert without a name":      {"alerts: {overrides: [{for: 5m}]}", `spec.alerts.overrides[0].name: Required value`},
		"an alert twice": {
			"alerts: {overrides: [{name: FluxControllerDown}, {name: FluxControllerDown}]}",
			`spec.alerts.overrides[1]: Duplicate value: {"name":"FluxControllerDown"}`,
		},
		"a time that is no duration":   {rule("for: soon"), `spec.alerts.overrides[0].for: Invalid value: "soon": ` + duration},
		"a time in the wrong order":    {rule("for: 1m1d"), `spec.alerts.overrides[0].for: Invalid value: "1m1d": ` + duration},
		"a time below zero":            {rule("keepFiringFor: -1m"), `spec.alerts.overrides[0].keepFiringFor: Invalid value: "-1m": ` + duration},
		"a severity that is not known": {rule("severity: page"), `spec.alerts.overrides[0].severity: Unsupported value: "page": supported values: "critical", "warning", "info"`},
		"a threshold in per cent":      {rule("threshold: 90%"), `spec.alerts.overrides[0].threshold: Invalid value: "90%": threshold must be a number, such as 0.9 or 3600`},

		"runbooks that are no URL":           {"alerts: {runbookURL: runbooks}", `spec.alerts.runbookURL: Invalid value: "runbooks": ` + runbooks},
		"runbooks at a path alone":           {"alerts: {runbookURL: /runbooks}", `spec.alerts.runbookURL: Invalid value: "/runbooks": ` + runbooks},
		"runbooks that a browser would run":  {"alerts: {runbookURL: 'javascript:alert(1)'}", `spec.alerts.runbookURL: Invalid value: "javascript:alert(1)": ` + runbooks},
		"a namespace that is no name":        {"flux: {namespace: Flux_System}", `spec.flux.namespace: Invalid value: "Flux_System": ` + namespace},
		"a namespace that is empty":          {`flux: {namespace: ""}`, `spec.flux.namespace: Invalid value: "": ` + namespace},
		"an account with its namespace":      {"serviceAccountName: monitoring:flux", `spec.serviceAccountName: Invalid value: "monitoring:flux": ` + account},
		"an operator that does not exist":    {selecting("{key: a, operator: Within, values: [b]}"), `spec.prometheus.selector: Invalid value: ` + expression},
		"an operator In that has no value":   {selecting("{key: a, operator: In}"), `spec.prometheus.selector: Invalid value: ` + expression},
		"an operator Exists that has values": {selecting("{key: a, operator: Exists, values: [b]}"), `spec.prometheus.selector: Invalid value: ` + expression},

		"a deletion policy that is not known": {"deletionPolicy: Keep", `spec.deletionPolicy: Unsupported value: "Keep": supported values: "Delete", "Orphan"`},
		"an adoption policy that is not known": {
			"adoptionPolicy: Ask", `spec.adoptionPolicy: Unsupported value: "Ask": supported values: "Fail", "Adopt"`,
		},
		"a label policy that is not known": {
			"prometheus: {labelPolicy: None}", `spec.prometheus.labelPolicy: Unsupported value: "None": supported values: "Auto", "Manual"`,
		},
		"a cardinality that is not known": {
			"scrape: {cardinality: Low}", `spec.scrape.cardinality: Unsupported value: "Low": supported values: "Full", "Standard", "Minimal"`,
		},
		"a folder outside of the sidecar's": {
			"dashboards: {folder: ../Flux}",
			`spec.dashboards.folder: Invalid value: "../Flux": it must not have .. as a part: the sidecar takes it as a path`,
		},
		"notifications of nothing to nobody": {
			"notifications: {}", `spec.notifications.receivers: Required value`,
		},
		"a list of no receivers": {
			"notifications: {receivers: []}", `spec.notifications.receivers: Invalid value: 0: spec.notifications.receivers in body should have at least 1 items`,
		},
		"a receiver without a name": {
			"notifications: {receivers: [{slackConfigs: []}]}", `spec.notifications.receivers[0].name: Required value`,
		},
		"a receiver twice": {
			"notifications: {receivers: [{name: a}, {name: a}]}", `spec.notifications.receivers[1]: Duplicate value: {"name":"a"}`,
		},
		"a Secret in clear text": {
			"notifications: {receivers: [{name: a, pagerdutyConfigs: [{routingKey: s3cret}]}]}",
			`spec.notifications.receivers[0].pagerdutyConfigs[0].routingKey: Invalid value: "string": ` +
				`spec.notifications.receivers[0].pagerdutyConfigs[0].routingKey in body must be of type object: "string"`,
		},
		"a text of a receiver that is longer than any": {
			"notifications: {receivers: [{name: a, slackConfigs: [{text: " + strings.Repeat("a", 16385) + "}]}]}",
			`spec.notifications.receivers[0].slackConfigs[0].text: Too long: may not be more than 16384 bytes`,
		},
		"more configurations in a receiver than any has": {
			"notifications: {receivers: [{name: a, slackConfigs: [" + strings.Repeat("{channel: a}, ", 101) + "]}]}",
			`spec.notifications.receivers[0].slackConfigs: Too many: 101: must have at most 100 items`,
		},
		"the receiver that is told nothing": {
			"notifications: {receivers: [{name: 'null'}]}",
			`spec.notifications.receivers[0].name: Invalid value: "null": null is the receiver that is notified of nothing: choose another name`,
		},
		"a receiver that is none of them": {
			"notifications: {receivers: [{name: a}], defaultReceiver: b}",
			`spec.notifications.defaultReceiver: Invalid value: defaultReceiver must be the name of one of the receivers`,
		},
		"a route to a receiver that is none of them": {
			"notifications: {receivers: [{name: a}], routes: [{receiver: a, namespaces: [a]}, {receiver: b, namespaces: [a]}]}",
			`spec.notifications.routes: Invalid value: every route's receiver must be the name of one of the receivers`,
		},
		"a route for everything": {
			"notifications: {receivers: [{name: a}], routes: [{receiver: a}]}",
			`spec.notifications.routes[0]: Invalid value: a route needs severities, namespaces or both: use notifications.defaultReceiver for all alerts`,
		},
		"a route for a namespace that is no name": {
			"notifications: {receivers: [{name: a}], routes: [{receiver: a, namespaces: ['shop*']}]}",
			`spec.notifications.routes[0].namespaces[0]: Invalid value: "shop*": ` + anyNamespace,
		},
		"no severity to send": {
			"notifications: {receivers: [{name: a}], severities: []}",
			`spec.notifications.severities: Invalid value: 0: spec.notifications.severities in body should have at least 1 items`,
		},
		"a severity to send that is not known": {
			"notifications: {receivers: [{name: a}], severities: [page]}",
			`spec.notifications.severities[0]: Unsupported value: "page": supported values: "critical", "warning", "info"`,
		},
		"a time to wait that is no duration": {
			"notifications: {receivers: [{name: a}], groupWait: soon}", `spec.notifications.groupWait: Invalid value: "soon": ` + duration,
		},
		"a time between notifications of nothing": {
			"notifications: {receivers: [{name: a}], groupInterval: 0s}", `spec.notifications.groupInterval: Invalid value: "0s": groupInterval must be above zero`,
		},
		"a time to repeat with a fraction": {
			"notifications: {receivers: [{name: a}], repeatInterval: 1.5h}", `spec.notifications.repeatInterval: Invalid value: "1.5h": ` + duration,
		},
		"a Grafana that is nowhere": {"dashboards: {eventAnnotations: {}}", `spec.dashboards.eventAnnotations.address: Required value`},
		"a Grafana whose address is none": {
			"dashboards: {eventAnnotations: {address: grafana}}", `spec.dashboards.eventAnnotations.address: Invalid value: "grafana": ` +
				`address must be an http or https URL, such as https://grafana.example.com/api/annotations`,
		},
		"events that are not known": {
			"dashboards: {eventAnnotations: {address: 'http://grafana', events: warning}}",
			`spec.dashboards.eventAnnotations.events: Unsupported value: "warning": supported values: "All", "Errors"`,
		},
		"events of every namespace": {
			"dashboards: {eventAnnotations: {address: 'http://grafana', namespaces: ['*']}}",
			`spec.dashboards.eventAnnotations.namespaces[0]: Invalid value: "*": ` + anyNamespace,
		},
		"a patch that says nothing": {"patches: [{target: {kind: PodMonitor}}]", `spec.patches[0].patch: Required value`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			err := server.Create(t.Context(), manifest(t, "flux", "spec: {"+c.spec+"}"), client.DryRunAll)
			g.Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
			g.Expect(said(err)).To(Equal(c.message))
		})
	}
}

func TestANameThatIsNoLabelValueIsRefused(t *testing.T) {
	g := NewWithT(t)
	name := strings.Repeat("a", 63)
	g.Expect(server.Create(t.Context(), manifest(t, name, ""), client.DryRunAll)).To(Succeed())
	g.Expect(server.Create(t.Context(), manifest(t, name+"a", ""), client.DryRunAll)).To(MatchError(HaveSuffix(
		"metadata.name must be at most 63 characters: it is also a label value on every generated object")))
}

func TestAGoodSpecIsTaken(t *testing.T) {
	for name, manifested := range map[string]string{
		"nothing but a name":                        "",
		"an empty spec":                             "spec: {}",
		"every section empty":                       "spec: {commonMetadata: {}, flux: {}, prometheus: {}, scrape: {}, dashboards: {datasources: {prometheus: {}, loki: {}}}, alerts: {}, patches: []}",
		"an interval of days":                       "spec: {interval: 1d12h}",
		"a scrape interval of days":                 "spec: {scrape: {interval: 1d}}",
		"the shortest interval":                     "spec: {interval: 10s}",
		"days in the time an alert must hold":       "spec: {" + rule("for: 1d12h, keepFiringFor: '0'") + "}",
		"a threshold":                               "spec: {" + rule("threshold: '0.9'") + "}",
		"an alert of a newer operator":              "spec: {alerts: {overrides: [{name: FluxControllerGone, enabled: false}]}}",
		"a dashboard of a newer operator":           "spec: {dashboards: {include: [flux-tenants]}}",
		"an objective with four decimals":           "spec: {" + objective(`"99.9999"`) + "}",
		"an objective of whole per cent":            "spec: {" + objective(`"5"`) + "}",
		"a scrape interval below the usual timeout": "spec: {scrape: {interval: 5s}}",
		"a scrape timeout as long as the interval":  "spec: {scrape: {interval: 1m, timeout: 60s}}",
		"no folder":                                 `spec: {dashboards: {folder: ""}}`,
		"no labels on dashboards":                   "spec: {dashboards: {labels: {}}}",
		"logs whose place is chosen in Grafana":     "spec: {dashboards: {include: [flux-logs]}}",
		"grafana-operator as it is by default":      "spec: {dashboards: {format: GrafanaDashboard}}",
		"every Grafana of every namespace": "spec: {dashboards: {format: GrafanaDashboard, instanceSelector: {}, allowCrossNamespaceImport: true, " +
			"datasources: {loki: {uid: loki}}, include: [flux-cluster, flux-fleet]}}",
		"what may be empty, empty":                          `spec: {serviceAccountName: "", clusterName: "", alerts: {runbookURL: ""}, dashboards: {datasources: {loki: {uid: ""}}}}`,
		"runbooks on a port":                                "spec: {alerts: {runbookURL: 'http://runbooks:8080/flux/'}}",
		"selectors of every kind":                           "spec: {" + selecting("{key: a, operator: NotIn, values: [b]}, {key: c, operator: DoesNotExist}") + "}",
		"everything off":                                    "spec: {scrape: {enabled: false}, dashboards: {enabled: false}, alerts: {enabled: false}}",
		"an account with a dot":                             "spec: {serviceAccountName: flux.monitoring}",
		"receivers alone, of kinds without what those need": "spec: {notifications: {receivers: [{name: a, slackConfigs: [{channel: b}], emailConfigs: [{}]}]}}",
		"Grafana alone":                                     "spec: {dashboards: {eventAnnotations: {address: 'https://grafana.example.com:3000/api/annotations'}}}",
		"the default selector of Grafanas, written":         "spec: {dashboards: {instanceSelector: {matchLabels: {dashboards: grafana}}, allowCrossNamespaceImport: true}}",
		"every field of notifications": "spec: {notifications: {receivers: [{name: a}, {name: b}], defaultReceiver: b, severities: [info], " +
			"routes: [{receiver: a, severities: [critical], namespaces: [c, d-1]}], groupWait: '0', groupInterval: 90s, repeatInterval: 1d12h}}",
		"every field of annotations":          "spec: {dashboards: {eventAnnotations: {address: 'http://grafana', secretRef: {name: a}, namespaces: [a], events: Errors}}}",
		"PromQL that is judged in the status": "spec: {alerts: {additionalGroups: [{name: mine, rules: [{alert: Mine, expr: 'sum('}]}]}}",
	} {
		t.Run(name, func(t *testing.T) {
			strict := client.WithFieldValidation(client.NewDryRunClient(server), client.FieldValidation("Strict"))
			NewWithT(t).Expect(strict.Create(t.Context(), manifest(t, "flux", manifested))).To(Succeed())
		})
	}
}

// said is what a refusal says, without the API server's own remark that it stopped looking further.
func said(err error) string {
	message := strings.TrimPrefix(err.Error(), prefix)
	const remark = ", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; " +
		"correct the existing errors to complete validation]"
	if rest, ok := strings.CutSuffix(message, remark); ok {
		return strings.TrimPrefix(rest, "[")
	}
	return message
}

// rule is a spec with one override of an alert.
func rule(fields string) string {
	return "alerts: {overrides: [{name: FluxControllerMemoryHigh, " + fields + "}]}"
}

// objective is a spec with an error budget.
func objective(percent string) string {
	return "alerts: {errorBudget: {objective: " + percent + "}}"
}

// selecting is a spec with these expressions.
func selecting(expressions string) string {
	return "prometheus: {selector: {matchExpressions: [" + expressions + "]}}"
}
