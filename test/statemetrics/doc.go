// Package statemetrics runs a real kube-state-metrics with the configuration and the role that are generated for it, against a
// real API server with objects of Flux 2.9, and looks at what it exposes.
package statemetrics
