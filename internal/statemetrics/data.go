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
	KeyValues: `# Values for kube-prometheus-stack. Its kube-state-metrics then also exports the state of Flux objects.
# kube-state-metrics reads config.yaml of the ConfigMap {name}. The ConfigMap must be in its namespace: without it the pod does not start.
# The operator updates the configuration when Flux's kinds change, and kube-state-metrics reloads it. For a new kind, upgrade the
# release, because its role must allow to read that kind.
# For a kube-state-metrics in another namespace, or a chart from before June 2025, use values-inline.yaml.
#
# In a HelmRelease of this namespace. It upgrades at its interval. Since Flux 2.7 it upgrades at once if this ConfigMap has the
# label reconcile.fluxcd.io/watch: Enabled.
#   spec:
#     valuesFrom:
#     - {kind: ConfigMap, name: {name}, valuesKey: values.yaml}
# With helm, beside your values:
#   kubectl get configmap {name} -o go-template='{{index .data "values.yaml"}}' > values.yaml
#   helm upgrade ... -f values.yaml
# Helm replaces lists. Add your own rbac.extraRules to these, and your own customResourceState.config to values-inline.yaml.
# For the chart kube-state-metrics, omit the first level.
`,
	KeyInlineValues: `# Values for kube-prometheus-stack. Its kube-state-metrics then also exports the state of Flux objects.
# The values contain the configuration. Upgrade the release when Flux's kinds or their versions change.
#
# In a HelmRelease of this namespace. It upgrades at its interval. Since Flux 2.7 it upgrades at once if this ConfigMap has the
# label reconcile.fluxcd.io/watch: Enabled.
#   spec:
#     valuesFrom:
#     - {kind: ConfigMap, name: {name}, valuesKey: values-inline.yaml}
# With helm, beside your values:
#   kubectl get configmap {name} -o go-template='{{index .data "values-inline.yaml"}}' > values-inline.yaml
#   helm upgrade ... -f values-inline.yaml
# Helm replaces lists. Add rbac.extraRules and customResourceState.config.spec.resources of your own to these.
# For the chart kube-state-metrics, omit the first level.
`,
	KeyClusterRole: `# For a kube-state-metrics that was not installed by a chart. Bind the role to its ServiceAccount:
#   kubectl get configmap {name} -o go-template='{{index .data "cluster-role.yaml"}}' | kubectl apply -f -
#   kubectl create clusterrolebinding {name} --clusterrole={name} --serviceaccount=NAMESPACE:kube-state-metrics
# Mount the ConfigMap {name}, in the same namespace, as a folder. (Kubernetes never updates a file that is mounted by subPath.)
# Start kube-state-metrics with
#   --custom-resource-state-config-file=/etc/customresourcestate/config.yaml
`,
}
