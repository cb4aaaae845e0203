package stack

import (
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Contradiction is a value of the user with which something else that the operator generates does not work.
type Contradiction struct {
	// Key is the path of the value, such as alertmanager.enabled.
	Key string
	// Follows is what follows from it, as a sentence without a full stop.
	Follows string
}

// expectation is a value that the operator needs.
type expectation struct {
	key     []string
	follows string
	// met reports whether a value is good.
	met func(fm *v1alpha1.FluxMonitoring, value any) bool
	// needed reports whether the FluxMonitoring needs it, with all values; nil for always.
	needed func(fm *v1alpha1.FluxMonitoring, all values) bool
}

// expectations are in the order from Flux to people.
var expectations = []expectation{
	{key: path("namespaceOverride"), met: isDefault, follows: "the stack is not in the namespace of this resource, so the operator does not find it"},
	{key: path("prometheusOperator.enabled"), met: isTrue, follows: "prometheus-operator does not run, so nothing is scraped"},
	// Helm uninstalls prometheus-operator before the objects of its kinds. With the gate they have a finalizer that only it removes.
	{key: path("prometheusOperator.featureGates.StatusForConfigurationResources"), met: isFalse,
		follows: "uninstalling the stack leaves its Prometheus behind, with a finalizer that you must remove"},
	{key: path("crds.upgradeJob.enabled"), met: isFalse, needed: bringsCRDs,
		follows: "a Job and helm-controller both upgrade the CRDs, and undo each other's changes"},
	{key: path("prometheus.enabled"), met: isTrue, follows: "no Prometheus of the stack scrapes Flux or evaluates alerts"},
	{key: path("prometheus.agentMode"), met: isFalse, needed: hasAlerts, follows: "a Prometheus in agent mode evaluates no alerts"},
	{key: path("prometheus.prometheusSpec.podMonitorSelectorNilUsesHelmValues"), met: isFalse, needed: labelsByHand,
		follows: "Prometheus selects only PodMonitors with the label release, which labelPolicy Manual does not add"},
	{key: path("prometheus.prometheusSpec.ruleSelectorNilUsesHelmValues"), met: isFalse, needed: labelsByHand,
		follows: "Prometheus selects only PrometheusRules with the label release, which labelPolicy Manual does not add"},
	{key: path("kubeStateMetrics.enabled"), met: isOn, needed: needsStateMetrics, follows: "no kube-state-metrics exports the state of Flux objects"},
	{key: path("alertmanager.enabled"), met: isTrue, needed: hasAlerts, follows: "no Alertmanager of the stack notifies anybody"},
	{key: path("alertmanager.alertmanagerSpec.alertmanagerConfigMatcherStrategy.type"), met: isNot("OnNamespace"), needed: hasReceivers,
		follows: "the receivers are not notified of alerts about objects of other namespaces"},
	{key: path("grafana.enabled"), met: isTrue, needed: hasDashboards, follows: "no Grafana of the stack loads the dashboards"},
	{key: path("grafana.admin.existingSecret"), met: isAdminSecret, needed: hasGrafana,
		follows: "the Secret that status names is not the login of Grafana: set grafana.existingSecret of the stack instead"},
	{key: path("grafana.sidecar.dashboards.enabled"), met: isTrue, needed: hasSidecar, follows: "Grafana does not load the dashboards"},
	{key: path("grafana.sidecar.dashboards.label"), met: isText("grafana_dashboard"), needed: labelsByHand,
		follows: "Grafana loads only dashboards with that label, which labelPolicy Manual does not add"},
	{key: path("grafana.sidecar.dashboards.searchNamespace"), met: searches, needed: hasSidecar,
		follows: "Grafana does not load dashboards of the namespace of this resource"},
}

// Contradictions are the values of the spec with which something else of the FluxMonitoring does not work. What valuesFrom has is not known:
// only helm-controller reads it.
func Contradictions(fm *v1alpha1.FluxMonitoring) (found []Contradiction) {
	if Of(fm) == nil {
		return nil
	}
	all := merged(fm)
	for _, e := range expectations {
		if (e.needed == nil || e.needed(fm, all)) && !e.met(fm, all.at(e.key...)) {
			found = append(found, Contradiction{Key: strings.Join(e.key, "."), Follows: e.follows})
		}
	}
	return found
}

func path(key string) []string { return strings.Split(key, ".") }

func isTrue(_ *v1alpha1.FluxMonitoring, value any) bool { return value == true }

// isOn is that a value which the chart has true by default is not changed.
func isOn(_ *v1alpha1.FluxMonitoring, value any) bool { return value == nil || value == true }

func isFalse(_ *v1alpha1.FluxMonitoring, value any) bool { return value == nil || value == false }

func isDefault(fm *v1alpha1.FluxMonitoring, value any) bool {
	return value == nil || value == "" || value == fm.Namespace
}

func isText(text string) func(*v1alpha1.FluxMonitoring, any) bool {
	return func(_ *v1alpha1.FluxMonitoring, value any) bool { return value == text }
}

func isNot(text string) func(*v1alpha1.FluxMonitoring, any) bool {
	return func(_ *v1alpha1.FluxMonitoring, value any) bool { return value != nil && value != text }
}

func isAdminSecret(fm *v1alpha1.FluxMonitoring, value any) bool { return value == AdminSecret(fm) }

// searches is that a sidecar searches the namespace of the FluxMonitoring. The chart takes a text or a list.
func searches(fm *v1alpha1.FluxMonitoring, value any) bool {
	if list, isList := value.([]any); isList {
		return slices.Contains(list, any(fm.Namespace)) || slices.Contains(list, any("ALL"))
	}
	text, _ := value.(string)
	names := strings.Split(text, ",")
	return value == nil || text == "" || slices.Contains(names, "ALL") || slices.Contains(names, fm.Namespace)
}

func bringsCRDs(fm *v1alpha1.FluxMonitoring, _ values) bool { return BringsCRDs(fm) }

func hasAlerts(fm *v1alpha1.FluxMonitoring, _ values) bool {
	return v1alpha1.On(fm.Spec.Alerts.Enabled)
}

func hasReceivers(fm *v1alpha1.FluxMonitoring, all values) bool {
	return hasAlerts(fm, all) && fm.Spec.Notifications != nil && len(fm.Spec.Notifications.Receivers) > 0
}

func hasDashboards(fm *v1alpha1.FluxMonitoring, _ values) bool {
	return v1alpha1.On(fm.Spec.Dashboards.Enabled) && fm.Spec.Dashboards.FormatInEffect() == v1alpha1.DashboardFormatConfigMap
}

func hasGrafana(_ *v1alpha1.FluxMonitoring, all values) bool { return all.is("grafana", "enabled") }

func hasSidecar(fm *v1alpha1.FluxMonitoring, all values) bool {
	return hasDashboards(fm, all) && hasGrafana(fm, all)
}

func labelsByHand(fm *v1alpha1.FluxMonitoring, _ values) bool {
	return fm.Spec.Prometheus.LabelPolicyInEffect() == v1alpha1.LabelPolicyManual
}

func needsStateMetrics(fm *v1alpha1.FluxMonitoring, _ values) bool {
	return fm.Spec.ResourceMetrics.Source == v1alpha1.ResourceMetricsSourceKubeStateMetrics
}
