// Package serving serves the operator's ports within bounds: so many connections, so many scrapes at once, so much memory for a
// client that does not read, so many questions to the API server about whose a token is. The bounds are shared fairly between source
// addresses, so that no client keeps another out. It knows who may read a port, and with which certificate that is served.
package serving
