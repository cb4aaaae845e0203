package v1alpha1_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/golden"
)

// prefix is what every refusal begins with.
const prefix = `FluxMonitoring.fluxmonitoring.dev "flux" is invalid: `

func TestRefusedSpecsMatchTheGoldenFile(t *testing.T) {
	messages := map[string]string{}
	for name, spec := range map[string]string{
		"an interval that is no duration": "interval: soon",
		"an interval with a fraction":     "interval: 1.5h",
		"an interval in the wrong order":  "interval: 30s1m",
		"an empty interval":               `interval: ""`,
		"an interval beyond all time":     "interval: 9999999h",
		"an interval below ten seconds":   "interval: 9999ms",
		"an interval of zero":             `interval: "0"`,
		"an interval of zero days":        "interval: 0d",

		"a scrape interval that is no duration": "scrape: {interval: often}",
		"a scrape interval of nothing":          "scrape: {interval: 0s}",
		"a scrape interval with a fraction":     "scrape: {interval: 1.5s}",
		"a scrape interval beyond all time":     "scrape: {interval: 99999999999h}",
		"a scrape timeout that is no duration":  "scrape: {timeout: fast}",
		"a scrape timeout of nothing":           `scrape: {timeout: "0"}`,
		"a scrape timeout above the interval":   "scrape: {interval: 1m, timeout: 60001ms}",
		"a scrape timeout above the default":    "scrape: {timeout: 31s}",

		"a dashboard of no such name":                "dashboards: {include: [Flux_Cluster]}",
		"a format that is not known":                 "dashboards: {format: Secret}",
		"a selector of Grafanas for ConfigMaps":      "dashboards: {instanceSelector: {}}",
		"an import across namespaces for ConfigMaps": "dashboards: {format: ConfigMap, allowCrossNamespaceImport: false}",
		"a selector of Grafanas with an operator that does not exist": "dashboards: {format: GrafanaDashboard, " +
			"instanceSelector: {matchExpressions: [{key: a, operator: Within, values: [b]}]}}",
		"an alert of no such name":     "alerts: {overrides: [{name: 'Flux Controller'}]}",
		"an objective of nothing":      objective(`"0"`),
		"an objective of all":          objective(`"100"`),
		"an objective with its unit":   objective(`"99%"`),
		"an error budget without one":  "alerts: {errorBudget: {}}",
		"an objective that is no text": objective("99.5"),
		"an alert without a name":      "alerts: {overrides: [{for: 5m}]}",
		"an alert twice":               "alerts: {overrides: [{name: FluxControllerDown}, {name: FluxControllerDown}]}",
		"a time that is no duration":   rule("for: soon"),
		"a time in the wrong order":    rule("for: 1m1d"),
		"a time below zero":            rule("keepFiringFor: -1m"),
		"a severity that is not known": rule("severity: page"),
		"a threshold in per cent":      rule("threshold: 90%"),

		"runbooks that are no URL":           "alerts: {runbookURL: runbooks}",
		"runbooks at a path alone":           "alerts: {runbookURL: /runbooks}",
		"runbooks that a browser would run":  "alerts: {runbookURL: 'javascript:alert(1)'}",
		"a Grafana at a path alone":          "dashboards: {grafanaURL: /grafana}",
		"flux-operator without TLS":          "alerts: {fluxOperatorURL: 'http://flux.example.com'}",
		"a namespace that is no name":        "flux: {namespace: Flux_System}",
		"a namespace that is empty":          `flux: {namespace: ""}`,
		"an account with its namespace":      "serviceAccountName: monitoring:flux",
		"an operator that does not exist":    selecting("{key: a, operator: Within, values: [b]}"),
		"an operator In that has no value":   selecting("{key: a, operator: In}"),
		"an operator Exists that has values": selecting("{key: a, operator: Exists, values: [b]}"),

		"a deletion policy that is not known":  "deletionPolicy: Keep",
		"an adoption policy that is not known": "adoptionPolicy: Ask",
		"a label policy that is not known":     "prometheus: {labelPolicy: None}",
		"a cardinality that is not known":      "scrape: {cardinality: Low}",
		"a folder outside of the sidecar's":    "dashboards: {folder: ../Flux}",
		"notifications of nothing to nobody":   "notifications: {}",
		"a list of no receivers":               "notifications: {receivers: []}",
		"a receiver without a name":            "notifications: {receivers: [{slackConfigs: []}]}",
		"a receiver twice":                     "notifications: {receivers: [{name: a}, {name: a}]}",
		"a Secret in clear text":               "notifications: {receivers: [{name: a, pagerdutyConfigs: [{routingKey: s3cret}]}]}",
		"a text of a receiver that is longer than any": "notifications: {receivers: [{name: a, slackConfigs: [{text: " +
			strings.Repeat("a", 16385) + "}]}]}",
		"more configurations in a receiver than any has": "notifications: {receivers: [{name: a, slackConfigs: [" +
			strings.Repeat("{channel: a}, ", 101) + "]}]}",
		"the name of the receiver without notifications": "notifications: {receivers: [{name: 'null'}]}",
		"a receiver that is none of them":                "notifications: {receivers: [{name: a}], defaultReceiver: b}",
		"a route to a receiver that is none of them": "notifications: {receivers: [{name: a}], " +
			"routes: [{receiver: a, namespaces: [a]}, {receiver: b, namespaces: [a]}]}",
		"a route for everything":                      "notifications: {receivers: [{name: a}], routes: [{receiver: a}]}",
		"a route for a namespace that is no name":     "notifications: {receivers: [{name: a}], routes: [{receiver: a, namespaces: ['shop*']}]}",
		"no severity to send":                         "notifications: {receivers: [{name: a}], severities: []}",
		"a severity to send that is not known":        "notifications: {receivers: [{name: a}], severities: [page]}",
		"a time to wait that is no duration":          "notifications: {receivers: [{name: a}], groupWait: soon}",
		"a time between notifications of nothing":     "notifications: {receivers: [{name: a}], groupInterval: 0s}",
		"a time to repeat with a fraction":            "notifications: {receivers: [{name: a}], repeatInterval: 1.5h}",
		"a heartbeat without an address":              "notifications: {heartbeat: {}}",
		"a heartbeat whose Secret has no key":         "notifications: {heartbeat: {urlSecretRef: {name: a}}}",
		"a heartbeat all the time":                    "notifications: {heartbeat: {urlSecretRef: {name: a, key: b}, interval: 0s}}",
		"a receiver with the name of the heartbeat's": "notifications: {receivers: [{name: a}, {name: heartbeat}], heartbeat: {urlSecretRef: {name: a, key: b}}}",
		"a default receiver without receivers":        "notifications: {heartbeat: {urlSecretRef: {name: a, key: b}}, defaultReceiver: a}",
		"a route without receivers":                   "notifications: {heartbeat: {urlSecretRef: {name: a, key: b}}, routes: [{receiver: a, namespaces: [a]}]}",
		"a Grafana that is nowhere":                   "dashboards: {eventAnnotations: {}}",
		"a Grafana whose address is none":             "dashboards: {eventAnnotations: {address: grafana}}",
		"events that are not known":                   "dashboards: {eventAnnotations: {address: 'http://grafana', events: warning}}",
		"events of every namespace":                   "dashboards: {eventAnnotations: {address: 'http://grafana', namespaces: ['*']}}",
		"a stack of nothing":                          "stack: {}",
		"a range of versions of a chart":              kps("version: '>=88.0.0'"),
		"a version of a chart with a v":               kps("version: v88.5.3"),
		"a chart from a folder":                       kps("source: {url: 'file:///chart'}"),
		"a registry with a password":                  kps("source: {url: 'oci://a:b@registry/chart'}"),
		"a source and a reference to one":             kps("source: {}, sourceRef: {kind: HelmRepository, name: a}"),
		"a source that has no chart":                  kps("sourceRef: {kind: Bucket, name: a}"),
		"a release whose name is too long for Helm":   kps("releaseName: " + strings.Repeat("a", 54)),
		"a release whose name is none":                kps("releaseName: Flux_Stack"),
		"values that are no text":                     kps("values: {grafana: {enabled: false}}"),
		"values that are too long":                    kps("values: '" + strings.Repeat("a", 65537) + "'"),
		"values from a Bucket":                        kps("valuesFrom: [{kind: Bucket, name: a}]"),
		"CRDs that are deleted":                       kps("crds: Delete"),
		"a stack that has no time":                    kps("timeout: 10s"),
		"a stack that is checked all the time":        kps("interval: 1s"),
		"a remediation that is not known":             kps("remediation: {strategy: restart}"),
		"fewer retries than without end":              kps("remediation: {retries: -2}"),
		"a drift detection that is not known":         kps("driftDetection: Enabled"),
		"an address of Grafana with a password":       kps("grafana: {externalURL: 'https://a:b@grafana'}"),
		"an address of Prometheus at a path alone":    kps("prometheus: {externalURL: /prometheus}"),
		"a Secret of another namespace for Grafana":   kps("grafana: {existingSecret: a/b}"),
		"a patch without content":                     "patches: [{target: {kind: PodMonitor}}]",
	} {
		err := server.Create(t.Context(), manifest(t, "flux", "spec: {"+spec+"}"), client.DryRunAll)
		NewWithT(t).Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%s: %v", name, err)
		messages[name] = refusal(err)
	}
	golden.YAML(t, "testdata/refused.yaml", messages)
}

