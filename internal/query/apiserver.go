package query

import "github.com/fluxmonitoring/operator/internal/flux"

// The load of Flux on the API server. All but the second need the metrics of the API server itself. A server that a cloud runs often has
// several instances: what they store is one number.
var (
	// APIServerShare is the share of all requests to API servers that each controller sends.
	APIServerShare = New(`
		sum by (cluster, namespace, app) (rate(rest_client_requests_total[5m]))
		/ on () group_left ()
		(sum(rate(apiserver_request_total[5m])) > 0)`)

	// APIRequestsByMethod is the number of requests a second to Kubernetes API servers, by HTTP method.
	APIRequestsByMethod = New(`sum by (cluster, method) (rate(rest_client_requests_total[5m]))`)

	// APIServerSeconds is the 99th percentile of the seconds an API server took to answer a request for objects of Flux. A watch lasts for
	// minutes, and is not in it.
	APIServerSeconds = quantile(0.99, `
		sum by (cluster, verb, le) (
			rate(apiserver_request_duration_seconds_bucket{group=~"`+flux.FluxGroups+`",verb!~"WATCH|CONNECT"}[5m]))`)

	// APIServerRequests is the number of requests a second for objects of Flux, of all clients.
	APIServerRequests = New(`sum by (cluster, resource) (rate(apiserver_request_total{group=~"` + flux.FluxGroups + `"}[5m]))`)

	// StoredObjects is the number of objects of Flux in etcd. The label resource has the group too until Kubernetes 1.33.
	StoredObjects = New(`
		max by (cluster, resource) (apiserver_resource_objects{group=~"` + flux.FluxGroups + `"})
		or
		max by (cluster, resource) (
			label_replace(apiserver_storage_objects{resource=~"` + flux.FluxGroups + `|.+.fluxcd.controlplane.io"},
				"resource", "$1", "resource", "(\\w+).+"))`)
)
