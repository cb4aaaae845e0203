// Package serving serves the operator's ports within bounds: so many connections, so many scrapes at once, so much memory for a
// client that does not read. The bounds are shared fairly between source addresses, so that no client keeps another out.
package serving