func TestANameLongerThanALabelValueIsRefused(t *testing.T) {
	g := NewWithT(t)
	name := strings.Repeat("a", 63)
	g.Expect(server.Create(t.Context(), manifest(t, name, ""), client.DryRunAll)).To(Succeed())
	g.Expect(server.Create(t.Context(), manifest(t, name+"a", ""), client.DryRunAll)).To(MatchError(HaveSuffix(
		"metadata.name must be at most 63 characters: it is also a label value on every generated object")))
}

func TestValidSpecsAreAccepted(t *testing.T) {
	for name, written := range map[string]string{
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
		"what may be empty, empty":                          `spec: {serviceAccountName: "", clusterName: "", alerts: {runbookURL: "", fluxOperatorURL: ""}, dashboards: {grafanaURL: "", datasources: {loki: {uid: ""}}}}`,
		"runbooks on a port":                                "spec: {alerts: {runbookURL: 'http://runbooks:8080/flux/'}}",
		"selectors of every kind":                           "spec: {" + selecting("{key: a, operator: NotIn, values: [b]}, {key: c, operator: DoesNotExist}") + "}",
		"everything off":                                    "spec: {scrape: {enabled: false}, dashboards: {enabled: false}, alerts: {enabled: false}}",
		"an account with a dot":                             "spec: {serviceAccountName: flux.monitoring}",
		"receivers alone, of kinds without what those need": "spec: {notifications: {receivers: [{name: a, slackConfigs: [{channel: b}], emailConfigs: [{}]}]}}",
		"Grafana alone":                                     "spec: {dashboards: {eventAnnotations: {address: 'https://grafana.example.com:3000/api/annotations'}}}",
		"the default selector of Grafanas, written":         "spec: {dashboards: {instanceSelector: {matchLabels: {dashboards: grafana}}, allowCrossNamespaceImport: true}}",
		"every field of notifications": "spec: {notifications: {receivers: [{name: a}, {name: b}], defaultReceiver: b, severities: [info], " +
			"routes: [{receiver: a, severities: [critical], namespaces: [c, d-1]}], groupWait: '0', groupInterval: 90s, repeatInterval: 1d12h, " +
			"heartbeat: {urlSecretRef: {name: a, key: b}, interval: 2m}}}",
		"a heartbeat alone":                          "spec: {notifications: {heartbeat: {urlSecretRef: {name: a, key: b}}}}",
		"a receiver of any name without a heartbeat": "spec: {notifications: {receivers: [{name: heartbeat}]}}",
		"every field of annotations":                 "spec: {dashboards: {eventAnnotations: {address: 'http://grafana', secretRef: {name: a}, namespaces: [a], events: Errors}}}",
		"a stack as it is by default":                "spec: {stack: {kubePrometheusStack: {}}}",
		"a stack from a mirror":                      "spec: {" + kps("version: 90.0.0-rc.1, sourceRef: {kind: HelmRepository, name: a, namespace: b}") + "}",
		"a stack from a registry of one's own":       "spec: {" + kps("source: {url: 'oci://localhost:5000/a/b', insecure: true}, interval: 1d, timeout: 1m") + "}",
		"values that are judged in the status":       "spec: {" + kps("values: '['") + "}",
		"PromQL that is judged in the status":        "spec: {alerts: {additionalGroups: [{name: mine, rules: [{alert: Mine, expr: 'sum('}]}]}}",
	} {
		t.Run(name, func(t *testing.T) {
			strict := client.WithFieldValidation(client.NewDryRunClient(server), client.FieldValidation("Strict"))
			NewWithT(t).Expect(strict.Create(t.Context(), manifest(t, "flux", written))).To(Succeed())
		})
	}
}

// refusal is the message of an error, without the API server's own remark that it stopped looking further.
func refusal(err error) string {
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

// kps is a spec with kube-prometheus-stack.
func kps(fields string) string {
	return "stack: {kubePrometheusStack: {" + fields + "}}"
}
