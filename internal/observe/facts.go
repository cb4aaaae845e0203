// Package observe reads a cluster into plain data: which Flux runs, which Prometheus instances there are and what they
// select, which APIs are served, which other FluxMonitoring claims the same. It reads through caches only, and holds what
// those caches may keep of an object. It decides nothing.
package observe

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Facts about the cluster as it is, for one FluxMonitoring.
type Facts struct {
	// Flux found in the namespace the resource names.
	Flux flux.Installation
	// FluxNamespaceExists tells a missing namespace from an empty one.
	FluxNamespaceExists bool
	// NamespaceLabels of the FluxMonitoring's own namespace.
	NamespaceLabels map[string]string
	// Prometheuses are the Prometheus and PrometheusAgent objects that spec.prometheus selects, sorted by kind, namespace
	// and name.
	Prometheuses []selection.Instance
	// Served are the kinds, of those that may be absent, that the cluster serves now.
	Served map[schema.GroupVersionKind]bool
	// Rival is the older FluxMonitoring of the same Flux that a same Prometheus takes up; nil when there is none.
	Rival *types.NamespacedName
}

// PrometheusesServed reports whether the cluster serves Prometheus or PrometheusAgent objects at all.
func (f Facts) PrometheusesServed() bool {
	return f.Served[PrometheusKind] || f.Served[PrometheusAgentKind]
}
