package status

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/given"
)

// stacked is a run whose HelmRelease is applied, in a namespace that is allowed.
func stacked(change ...func(*Run)) *Run {
	o := &Run{Facts: given.Everything()}
	o.Facts.Served[kinds.HelmRelease] = true
	o.Facts.Stack.Allowed = true
	release := kinds.Plain(kinds.HelmRelease)
	release.SetName("flux-stack")
	o.Desired = []*unstructured.Unstructured{release}
	for _, c := range change {
		c(o)
	}
	return o
}

// reporting is what helm-controller reports: the status of a HelmRelease of generation 2.
func reporting(t *testing.T, status string) func(*Run) {
	return func(o *Run) {
		o.Facts.Stack.Release = &facts.StackRelease{Generation: 2}
		o.Facts.Stack.Release.Status.ObservedGeneration = 2
		if err := yaml.UnmarshalStrict([]byte(status), &o.Facts.Stack.Release.Status); err != nil {
			t.Fatal(err)
		}
	}
}

// ready is the condition Ready of a HelmRelease.
func ready(status, reason, message string) string {
	return `{type: Ready, status: "` + status + `", reason: ` + reason + `, message: "` + message + `"}`
}

// installedOf is a history of releases, the newest first.
const (
	installed885 = `{name: s, version: 1, status: deployed, chartName: kube-prometheus-stack, chartVersion: 88.5.3+0123456789ab}`
	failed886    = `{name: s, version: 2, status: failed, chartName: kube-prometheus-stack, chartVersion: 88.6.0}`
	backTo885    = `{name: s, version: 3, status: deployed, chartName: kube-prometheus-stack, chartVersion: 88.5.3}`
)

func statusOf(condition string, more ...string) string {
	text, history := "conditions: ["+condition+"]\nhistory: [", ""
	for i, m := range more {
		if i > 0 {
			history += ", "
		}
		history += m
	}
	return text + history + "]"
}

func parts(available ...bool) func(*Run) {
	return func(o *Run) {
		for i, p := range []facts.StackPart{{Kind: "Deployment", Name: "flux-stack-kube-prometheus-operator"}, {Kind: "Deployment", Name: "flux-stack-grafana"}} {
			p.Available = available[i]
			o.Facts.Stack.Parts = append(o.Facts.Stack.Parts, p)
		}
	}
}

