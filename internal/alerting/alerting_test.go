package alerting

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/ask"
	"github.com/fluxmonitoring/operator/internal/check"
	"github.com/fluxmonitoring/operator/test/given"
	"github.com/fluxmonitoring/operator/test/paging"
	"github.com/fluxmonitoring/operator/test/rig"
)

// config has the receivers of a FluxMonitoring, as prometheus-operator names them, and one for everything else.
const config = `
route:
  {receiver: everyone, group_by: [alertname, kind], group_wait: 100ms, group_interval: 1m, routes: [
    {receiver: monitoring/flux/oncall, matchers: ['fluxmonitoring="monitoring/flux"'], routes: [
      {receiver: monitoring/flux/null, matchers: [severity="info"]},
      {receiver: monitoring/flux/broken, matchers: [exported_namespace="broken"]}]}]}
inhibit_rules:
- {source_matchers: [alertname="Outage"], target_matchers: [exported_namespace="muted"]}
receivers:
- {name: everyone, webhook_configs: [{url: RECEIVER/everyone}]}
- {name: monitoring/flux/oncall, webhook_configs: [{url: RECEIVER/oncall}]}
- {name: monitoring/flux/broken, webhook_configs: [{url: RECEIVER/broken}]}
- {name: monitoring/flux/null}
`

// notified is a FluxMonitoring with receivers.
const notified = "notifications: {receivers: [{name: oncall}]}"

// differing is what differs from run to run.
var differing = regexp.MustCompile(`(silence )[0-9a-f-]{36}`)

func link(name string, verdict check.Verdict, message string) check.Link {
	return check.Link{Name: name, Verdict: verdict, Message: message}
}

// outage is a real alert.
var outage = Alert{Labels: map[string]string{"alertname": "Outage"}}

func TestATestAlertIsFollowedToItsReceiver(t *testing.T) {
	accepted := link("Alertmanager", check.Holds, "A accepted the test alert.")
	silent := link("Alertmanager", check.Unknown, "nowhere: dial tcp 127.0.0.1:1: connect: connection refused")
	reached := link("Receiver", check.Holds, "It reaches monitoring/flux/oncall (webhook).")
	sent := link("Sent", check.Holds, "webhook sent the notification.")
	for name, c := range map[string]struct {
		spec     string
		like     Imitated
		replicas int // that answer
		silent   bool
		before   func(*testing.T, Replica)
		links    []check.Link
		got      string
	}{
		"two replicas send one notification": {notified, Imitated{}, 2, false, nil,
			[]check.Link{link("Alertmanager", check.Holds, "A and B accepted the test alert."), reached, sent}, "oncall"},
		"a receiver that fails": {notified, Imitated{ObjectNamespace: "broken"}, 1, false, nil, []check.Link{
			accepted, link("Receiver", check.Holds, "It reaches monitoring/flux/broken (webhook)."),
			link("Sent", check.Broken, "webhook failed. Read the log of Alertmanager, and check the receiver and its Secret."),
		}, ""},
		"one of two replicas does not answer": {notified, Imitated{}, 1, true, nil, []check.Link{accepted, silent, reached, sent}, "oncall"},
		"no replica answers":                  {notified, Imitated{}, 0, true, nil, []check.Link{silent}, ""},
		"a severity that nobody is notified of": {notified, Imitated{Severity: "info"}, 1, false, nil, []check.Link{accepted,
			link("Receiver", check.Broken, "It reaches monitoring/flux/null, which notifies nobody. Check severities and receivers in spec.notifications.")}, ""},
		"a receiver of somebody else": {"{}", Imitated{}, 1, false, nil, []check.Link{accepted,
			link("Receiver", check.Broken, "It reaches everyone (webhook), which is no receiver of spec.notifications. Do this.")}, "everyone"},
		"a silence": {notified, Imitated{ObjectNamespace: "muted"}, 1, false, silence, []check.Link{accepted,
			link("Receiver", check.Broken, "A silence mutes it, so monitoring/flux/oncall (webhook) is not notified. Expire silence ID.")}, ""},
		"another alert inhibits it": {notified, Imitated{ObjectNamespace: "muted"}, 1, false, inhibit, []check.Link{accepted,
			link("Receiver", check.Broken, "Alert Outage inhibits it, so monitoring/flux/oncall (webhook) is not notified. Fix what that alert reports, "+
				"or test another --severity or --object-namespace.")}, ""},
		"another alert goes to the same kind of receiver": {notified, Imitated{}, 1, false,
			func(t *testing.T, r Replica) { rig.Must(t, r.send(t.Context(), outage)) }, []check.Link{accepted, reached,
				link("Sent", check.Holds, "webhook sent the notification. The count can be of another alert: webhook notifies about Outage too.")},
			"oncall"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, receiver, to := NewWithT(t), paging.Listen(t), Alertmanager{}
			for i, address := range paging.Start(t, c.replicas, strings.ReplaceAll(config, "RECEIVER", receiver.URL)) {
				to.Replicas = append(to.Replicas, Replica{Name: string(rune('A' + i)), Address: address, Transport: http.DefaultTransport})
			}
			if c.silent {
				nowhere := Replica{Name: "nowhere", Address: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Transport: http.DefaultTransport}
				to.Replicas = append(to.Replicas, nowhere)
			}
			if c.before != nil {
				c.before(t, to.Replicas[0])
			}
			result := Test{
				Alert: NewAlert(given.FluxMonitoring(t, c.spec), given.Everything(), nil, c.like, "1", time.Now()), Own: "monitoring/flux/",
				Alertmanagers: []Alertmanager{to}, Advice: "Do this.", Wait: 10 * time.Second, Progress: func(string) {},
			}.Run(t.Context())
			for i := range result.Links {
				result.Links[i].Message = differing.ReplaceAllString(result.Links[i].Message, "${1}ID")
			}
			g.Expect(result.Links).To(Equal(c.links))
			if c.got != "" {
				rig.Eventually(t, func() []string { return receiver.Got(c.got) }).Should(Equal([]string{"FluxMonitoringTest Test-1"}))
			}
		})
	}
}

