package statemetrics

import (
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Values are values of kube-prometheus-stack with which its kube-state-metrics reads the configuration from a
// ConfigMap in its own namespace, under the key KeyConfiguration, and can read these kinds. The chart supports a
// ConfigMap by name since May 2025 (prometheus-community/helm-charts#5673); an older one ignores the name and reads
// an empty configuration.
func Values(kinds []flux.ServedKind, configMapName string) ([]byte, error) {
	no := false
	return marshal(customResourceState{Enabled: true, Create: &no, Name: configMapName, Key: KeyConfiguration}, kinds)
}

// InlineValues are values of kube-prometheus-stack that contain the configuration, for a kube-state-metrics in
// another namespace than the ConfigMap, and for older charts.
func InlineValues(kinds []flux.ServedKind, compatible bool) ([]byte, error) {
	c, err := configure(kinds, compatible)
	if err != nil {
		return nil, err
	}
	return marshal(customResourceState{Enabled: true, Config: c}, kinds)
}

func marshal(state customResourceState, kinds []flux.ServedKind) ([]byte, error) {
	return yaml.Marshal(values{KubeStateMetrics: chartValues{CustomResourceState: state, RBAC: rbac{ExtraRules: Rules(kinds)}}})
}
