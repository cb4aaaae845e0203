package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/check"
	"github.com/fluxmonitoring/operator/internal/inspect"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
	built "github.com/fluxmonitoring/operator/test/given"
	"github.com/fluxmonitoring/operator/test/paging"
	"github.com/fluxmonitoring/operator/test/rig"
)

// paged is a FluxMonitoring with a receiver, and what its alerts need to get there.
const paged = `
apiVersion: fluxmonitoring.dev/v1alpha1
kind: FluxMonitoring
metadata: {name: flux, namespace: paged}
spec: {flux: {namespace: paged}, notifications: {receivers: [{name: oncall, webhookConfigs: [{url: "http://oncall"}]}]}}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: k8s, namespace: paged}
spec: {podMonitorSelector: {}, ruleSelector: {}, externalLabels: {region: eu}, alerting: {alertmanagers: [{name: alertmanager-operated, port: web}]}}
---
apiVersion: monitoring.coreos.com/v1
kind: Alertmanager
metadata: {name: main, namespace: paged}
spec: {replicas: 2, alertmanagerConfigSelector: {}, alertmanagerConfigMatcherStrategy: {type: None}}
`

// pagingConfig is the Alertmanager's as prometheus-operator generates it, and webConfig its web configuration: the password is "test".
const (
	pagingConfig = `
route: {receiver: "null", group_by: [kind], group_wait: 100ms, routes: [{receiver: paged/flux/oncall, matchers: ['fluxmonitoring="paged/flux"']}]}
receivers: [{name: "null"}, {name: paged/flux/oncall, webhook_configs: [{url: RECEIVER/oncall}]}]
`
	webConfig = `
tls_server_config: {cert_file: tls.crt, key_file: tls.key}
basic_auth_users: {sre: "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"}
`
)