// muted are the labels of alerts that the next two mute.
var muted = map[string]string{"exported_namespace": "muted"}

// silence mutes by a silence.
func silence(t *testing.T, r Replica) {
	now := time.Now()
	_, err := r.request(t.Context(), http.MethodPost, "api/v2/silences", nil, fmt.Appendf(nil, `{"matchers": [{"name": "exported_namespace",
		"value": "muted", "isRegex": false}], "createdBy": "test", "comment": "test", "startsAt": %q, "endsAt": %q}`,
		now.Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339)))
	rig.Must(t, err)
}

// inhibit mutes by another alert. Alertmanager inhibits a moment after it accepts that alert.
func inhibit(t *testing.T, r Replica) {
	rig.Must(t, r.send(t.Context(), outage))
	rig.Must(t, r.send(t.Context(), Alert{Labels: muted}))
	rig.Eventually(t, func(g Gomega) {
		found, err := r.alerts(t.Context(), muted)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found[0].Status.InhibitedBy).To(HaveLen(1))
	}).Should(Succeed())
}

func TestATestAlertHasTheLabelsOfARealOne(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		spec, prometheus string
		like             Imitated
		want             map[string]string
	}{
		"about Flux, without receivers": {"{}", "", Imitated{}, map[string]string{"severity": "critical", "namespace": "flux-system"}},
		"about an object": {"clusterName: eu\nalerts: {labels: {team: a, severity: page}}\n" + notified, "{externalLabels: {region: b, team: c}}",
			Imitated{ObjectNamespace: "shop"}, map[string]string{
				"severity": "page", "namespace": "shop", "exported_namespace": "shop", "cluster": "eu", "team": "a", "region": "b",
				"fluxmonitoring": "monitoring/flux", "prometheus": "monitoring/k8s",
			}},
		"of a Prometheus that enforces the namespace": {"{}", `{enforcedNamespaceLabel: namespace, prometheusExternalLabelName: ""}`,
			Imitated{Severity: "info", ObjectNamespace: "shop"},
			map[string]string{"severity": "info", "namespace": "monitoring", "exported_namespace": "shop"}},
		"of a Prometheus that excludes the rule from that": {"{}", `{enforcedNamespaceLabel: namespace, prometheusExternalLabelName: "",
			excludedFromEnforcement: [{group: monitoring.coreos.com, resource: prometheusrules, namespace: monitoring}]}`, Imitated{},
			map[string]string{"severity": "critical", "namespace": "flux-system"}},
	} {
		t.Run(name, func(t *testing.T) {
			var by *monitoringv1.Prometheus
			if c.prometheus != "" {
				by = &monitoringv1.Prometheus{}
				by.Namespace, by.Name = "monitoring", "k8s"
				rig.Must(t, yaml.UnmarshalStrict([]byte(c.prometheus), &by.Spec))
			}
			for label, value := range map[string]string{"alertname": "FluxMonitoringTest", "test": "true", "kind": "Test-1", "name": "flux"} {
				c.want[label] = value
			}
			NewWithT(t).Expect(NewAlert(given.FluxMonitoring(t, c.spec), given.Everything(), by, c.like, "1", now)).To(Equal(Alert{
				Labels: c.want, StartsAt: now, EndsAt: now.Add(5 * time.Minute), Annotations: map[string]string{
					"summary":     "This is a test of FluxMonitoring monitoring/flux. Nothing is broken.",
					"description": "Somebody ran `kubectl fluxmon test-alert flux --namespace monitoring`. The alert ends automatically after 5 minutes.",
				},
			}))
		})
	}
}

func TestCountsAreJudgedByReceiverIfAlertmanagerHasThem(t *testing.T) {
	oncall := ask.Source{Integration: "slack", Receiver: "monitoring/flux/oncall"}
	all, shop := ask.Source{Integration: "slack"}, ask.Source{Integration: "slack", Receiver: "monitoring/flux/shop"}
	for name, c := range map[string]struct {
		rise  map[ask.Source]ask.Count
		link  check.Link
		known bool
	}{
		"nothing is sent yet": {map[ask.Source]ask.Count{all: {}}, link("Sent", check.Broken,
			"slack has sent nothing yet. Set --timeout to more than groupWait of the route, or read the log of Alertmanager."), false},
		"counted together":                 {map[ask.Source]ask.Count{all: {Requests: 1, Failed: 0}}, link("Sent", check.Holds, "slack sent the notification."), true},
		"counted by receiver":              {map[ask.Source]ask.Count{oncall: {Requests: 1, Failed: 0}, shop: {Requests: 3, Failed: 3}}, link("Sent", check.Holds, "slack sent the notification."), true},
		"failed, and another one did not":  {map[ask.Source]ask.Count{oncall: {Requests: 2, Failed: 2}, shop: {Requests: 3, Failed: 0}}, link("Sent", check.Broken, "slack failed. Read the log of Alertmanager, and check the receiver and its Secret."), true},
		"some of the requests have failed": {map[ask.Source]ask.Count{all: {Requests: 3, Failed: 2}}, link("Sent", check.Unknown, "slack sent a notification, but 2 of 3 requests failed. Read the log of Alertmanager."), true},
	} {
		t.Run(name, func(t *testing.T) {
			got, known := delivered(c.rise, []ask.Source{oncall})
			NewWithT(t).Expect(got).To(Equal(c.link))
			NewWithT(t).Expect(known).To(Equal(c.known))
		})
	}
}
