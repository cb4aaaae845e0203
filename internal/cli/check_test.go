package cli

import (
	"bytes"
	"context"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/check"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// copied is an alert as people have it from Flux's guide: on a metric that Flux does not export any more.
const copied = `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: copied, namespace: checked}
spec: {groups: [{name: flux, rules: [{alert: ReconciliationFailure, expr: 'max by (name) (gotk_reconcile_condition{status="False"}) == 1'}]}]}
`

func TestCheckShowsTheLinksOfTheCluster(t *testing.T) {
	g := NewWithT(t)
	plane, err := shared.Plane()
	g.Expect(err).NotTo(HaveOccurred())
	t.Setenv("KUBECONFIG", contexts(t, plane))
	scheme, err := kinds.Scheme()
	g.Expect(err).NotTo(HaveOccurred())
	c, err := client.New(plane.Config, client.Options{Scheme: scheme})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "checked"}})).To(Succeed())
	g.Expect(cluster.InstallFlux(t.Context(), c, "checked", "source-controller")).To(Succeed())
	rule, err := cluster.Decode([]byte(copied))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(cluster.Apply(t.Context(), c, rule...)).To(Succeed())
	checked := func(args ...string) (string, string, int) {
		return ran(t, "", append([]string{"check", "--context", "live"}, args...)...)
	}

	_, said, code := checked()
	g.Expect(code).To(Equal(2))
	g.Expect(said).To(Equal("error: no such FluxMonitoring: create one, or check the alerts that others wrote by --rules\n"))

	out, said, code := checked("--rules", "--flux-namespace", "checked")
	g.Expect(said).To(BeEmpty())
	g.Expect(out).To(Equal(`PrometheusRule checked/copied
  ✗ ReconciliationFailure  It uses gotk_reconcile_condition, which nothing here exports. The alert ReconciliationFailure of a FluxMonitoring replaces it.
0 hold, 1 broken, 0 unknown
`))
	g.Expect(code).To(Equal(1))

	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "checked", Name: "flux"}}
	fm.Spec.Flux.Namespace = "checked"
	g.Expect(c.Create(t.Context(), fm)).To(Succeed())
	t.Cleanup(func() {
		NewWithT(t).Expect(c.Delete(context.Background(), fm)).To(Succeed())
	})
	out, _, code = checked("flux", "-n", "checked")
	g.Expect(out).To(ContainSubstring("  ? Ready  The operator has not reconciled the newest spec."))
	g.Expect(code).To(Equal(3))

	fm.Status.Conditions = []metav1.Condition{{
		Type: "Ready", Status: metav1.ConditionTrue, Reason: "Applied", Message: "Flux v2.9.5 in checked", ObservedGeneration: 1,
		LastTransitionTime: metav1.Now(),
	}}
	g.Expect(c.Status().Update(t.Context(), fm)).To(Succeed())
	out, said, code = checked("--rules", "-n", "checked")
	g.Expect(said).To(BeEmpty())
	g.Expect(out).To(Equal(`FluxMonitoring checked/flux
  ✓ Ready  Applied: Flux v2.9.5 in checked
PrometheusRule checked/copied
  ✓ ReconciliationFailure  Its metrics exist.
2 hold, 0 broken, 0 unknown
`))
	g.Expect(code).To(BeZero(), "the exporter exports the metrics of the guide")
}

func TestCheckPrintsWhatPipelinesRead(t *testing.T) {
	g := NewWithT(t)
	subjects := []check.Subject{{Kind: "FluxMonitoring", Namespace: "monitoring", Name: "flux", Links: []check.Link{
		{Name: "Ready", Verdict: check.Holds, Message: "Applied"}, {Name: "Scraped", Verdict: check.Broken, Message: `label "a" < b`},
		{Name: "AlertsEffective", Verdict: check.Unknown, Message: "NotSeen"},
	}}}
	printed := func(output string) string {
		var out bytes.Buffer
		o := checkOptions{output: checkFormat(output)}
		o.streams.Out = &out
		g.Expect(o.print(subjects)).To(Succeed())
		return out.String()
	}
	g.Expect(printed("junit")).To(Equal(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="FluxMonitoring monitoring/flux" tests="3" failures="1" skipped="1">
    <testcase classname="FluxMonitoring monitoring/flux" name="Ready"></testcase>
    <testcase classname="FluxMonitoring monitoring/flux" name="Scraped">
      <failure message="label &#34;a&#34; &lt; b"></failure>
    </testcase>
    <testcase classname="FluxMonitoring monitoring/flux" name="AlertsEffective">
      <skipped message="NotSeen"></skipped>
    </testcase>
  </testsuite>
</testsuites>
`))
	g.Expect(printed("yaml")).To(Equal(`subjects:
- kind: FluxMonitoring
  namespace: monitoring
  name: flux
  links:
  - name: Ready
    verdict: Holds
    message: Applied
  - name: Scraped
    verdict: Broken
    message: label "a" < b
  - name: AlertsEffective
    verdict: Unknown
    message: NotSeen
`))
	g.Expect(printed("json")).To(HavePrefix("{\n    \"subjects\": [\n        {\n            \"kind\": \"FluxMonitoring\",\n"))

	var out bytes.Buffer
	g.Expect(printText(&out, subjects, true)).To(Succeed())
	g.Expect(out.String()).To(Equal("FluxMonitoring monitoring/flux\n" +
		"  \x1b[32m✓\x1b[0m Ready            Applied\n" +
		"  \x1b[31m✗\x1b[0m Scraped          label \"a\" < b\n" +
		"  \x1b[33m?\x1b[0m AlertsEffective  NotSeen\n" +
		"1 hold, 1 broken, 1 unknown\n"))
}
