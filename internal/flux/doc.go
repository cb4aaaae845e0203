// Package flux holds what is known about Flux itself: its controllers, the kinds they reconcile, the metrics they expose
// and since which version. It is data with small accessors; it knows nothing of clusters, queries, alerts or dashboards.
package flux
