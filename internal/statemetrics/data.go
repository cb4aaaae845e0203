package statemetrics

import (
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Keys of the generated ConfigMap.
const (
	// KeyConfiguration is what kube-state-metrics reads.
	KeyConfiguration = "config.yaml"
	// KeyValues are values of kube-prometheus-stack that name the ConfigMap.
	KeyValues = "values.yaml"
	// KeyInlineValues are values of kube-prometheus-stack that hold the configuration.
	KeyInlineValues = "values-inline.yaml"
	// KeyClusterRole is a ClusterRole for a kube-state-metrics that no chart has installed.
	KeyClusterRole = "cluster-role.yaml"
)

// Data is the data of the ConfigMap that makes a kube-state-metrics export the state of these kinds. It does not
// depend on their order.
func Data(kinds []flux.ServedKind, legacyMetrics bool, configMapName string) (map[string]string, error) {
	data := map[string]string{}
	for key, render := range map[string]func() ([]byte, error){
		KeyConfiguration: func() ([]byte, error) { return Configuration(kinds, legacyMetrics) },
		KeyValues:        func() ([]byte, error) { return Values(kinds, configMapName) },
		KeyInlineValues:  func() ([]byte, error) { return InlineValues(kinds, legacyMetrics) },
		KeyClusterRole:   func() ([]byte, error) { return clusterRole(kinds, configMapName) },
	} {
		rendered, err := render()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		data[key] = strings.ReplaceAll(headers[key], "{name}", configMapName) + string(rendered)
	}
	return data, nil
}

func clusterRole(kinds []flux.ServedKind, name string) ([]byte, error) {
	role := rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Rules:      append([]rbacv1.PolicyRule{discoveryRule}, Rules(kinds)...),
	}
	return yaml.Marshal(role)
}

// headers say how to apply the file; {name} is the ConfigMap's name.
var headers = map[string]string{
	KeyValues: `# Values for kube-prometheus-stack: its kube-state-metrics exports the state of Flux's objects beside all it tells already.
# It reads config.yaml of the ConfigMap {name}, which must be in its own namespace: its pod does not start without.
# The configuration is renewed as Flux's kinds change, and kube-state-metrics loads it again by itself. Only for a kind that
# is new must the release be upgraded, so that its role allows to read it.
# For a kube-state-metrics in another namespace, or a chart from before June 2025, take values-inline.yaml.
#
# In a HelmRelease of this namespace, which upgrades at its interval, or from Flux 2.7 at once where this ConfigMap has the
# label reconcile.fluxcd.io/watch: Enabled:
#   spec:
#     valuesFrom:
#     - {kind: ConfigMap, name: {name}, valuesKey: values.yaml}
# With helm, beside the values you have:
#   kubectl get configmap {name} -o go-template='{{index .data "values.yaml"}}' > values.yaml
#   helm upgrade ... -f values.yaml
# Helm replaces lists. Add rbac.extraRules of your own to these; customResourceState.config of your own to values-inline.yaml.
# For the chart kube-state-metrics alone, leave out the first level.
`,
	KeyInlineValues: `# Values for kube-prometheus-stack: its kube-state-metrics exports the state of Flux's objects beside all it tells already.
# They hold the configuration, so that the release must be upgraded whenever Flux's kinds or their versions change.
#
# In a HelmRelease of this namespace, which upgrades at its interval, or from Flux 2.7 at once where this ConfigMap has the
# label reconcile.fluxcd.io/watch: Enabled:
#   spec:
#     valuesFrom:
#     - {kind: ConfigMap, name: {name}, valuesKey: values-inline.yaml}
# With helm, beside the values you have:
#   kubectl get configmap {name} -o go-template='{{index .data "values-inline.yaml"}}' > values-inline.yaml
#   helm upgrade ... -f values-inline.yaml
# Helm replaces lists. Add rbac.extraRules and customResourceState.config.spec.resources of your own to these.
# For the chart kube-state-metrics alone, leave out the first level.
`,
	KeyClusterRole: `# For a kube-state-metrics that no chart has installed. Bind the role to its ServiceAccount:
#   kubectl get configmap {name} -o go-template='{{index .data "cluster-role.yaml"}}' | kubectl apply -f -
#   kubectl create clusterrolebinding {name} --clusterrole={name} --serviceaccount=NAMESPACE:kube-state-metrics
# Mount the ConfigMap {name}, in the same namespace, as a folder. (A file mounted by subPath is never renewed.)
# Start kube-state-metrics with
#   --custom-resource-state-config-file=/etc/customresourcestate/config.yaml
`,
}
