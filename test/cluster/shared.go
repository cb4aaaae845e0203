package cluster

import (
	"context"
	"sync"
	"sync/atomic"
)

// Shared is a control plane that the tests of a package share. The first test that asks for it starts it.
type Shared struct {
	start   func() (*ControlPlane, error)
	started atomic.Bool
}

// Share has tests share the control plane that a function starts.
func Share(start func(context.Context) (*ControlPlane, error)) *Shared {
	return &Shared{start: sync.OnceValues(func() (*ControlPlane, error) { return start(context.Background()) })}
}

// Plane is the control plane. Where it does not start, every test gets the error.
func (s *Shared) Plane() (*ControlPlane, error) {
	s.started.Store(true)
	return s.start()
}

// Stop ends the control plane, if a test has asked for it. Call it when all tests have ended.
func (s *Shared) Stop() {
	if !s.started.Load() {
		return
	}
	if plane, err := s.start(); err == nil {
		_ = plane.Stop()
	}
}
