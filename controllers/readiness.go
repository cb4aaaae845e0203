package controllers

import (
	"errors"
	"net/http"

	"sigs.k8s.io/controller-runtime/pkg/healthz"
)

var errUnfilled = errors.New("its caches are not filled yet: see its log for the reason")

var errUnread = errors.New("it leads and has not yet found out what the cluster serves: see its log for the reason")

// readiness is the check behind /readyz. A replica that waits to lead is ready once it can read the cluster. One that leads is ready
// once it knows what the cluster serves as well, so that a rollout ends with an operator that works. Afterwards an API server that is
// away changes nothing, because a restart of its clients does not repair it; one that refuses to list what the caches hold does.
func readiness(readable healthz.Checker, elected <-chan struct{}, known ...func() bool) healthz.Checker {
	return func(request *http.Request) error {
		if err := readable(request); err != nil {
			return err
		}
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
