package flux

import "slices"

// FluxGroups is a regular expression for the API groups of Flux and flux-operator.
const FluxGroups = `.+.fluxcd.io|fluxcd.controlplane.io`

// apiServerFamilies is what kube-apiserver exports about itself, as far as panels use it. A Prometheus has it if somebody else scrapes API
// servers, with whatever labels of a target.
var apiServerFamilies = []Family{
	{Name: "apiserver_request_total", Type: Counter, Labels: []string{"code", "group", "resource", "verb"},
		Help: "Requests that the API server answered."},
	{Name: "apiserver_request_duration_seconds", Type: Histogram, Labels: []string{"group", "le", "resource", "verb"},
		Help: "Seconds the API server took to answer."},
	{Name: "apiserver_storage_objects", Type: Gauge, Labels: []string{"resource"},
		Help: "Objects in etcd, by resource and group in one label. Deprecated in Kubernetes 1.34."},
	{Name: "apiserver_resource_objects", Type: Gauge, Labels: []string{"group", "resource"},
		Help: "Objects in etcd. Since Kubernetes 1.34."},
}

// APIServerFamilies returns what is known of the metrics of kube-apiserver. The rows are shared: do not change them.
func APIServerFamilies() []Family { return slices.Clone(apiServerFamilies) }

// IsOfAPIServer reports whether kube-apiserver exports samples of this name about itself.
func IsOfAPIServer(metric string) bool {
	return slices.ContainsFunc(apiServerFamilies, func(f Family) bool { return f.has(metric) })
}

// apiServerCarries is Carries for such a metric.
func apiServerCarries(metric, label string) bool {
	return label == LabelCluster || slices.ContainsFunc(apiServerFamilies, func(f Family) bool {
		return f.has(metric) && slices.Contains(f.Labels, label)
	})
}