// secured runs an Alertmanager with TLS, a user, and a route prefix, and returns its address and its CA.
func secured(t *testing.T, config string) (address, ca string) {
	t.Helper()
	folder := t.TempDir()
	certificate, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", nil, nil)
	must(t, err)
	for name, content := range map[string][]byte{"tls.crt": certificate, "tls.key": key, "web.yaml": []byte(webConfig)} {
		must(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	to := paging.Start(t, 1, config, "--web.config.file="+filepath.Join(folder, "web.yaml"), "--web.route-prefix=/am",
		"--enable-feature=receiver-name-in-metrics")[0]
	return "https://" + to.Host + "/am", filepath.Join(folder, "tls.crt")
}

func TestATestAlertIsSentAsTheClusterSays(t *testing.T) {
	g := NewWithT(t)
	plane, err := shared.Plane()
	must(t, err)
	t.Setenv("KUBECONFIG", contexts(t, plane))
	tested := func(args ...string) (string, string, int) {
		return ran(t, "", append([]string{"test-alert", "flux", "--context", "live", "-n", "paged"}, args...)...)
	}
	_, said, code := tested()
	g.Expect(code).To(Equal(3))
	g.Expect(said).To(Equal("error: no such FluxMonitoring\n"))

	withFlux(t, plane, "paged")
	scheme, err := kinds.Scheme()
	must(t, err)
	c, err := client.New(plane.Config, client.Options{Scheme: scheme})
	must(t, err)
	must(t, cluster.InstallFlux(t.Context(), c, "paged", "source-controller"))
	objects := rig.Objects(t, paged)
	for i, o := range objects {
		must(t, cluster.Apply(t.Context(), c, o.DeepCopy()))
		t.Cleanup(func() { must(t, c.Delete(context.Background(), o)) })
		if i == 0 {
			out, _, code := tested()
			g.Expect(code).To(Equal(3))
			g.Expect(out).To(And(HavePrefix("FluxMonitoring paged/flux\n  ? Prometheus  No Prometheus object evaluates the alerts. NoPrometheus: "),
				HaveSuffix(" If something else does, name the --address of its Alertmanager.\n0 hold, 0 broken, 1 unknown\n")))
		}
	}
	out, _, code := tested()
	g.Expect(code).To(Equal(3), "there are no pods")
	g.Expect(out).To(HavePrefix(`FluxMonitoring paged/flux
  ✓ Prometheus    paged/k8s evaluates the alerts and sends them to Alertmanager paged/main.
  ? Alertmanager  alertmanager-main-0: pods "alertmanager-main-0" not found
  ? Alertmanager  alertmanager-main-1: pods "alertmanager-main-1" not found
`))

	receiver := paging.Listen(t)
	address, ca := secured(t, strings.ReplaceAll(pagingConfig, "RECEIVER", receiver.URL))
	t.Setenv("ALERTMANAGER_PASSWORD", "wrong")
	out, said, code = tested("--address", address, "--alertmanager-ca", ca, "--alertmanager-user", "sre")
	g.Expect(code).To(Equal(3))
	g.Expect(out).To(ContainSubstring(address + ": it answers 401 Unauthorized: set --alertmanager-user, and the variable ALERTMANAGER_PASSWORD"))
	g.Expect(out + said).NotTo(ContainSubstring("wrong"))

	t.Setenv("ALERTMANAGER_PASSWORD", "test")
	out, said, code = tested("--address", address, "--alertmanager-ca", ca, "--alertmanager-user", "sre", "--wait")
	g.Expect(said).To(BeEmpty())
	g.Expect(out).To(Equal(`FluxMonitoring paged/flux
  ✓ Alertmanager  ` + address + ` accepted the test alert.
  ✓ Receiver      It reaches paged/flux/oncall (webhook).
  ✓ Sent          webhook sent the notification.
3 hold, 0 broken, 0 unknown
`))
	g.Expect(code).To(BeZero())
	g.Expect(receiver.Got("oncall")).To(HaveLen(1))

	out, _, code = tested("--address", address, "--alertmanager-ca", ca, "--alertmanager-user", "sre", "--severity", "info",
		"--object-namespace", "shop", "-o", "json")
	g.Expect(code).To(BeZero())
	var printed struct {
		Alert     struct{ Labels map[string]string }
		Receivers []string
		Links     []struct{ Verdict string }
	}
	must(t, json.Unmarshal([]byte(out), &printed))
	g.Expect(printed.Receivers).To(Equal([]string{"paged/flux/oncall"}))
	g.Expect(printed.Links).To(HaveLen(2))
	g.Expect(printed.Alert.Labels["kind"]).To(HavePrefix("Test-"))
	delete(printed.Alert.Labels, "kind")
	g.Expect(printed.Alert.Labels).To(Equal(map[string]string{
		"alertname": "FluxMonitoringTest", "test": "true", "severity": "info", "namespace": "shop", "exported_namespace": "shop", "name": "flux",
		"fluxmonitoring": "paged/flux", "prometheus": "paged/k8s", "region": "eu",
	}))
}

func TestTheLinkOfPrometheusSaysWhatATestCannotKnow(t *testing.T) {
	k8s, main := monitoringv1.Prometheus{}, monitoringv1.Alertmanager{}
	k8s.Namespace, k8s.Name, main.Namespace, main.Name = "monitoring", "k8s", "monitoring", "main"
	relabels := k8s
	relabels.Spec.AdditionalAlertRelabelConfigs = &corev1.SecretKeySelector{}
	relabels.Spec.Alerting = &monitoringv1.AlertingSpec{Alertmanagers: []monitoringv1.AlertmanagerEndpoints{
		{AlertRelabelConfigs: []monitoringv1.RelabelConfig{{}}},
	}}
	const works = "monitoring/k8s evaluates the alerts and sends them to Alertmanager monitoring/main."
	for name, c := range map[string]struct {
		spec    string
		by      []monitoringv1.Prometheus
		to      []monitoringv1.Alertmanager
		verdict check.Verdict
		message string
	}{
		"alerts are off":         {"alerts: {enabled: false}", nil, nil, check.Broken, "spec.alerts.enabled is false, so there are no alerts."},
		"no Prometheus":          {"{}", nil, nil, check.Broken, "No Prometheus object evaluates the alerts."},
		"no Alertmanager object": {"{}", []monitoringv1.Prometheus{k8s}, nil, check.Unknown, "monitoring/k8s evaluates the alerts, and sends them to no Alertmanager object that runs. Name its --address."},
		"both":                   {"{}", []monitoringv1.Prometheus{k8s}, []monitoringv1.Alertmanager{main}, check.Holds, works},
		"labels can differ": {"alerts: {labels: {team: '{{ $labels.namespace }}'}}", []monitoringv1.Prometheus{relabels}, []monitoringv1.Alertmanager{main}, check.Holds,
			works + " A real alert can have other labels: spec.alerts.labels has a template, the Prometheus has additionalAlertRelabelConfigs and " +
				"spec.alerting.alertmanagers of the Prometheus has alertRelabelings."},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(prometheusLink(built.FluxMonitoring(t, c.spec), inspect.AlertPath{Prometheuses: c.by, Alertmanagers: c.to})).
				To(Equal(check.Link{Name: "Prometheus", Verdict: c.verdict, Message: c.message}))
		})
	}
}

func TestEachPodOfAnAlertmanagerIsAskedAsItsObjectSays(t *testing.T) {
	for name, c := range map[string]struct {
		spec, server string
		addresses    []string
	}{
		"by default":                   {"{}", "alertmanager-operated.monitoring.svc", []string{"alertmanager-main-0 http://localhost/"}},
		"with a prefix and a Service":  {"{routePrefix: /am, serviceName: mail}", "mail.monitoring.svc", []string{"alertmanager-main-0 http://localhost/am"}},
		"with two replicas over HTTPS": {"{replicas: 2, web: {tlsConfig: {}}}", "alertmanager-operated.monitoring.svc", []string{"alertmanager-main-0 https://localhost/", "alertmanager-main-1 https://localhost/"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := monitoringv1.Alertmanager{}
			o.Namespace, o.Name = "monitoring", "main"
			must(t, yaml.UnmarshalStrict([]byte(c.spec), &o.Spec))
			all, err := (&alertmanagerFlags{}).behind(t.Context(), &rest.Config{}, []monitoringv1.Alertmanager{o})
			must(t, err)
			var addresses []string
			for _, r := range all[0].Replicas {
				addresses = append(addresses, r.Name+" "+r.Address.String())
				NewWithT(t).Expect(r.Transport.(*http.Transport).TLSClientConfig.ServerName).To(Equal(c.server))
			}
			NewWithT(t).Expect(addresses).To(Equal(c.addresses))
		})
	}
}
