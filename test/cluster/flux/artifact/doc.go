// Package artifact stands in for the library in which source-controller keeps what it fetched: the module proxy serves
// source-controller but not this dependency of it. It is written for the test bed, to the signatures source-controller
// calls; the layout on disk and in URLs is Flux's, <kind>/<namespace>/<name>/<file>. Everything else that runs as
// source-controller in the test bed, its reconcilers, metrics, events and statuses, is Flux's own code.
package artifact
