// Package serving bounds the operator's HTTP ports: the number of connections, of concurrent scrapes, of reviews at
// the API server, and the memory for clients that do not read. The bounds are shared fairly between source addresses,
// so that no client blocks another. It also authorizes requests and provides certificates.
package serving
