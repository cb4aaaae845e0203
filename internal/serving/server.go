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
	// headerTimeout is how long a client can take to send its headers.
	headerTimeout = 5 * time.Second
	// readTimeout is how long it can take to send the whole request.
	readTimeout = 10 * time.Second
	// writeTimeout is how long a response can take, including the wait in the queue.
	writeTimeout = 20 * time.Second
	// idleTimeout is longer than Prometheus usually leaves between two scrapes.
	idleTimeout = 2 * time.Minute
	// maxHeaderBytes leaves room for tokens, which have a few KiB.
	maxHeaderBytes = 16 << 10
	// shutdownTimeout is how long responses can take after the operator is stopped.
	shutdownTimeout = 5 * time.Second
)

// Server is an HTTP port of the operator.
type Server struct {
	// Name of what is served, for errors and the log.
	Name string
	// Address to listen on.
	Address string
	// TLS to serve HTTPS with; nil for plain HTTP.
	TLS *tls.Config
	// Handler of requests.
	Handler http.Handler
	// Log of the server.
	Log logr.Logger
}

// Listen returns a server for a manager that is already listening. Clients can neither open more than a bounded
// number of connections nor hold one beyond the timeouts.
func (s Server) Listen(ctx context.Context) (*manager.Server, error) {
	listener, err := listen(ctx, s.Address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s for %s: %w", s.Address, s.Name, err)
	}
	if s.TLS != nil {
		listener = tls.NewListener(listener, s.TLS)
	}
	// HTTP/1 has one request per connection at a time, so a bound on connections bounds requests.
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	shutdown := shutdownTimeout
	return &manager.Server{
		Name: s.Name, Listener: listener, ShutdownTimeout: &shutdown,
		Server: &http.Server{
			Handler: s.Handler, Protocols: protocols, MaxHeaderBytes: maxHeaderBytes,
			ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
			// Faults of clients are logged for debugging only.
			ErrorLog: slog.NewLogLogger(logr.ToSlogHandler(s.Log), slog.LevelDebug),
		},
	}, nil
}
