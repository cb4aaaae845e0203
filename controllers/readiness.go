package controllers

import (
	"errors"
	"net/http"

	"sigs.k8s.io/controller-runtime/pkg/healthz"
)

var errUnread = errors.New("it leads, and has not yet read what the cluster serves; its log says what keeps it from that")

// readiness is the check behind /readyz. A replica that waits to lead is ready: it has nothing to read. One that leads is ready
// once it knows the cluster, so that a rollout ends with an operator that works, and one that may not read is seen as not ready.
// Afterwards it stays ready: an API server that is away is not mended by a restart of its clients.
func readiness(elected <-chan struct{}, known ...func() bool) healthz.Checker {
	return func(*http.Request) error {
		select {
		case <-elected:
		default:
			return nil
		}
		for _, is := range known {
			if !is() {
				return errUnread
			}
		}
		return nil
	}
}
