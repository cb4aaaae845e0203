package serving

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

const (
	// headerTimeout is how long a client may take to say what it asks for.
	headerTimeout = 5 * time.Second
	// readTimeout is how long it may take for all of a request.
	readTimeout = 10 * time.Second
	// writeTimeout is how long an answer may take, waiting in line included.
	writeTimeout = 20 * time.Second
	// idleTimeout is how long a connection stays open without a request: longer than a Prometheus usually leaves between two scrapes.
	idleTimeout = 2 * time.Minute
	// maxHeaderBytes is how long the head of a request may be: tokens are a few KiB.
	maxHeaderBytes = 16 << 10
	// shutdownTimeout is how long answers may take after the operator is stopped.
	shutdownTimeout = 5 * time.Second
)

// Server is a port that the operator serves.
type Server struct {
	// Name of what is served, for errors and the log.
	Name string
	// Address to listen on.
	Address string
	// TLS to serve HTTPS with; nil for plain HTTP.
	TLS *tls.Config
	// Handler that answers.
	Handler http.Handler
	// Log of the server.
	Log logr.Logger
}

// Listen returns the server for a manager, listening already. A client can neither take more than a bounded number of connections
// nor hold one for longer than the time-outs.
func (s Server) Listen(ctx context.Context) (*manager.Server, error) {
	listener, err := listen(ctx, s.Address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s for %s: %w", s.Address, s.Name, err)
	}
	if s.TLS != nil {
		listener = tls.NewListener(listener, s.TLS)
	}
	// One request a connection at a time, so that what bounds connections bounds requests.
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	shutdown := shutdownTimeout
	return &manager.Server{
		Name: s.Name, Listener: listener, ShutdownTimeout: &shutdown,
		Server: &http.Server{
			Handler: s.Handler, Protocols: protocols, MaxHeaderBytes: maxHeaderBytes,
			ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
			// What clients do wrong is not worth a line each.
			ErrorLog: slog.NewLogLogger(logr.ToSlogHandler(s.Log), slog.LevelDebug),
		},
	}, nil
}
