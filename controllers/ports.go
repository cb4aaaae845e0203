package controllers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/fluxmonitoring/operator/internal/serving"
)

// ports are what a manager listens on. Its own servers are not used: they bound neither connections nor how long a client may take.
type ports struct {
	manager ctrl.Manager
	options Options
	// tls and access protect metrics; nil where anybody may read them.
	tls    *tls.Config
	access *serving.Authorizer
	// readable is an error while the manager's caches cannot be read.
	readable healthz.Checker
	// own are the metrics of this manager, beside those of the process.
	own *prometheus.Registry
}

func newPorts(manager ctrl.Manager, options Options, readable healthz.Checker) (*ports, error) {
	p := &ports{manager: manager, options: options, readable: readable, own: prometheus.NewRegistry()}
	p.own.MustRegister(monitorings{reader: manager.GetCache(), readable: readable})
	if !options.MetricsSecure {
		if options.MetricsCertDir != "" {
			return nil, errors.New("--metrics-cert-dir names a certificate for HTTPS, and metrics are served without: set --metrics-secure too")
		}
		return p, nil
	}
	var err error
	if p.access, err = serving.NewAuthorizer(manager.GetConfig(), manager.GetHTTPClient(), log); err != nil {
		return nil, err
	}
	return p, p.certify()
}

// certify has the ports serve HTTPS.
func (p *ports) certify() error {
	if p.options.MetricsCertDir == "" {
		p.tls = serving.SelfSigned()
		return nil
	}
	config, reader, err := serving.FromFolder(p.options.MetricsCertDir)
	if err != nil {
		return fmt.Errorf("--metrics-cert-dir: %w", err)
	}
	p.tls = config
	return p.manager.Add(reader)
}

// serveMetrics serves metrics under /metrics of an address, if there is one.
func (p *ports) serveMetrics(ctx context.Context, name, address string, metrics http.Handler) error {
	handler := serving.LimitScrapes(metrics)
	if p.access != nil {
		handler = p.access.Require(handler)
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", handler)
	return p.serve(ctx, serving.Server{Name: name, Address: address, TLS: p.tls, Handler: mux})
}

// serveHealth serves /healthz, which is that the process answers, and /readyz, which is a metric too.
func (p *ports) serveHealth(ctx context.Context, ready healthz.Checker) error {
	p.own.MustRegister(readyMetric(ready))
	mux := http.NewServeMux()
	for path, checks := range map[string]map[string]healthz.Checker{"/healthz": {"ping": healthz.Ping}, "/readyz": {"cluster": ready}} {
		handler := http.StripPrefix(path, &healthz.Handler{Checks: checks})
		mux.Handle(path, handler)
		mux.Handle(path+"/", handler)
	}
	return p.serve(ctx, serving.Server{Name: "health probes", Address: p.options.ProbeAddress, Handler: mux})
}

func (p *ports) serve(ctx context.Context, server serving.Server) error {
	if server.Address == "0" || server.Address == "" {
		return nil
	}
	server.Log = log
	listening, err := server.Listen(ctx)
	if err != nil {
		return err
	}
	return p.manager.Add(listening)
}

// ownMetrics are those that the libraries and the controllers of this process keep, and those of the manager.
func (p *ports) ownMetrics() http.Handler {
	return promhttp.HandlerFor(prometheus.Gatherers{metrics.Registry, p.own}, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError})
}
