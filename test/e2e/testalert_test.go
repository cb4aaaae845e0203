//go:build e2e

package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

// namespaceOfTestAlerts is where the objects are that test alerts pretend to be about. No object is there.
const namespaceOfTestAlerts = "tested-alerts"

func TestATestAlertGoesThroughThePodToTheReceiver(t *testing.T) {
	t.Parallel()
	shared.monitored(t, closely)
	folder := t.TempDir()
	must(t, build(t.Context(), folder, "./cmd/kubectl-fluxmon"))
	NewWithT(t).Eventually(func(g Gomega) { // Alertmanager loads the receivers a moment after they are applied.
		cmd := shared.command(t.Context(), "fluxmon", "test-alert", name, "--namespace", namespace, "--object-namespace", namespaceOfTestAlerts, "--wait")
		cmd.Env = append(cmd.Env, "PATH="+folder+string(filepath.ListSeparator)+os.Getenv("PATH"))
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		g.Expect(cmd.Run()).To(Succeed(), out.String)
		g.Expect(out.String()).To(MatchRegexp(`FluxMonitoring monitoring/flux
  ✓ Prometheus    monitoring/kube-prometheus-stack-prometheus evaluates the alerts and sends them to Alertmanager monitoring/kube-prometheus-stack-alertmanager\.
  ✓ Alertmanager  monitoring/kube-prometheus-stack-alertmanager \(alertmanager-kube-prometheus-stack-alertmanager-0\) accepted the test alert\.
  ✓ Receiver      It reaches monitoring/flux/everyone \(webhook\)\.
  ✓ Sent          webhook sent the notification\..*
4 hold, 0 broken, 0 unknown
`))
	}, patient, often).Should(Succeed())
	NewWithT(t).Eventually(func(g Gomega) {
		all, err := shared.notifications(t.Context(), everyone)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(all).To(ContainElement(HaveField("GroupLabels", And(
			HaveKeyWithValue("alertname", "FluxMonitoringTest"), HaveKeyWithValue("exported_namespace", namespaceOfTestAlerts)))))
	}, soon, often).Should(Succeed())
}
