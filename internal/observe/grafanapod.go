package observe

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// GrafanaIn is the container in which a pod runs Grafana; nil if none does.
func GrafanaIn(pod *corev1.PodSpec) *corev1.Container {
	if i := slices.IndexFunc(pod.Containers, isGrafana); i >= 0 {
		return &pod.Containers[i]
	}
	return nil
}