func TestStackReadyFollowsTheHelmReleaseAndThePrograms(t *testing.T) {
	const spec = "stack: {kubePrometheusStack: {}}"
	was := func(status metav1.ConditionStatus, reason, message string) metav1.Condition {
		return metav1.Condition{Type: v1alpha1.ConditionStackReady, Status: status, Reason: reason, Message: message}
	}
	installed := statusOf(ready("True", "InstallSucceeded", "Helm install succeeded"), installed885)
	for name, c := range map[string]struct {
		spec string
		was  metav1.Condition
		run  *Run
		want conditionValue
	}{
		"no stack":    {spec: "{}", run: stacked()},
		"not allowed": {run: stacked(func(o *Run) { o.Facts.Stack.Allowed = false }), want: conditionValue{"False", "StackNotAllowed", "spec.stack is not allowed in namespace monitoring: set spec.serviceAccountName, or add it to --stack-namespaces"}},
		"a stack of somebody else": {run: stacked(func(o *Run) {
			o.Facts.Stack.Others = []facts.StackObject{{Kind: "HelmRelease", Namespace: "observability", Name: "kube-prometheus-stack"}}
		}), want: conditionValue{"False", "OtherStack", "HelmRelease observability/kube-prometheus-stack runs a stack already: remove spec.stack to use it, or uninstall it first"}},
		"no helm-controller": {run: stacked(func(o *Run) { delete(o.Facts.Served, kinds.HelmRelease) }),
			want: conditionValue{"False", "APIMissing", "HelmRelease v2 is not served, so Flux cannot install the stack: install helm-controller of Flux 2.3 or later"}},
		"not applied":  {run: stacked(func(o *Run) { o.MissingAPIs = o.Desired }), want: conditionValue{"False", "ApplyFailed", "the HelmRelease is not applied, see Ready"}},
		"just created": {run: stacked(parts(false, false)), want: conditionValue{"Unknown", "Installing", "Flux installs chart kube-prometheus-stack 88.5.3"}},
		"no chart yet": {run: stacked(reporting(t, statusOf(ready("False", "SourceNotReady", "OCIRepository 'monitoring/flux-stack' is not ready: does not have an artifact")))),
			want: conditionValue{"Unknown", "Installing", "Flux installs chart kube-prometheus-stack 88.5.3"}},
		"the chart cannot be fetched": {run: stacked(reporting(t, statusOf(ready("False", "SourceNotReady", "OCIRepository 'monitoring/flux-stack' is not ready: failed to pull: UNAUTHORIZED")))),
			want: conditionValue{"False", "SourceFailed", "HelmRelease flux-stack: Flux cannot fetch chart 88.5.3: see OCIRepository flux-stack"}},
		"installing": {run: stacked(reporting(t, statusOf(ready("Unknown", "Progressing", "Running 'install' action with timeout of 15m0s"))), parts(true, false)),
			want: conditionValue{"Unknown", "Installing", "Flux installs chart kube-prometheus-stack 88.5.3: it waits for Deployment flux-stack-grafana"}},
		"failed to install": {run: stacked(reporting(t, statusOf(ready("False", "InstallFailed", "Helm install failed for release monitoring/flux-stack with chart kube-prometheus-stack@88.5.3: resource Deployment/monitoring/flux-stack-grafana not ready. status: InProgress, message: Available: 0/1\\ncontext deadline exceeded")))),
			want: conditionValue{"False", "InstallFailed", "HelmRelease flux-stack: the installation of chart 88.5.3 failed, waiting for Deployment flux-stack-grafana: see its pods"}},
		"a secret in the words of Helm": {run: stacked(reporting(t, statusOf(ready("False", "InstallFailed", "values: adminPassword: s3cret is invalid")))),
			want: conditionValue{"False", "InstallFailed", "HelmRelease flux-stack: the installation of chart 88.5.3 failed: read the message of the HelmRelease"}},
		"retrying a failed installation": {was: was("False", "InstallFailed", "as before"),
			run:  stacked(reporting(t, statusOf(ready("Unknown", "Progressing", "Running 'install'"))+"\ninstallFailures: 2")),
			want: conditionValue{"False", "InstallFailed", "as before"}},
		"installed": {run: stacked(reporting(t, installed), parts(true, true)), want: conditionValue{"True", "Installed", "chart kube-prometheus-stack 88.5.3 is installed"}},
		"installed, and starting": {run: stacked(reporting(t, installed), parts(true, false)),
			want: conditionValue{"Unknown", "Starting", "Deployment flux-stack-grafana of the stack starts: see its pods if it does not end"}},
		"a program that went away": {was: was("True", "Installed", ""), run: stacked(reporting(t, installed), parts(false, true)),
			want: conditionValue{"False", "NotAvailable", "Deployment flux-stack-kube-prometheus-operator of the stack is not available: see its pods"}},
		"a newer generation": {run: stacked(reporting(t, installed), func(o *Run) { o.Facts.Stack.Release.Generation = 3 }), spec: "stack: {kubePrometheusStack: {version: 88.6.0}}",
			want: conditionValue{"Unknown", "Upgrading", "Flux upgrades chart kube-prometheus-stack from 88.5.3 to 88.6.0, or its values"}},
		"a failed upgrade": {spec: "stack: {kubePrometheusStack: {version: 88.6.0}}",
			run:  stacked(reporting(t, statusOf(ready("False", "UpgradeFailed", "Helm upgrade failed: timeout waiting for: [StatefulSet/monitoring/x status: 'InProgress']"), failed886, installed885))),
			want: conditionValue{"False", "UpgradeFailed", "HelmRelease flux-stack: the upgrade to chart 88.6.0 failed, waiting for StatefulSet x: see its pods"}},
		"rolled back": {spec: "stack: {kubePrometheusStack: {version: 88.6.0}}",
			run:  stacked(reporting(t, statusOf(ready("False", "RollbackSucceeded", "Helm rollback to previous release succeeded"), backTo885, failed886))),
			want: conditionValue{"False", "RolledBack", "HelmRelease flux-stack: the upgrade to chart 88.6.0 failed, and 88.5.3 is back: correct spec.stack"}},
		"checks that a newer change canceled": {spec: "stack: {kubePrometheusStack: {version: 88.6.0}}",
			run:  stacked(reporting(t, statusOf(ready("False", "HealthCheckCanceled", "New reconciliation triggered by OCIRepository"), failed886, installed885))),
			want: conditionValue{"Unknown", "Upgrading", "Flux upgrades chart kube-prometheus-stack from 88.5.3 to 88.6.0, or its values"}},
		"a canceled upgrade": {run: stacked(reporting(t, statusOf(ready("False", "UpgradeFailed", "Helm upgrade failed: context canceled"), failed886, installed885))),
			want: conditionValue{"False", "Canceled", "HelmRelease flux-stack: the last upgrade was canceled and is not rolled back: flux reconcile helmrelease --force"}},
		"ready, with a failed release": {run: stacked(reporting(t, statusOf(ready("True", "UpgradeSucceeded", ""), failed886, installed885))),
			want: conditionValue{"False", "Canceled", "HelmRelease flux-stack: the last upgrade was canceled and is not rolled back: flux reconcile helmrelease --force"}},
		"drift": {run: stacked(reporting(t, statusOf(ready("True", "InstallSucceeded", "")+`, {type: Drifted, status: "True", reason: DriftDetected, message: ""}`, installed885))),
			want: conditionValue{"False", "Drifted", "HelmRelease flux-stack: objects differ from the chart: read its events, and set driftDetection to enabled"}},
		"suspended": {run: stacked(reporting(t, installed), func(o *Run) { o.Facts.Stack.Release.Suspended = true }),
			want: conditionValue{"Unknown", "Suspended", "HelmRelease flux-stack is suspended, so Flux does not reconcile the stack: resume it"}},
		"values that cannot be read": {run: stacked(reporting(t, statusOf(ready("False", "ValuesError", "could not find Secret")))),
			want: conditionValue{"False", "ReleaseFailed", "HelmRelease flux-stack: it is not ready because of ValuesError: read its message"}},
		"a contradicting value": {spec: `stack: {kubePrometheusStack: {values: "alertmanager: {enabled: false}"}}`, run: stacked(reporting(t, installed)),
			want: conditionValue{"False", "ContradictingValues", "value alertmanager.enabled: no Alertmanager of the stack notifies anybody"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.spec == "" {
				c.spec = spec
			}
			fm := given.FluxMonitoring(t, c.spec)
			if c.was.Type != "" {
				meta.SetStatusCondition(&fm.Status.Conditions, c.was)
			}
			got := stackReady(fm, c.run)
			NewWithT(t).Expect(got).To(Equal(c.want))
			NewWithT(t).Expect(len(got.message)).To(BeNumerically("<=", 120))
		})
	}
}

func TestStatusSaysHowToOpenTheStack(t *testing.T) {
	fm := given.FluxMonitoring(t, `stack: {kubePrometheusStack: {values: "alertmanager: {enabled: false}", grafana: {externalURL: "https://grafana.example.com"}}}`)
	NewWithT(t).Expect(stackStatus(fm, stacked(reporting(t, statusOf(ready("True", "InstallSucceeded", ""), installed885))))).To(Equal(&v1alpha1.StackStatus{
		HelmRelease: "flux-stack", Version: "88.5.3",
		Grafana:    &v1alpha1.StackAccess{Service: "flux-stack-grafana", Port: 80, URL: "https://grafana.example.com", Secret: "flux-grafana-admin"},
		Prometheus: &v1alpha1.StackAccess{Service: "flux-stack-kube-prometheus-prometheus", Port: 9090},
	}))
	NewWithT(t).Expect(stackStatus(given.FluxMonitoring(t, "{}"), stacked())).To(BeNil())
}
