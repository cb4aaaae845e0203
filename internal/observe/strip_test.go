package observe

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/kinds"
)

func TestStripDeploymentKeepsExactlyWhatIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		full := anyDeployment().Draw(t, "deployment")
		kept, err := StripDeployment(&full)
		g.Expect(err).NotTo(HaveOccurred())
		stripped := kept.(*appsv1.Deployment)
		g.Expect(InstallationOf("flux-system", []appsv1.Deployment{*stripped})).To(Equal(InstallationOf("flux-system", []appsv1.Deployment{full})))
		g.Expect(StripDeployment(stripped)).To(Equal(kept))
	})
}

func TestACacheKeepsOnlyWhatIsRead(t *testing.T) {
	kept := metav1.ObjectMeta{Namespace: "monitoring", Name: "main", UID: "uid", ResourceVersion: "10", Generation: 2}
	labelledToo := kept
	labelledToo.Labels = map[string]string{"team": "a"}

	other := deployment("podinfo", portless, labelled(nil))
	other.ObjectMeta, other.Status.Replicas = about("main"), 3
	other.Labels = nil

	source := deployment("source-controller", sidecar)
	strippedSource := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "flux-system", Name: "source-controller", Labels: map[string]string{
		"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/version": "v2.9.4", "app.kubernetes.io/component": "source-controller",
	}}}
	strippedSource.Spec.Selector = source.Spec.Selector
	strippedSource.Spec.Template.Labels = map[string]string{"app": "source-controller"}
	strippedSource.Spec.Template.Spec.Containers = []corev1.Container{{
		Name: "manager", Image: "ghcr.io/fluxcd/source-controller:v1.9.4", Ports: []corev1.ContainerPort{{Name: "http-prom"}},
	}}

	monitor, strippedMonitor := kinds.Metadata(kinds.PodMonitor), kinds.Metadata(kinds.PodMonitor)
	monitor.ObjectMeta, strippedMonitor.ObjectMeta = about("main"), labelledToo

	server, strippedServer := prometheusOf(t, "{"+selecting+", ruleSelector: {matchLabels: {role: rules}}, retention: 10d}"), &monitoringv1.Prometheus{ObjectMeta: labelledToo}
	server.ObjectMeta, server.Status.Replicas = about("main"), 2
	strippedServer.Spec.PodMonitorSelector, strippedServer.Spec.PodMonitorNamespaceSelector = matching("release", "kps"), matching("scrape", "yes")
	strippedServer.Spec.IgnoreNamespaceSelectors, strippedServer.Spec.RuleSelector = true, matching("role", "rules")

	mail := specified[monitoringv1.Alertmanager](t, "{retention: 10d, alertmanagerConfiguration: {name: flux, global: {}}}")
	mail.ObjectMeta, mail.Spec.AlertmanagerConfigSelector = about("main"), matching("release", "kps")
	strippedMail := specified[monitoringv1.Alertmanager](t, "alertmanagerConfiguration: {name: flux}")
	strippedMail.ObjectMeta, strippedMail.Spec.AlertmanagerConfigSelector = kept, matching("release", "kps")

	bootstrap := object(t, `{apiVersion: a/v1, kind: Kustomization, metadata: {namespace: a, name: b, labels: {c: d}},
		spec: {path: ./, sourceRef: {kind: GitRepository, name: e}}, status: {f: g}}`)
	strippedBootstrap := object(t, `{apiVersion: a/v1, kind: Kustomization, metadata: {namespace: a, name: b},
		spec: {sourceRef: {kind: GitRepository, name: e}}}`)
	bootstrap.SetGeneration(2)
	strippedBootstrap.SetGeneration(2)

	for name, c := range map[string]struct {
		strip      func(any) (any, error)
		full, want any
	}{
		"the identity of any Deployment":    {StripDeployment, &other, &appsv1.Deployment{ObjectMeta: kept}},
		"a controller of Flux":              {StripDeployment, &source, strippedSource},
		"identity and labels of metadata":   {Strip, monitor, strippedMonitor},
		"the selectors of a Prometheus":     {Strip, server, strippedServer},
		"the selectors of an Alertmanager":  {Strip, mail, strippedMail},
		"the source of a bootstrap object":  {StripBootstrap, &bootstrap, &strippedBootstrap},
		"a tombstone, of Deployments":       {StripDeployment, "a tombstone", "a tombstone"},
		"a tombstone, of bootstrap objects": {StripBootstrap, "a tombstone", "a tombstone"},
		"a tombstone, of other objects":     {Strip, "a tombstone", "a tombstone"},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(c.strip(c.full)).To(Equal(c.want))
		})
	}
}
