package controllers

import (
	"cmp"
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/event"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/exporter"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/served"
	"github.com/fluxmonitoring/operator/internal/verify"
)

// Options of the operator, as its flags have them.
type Options struct {
	// MetricsAddress and ProbeAddress to listen on; "0" for neither.
	MetricsAddress, ProbeAddress string
	// MetricsSecure serves the operator's metrics and the state of Flux objects by HTTPS, only to those whom the API server lets get
	// the path.
	MetricsSecure bool
	// MetricsCertDir is the folder with the certificate for that, tls.crt and tls.key; empty for one of the operator's own making.
	MetricsCertDir string
	// LeaderElection lets one of several replicas work at a time.
	LeaderElection bool
	// Concurrent is how many FluxMonitorings are reconciled at once.
	Concurrent int
	// ExporterAddress to serve the state of Flux objects on; "0" for nowhere. They are watched for alerts all the same.
	ExporterAddress string
	// LeaderElectionID is the name of the Lease. Operators of different shards need different ones; empty for LeaderElectionID.
	LeaderElectionID string
	// LeaderElectionNamespace holds the Lease; empty for the namespace of the pod, which outside of a cluster is not known.
	LeaderElectionNamespace string
	// MaxSeries the exporter serves of Flux objects; 0 for no limit. See exporter.Options for what counts.
	MaxSeries int
	// Namespace the operator's pods run in: where Prometheus scrapes the exporter and the operator's own metrics.
	Namespace string
	// Shard selects the Flux objects that the exporter watches, and the FluxMonitorings that are reconciled, so that several
	// operators share a fleet; nil for all.
	Shard labels.Selector
	// DefaultServiceAccount is impersonated where a FluxMonitoring names none.
	DefaultServiceAccount string
	// TrustedNamespaces are those in which a FluxMonitoring that names no ServiceAccount is written for with the operator's own permissions,
	// beside Namespace. AnyNamespace among them is every namespace.
	TrustedNamespaces []string
	// WatchNamespaces are those whose FluxMonitorings are reconciled; none for every namespace. Those of others are not seen, so that an
	// operator that may write only in some namespaces does not try to elsewhere.
	WatchNamespaces []string
	// StackNamespaces are those in which spec.stack of a FluxMonitoring without a ServiceAccount is allowed, beside Namespace.
	StackNamespaces []string
	// VerifyHosts are the hosts that spec.prometheus.verify.address can have in namespaces that are not trusted.
	VerifyHosts []string
	// VerifyLoopback lets the operator ask servers on loopback addresses, for tests.
	VerifyLoopback bool
	// SkipNameValidation lets one process, as a test, hold more than one manager.
	SkipNameValidation bool
}

// metricsNamespace is where the operator's own metrics are served; empty where they are not.
func (o Options) metricsNamespace() string {
	if o.MetricsAddress == "0" {
		return ""
	}
	return o.Namespace
}

// trusted are the namespaces that the administrator trusts: those of the options, and the operator's own.
func (o Options) trusted() Trusted { return append(Trusted{o.Namespace}, o.TrustedNamespaces...) }

// stackNamespaces are those in which helm-controller's own permissions install a stack.
func (o Options) stackNamespaces() []string {
	return append([]string{o.Namespace}, o.StackNamespaces...)
}

// log is the operator's, for what no reconciler logs.
var log = ctrl.Log.WithName("operator")

// LeaderElectionID is the name of the Lease unless Options have another.
const LeaderElectionID = "fluxmonitoring-operator"

// NewManager wires the operator up. It listens at once; the context bounds that.
func NewManager(ctx context.Context, cfg *rest.Config, options Options) (ctrl.Manager, error) {
	scheme, err := kinds.Scheme()
	if err != nil {
		return nil, err
	}
	if options.Shard == nil {
		options.Shard = labels.Everything()
	}
	cfg = rest.CopyConfig(cfg)
	cfg.QPS = -1 // the API server's own priority and fairness keeps clients in bounds
	flattenAnswers(cfg)
	consistent, caches := true, &reading{}
	manager, err := ctrl.NewManager(cfg, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         caches.watched(CacheOptions(options.WatchNamespaces...)),
		Client:                        client.Options{Cache: &client.CacheOptions{EnableReadYourWritesConsistency: &consistent}},
		Metrics:                       metricsserver.Options{BindAddress: "0"},
		HealthProbeBindAddress:        "0",
		LeaderElection:                options.LeaderElection,
		LeaderElectionNamespace:       options.LeaderElectionNamespace,
		LeaderElectionID:              cmp.Or(options.LeaderElectionID, LeaderElectionID),
		LeaderElectionReleaseOnCancel: true,
		Controller:                    config.Controller{SkipNameValidation: &options.SkipNameValidation},
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	if err := manager.Add(caches); err != nil {
		return nil, err
	}
	if options.LeaderElection {
		if err := manager.Add(newPulse()); err != nil {
			return nil, err
		}
	}
	ports, err := newPorts(manager, options, caches.check)
	if err != nil {
		return nil, err
	}
	if err := ports.serveMetrics(ctx, "the operator's metrics", options.MetricsAddress, ports.ownMetrics()); err != nil {
		return nil, err
	}
	return manager, addControllers(ctx, manager, options, ports)
}

func addControllers(ctx context.Context, manager ctrl.Manager, options Options, ports *ports) error {
	cfg, mapper := manager.GetConfig(), manager.GetRESTMapper()
	recent := &apply.WriteTracker{}
	// The writer has no cache: apply.WriteTracker bridges the time until the caches of the optional kinds have its writes.
	writer, err := client.New(cfg, client.Options{HTTPClient: manager.GetHTTPClient(), Scheme: manager.GetScheme(), Mapper: mapper})
	if err != nil {
		return err
	}
	discoverer, err := discovery.NewDiscoveryClientForConfigAndClient(cfg, manager.GetHTTPClient())
	if err != nil {
		return err
	}
	discover := served.Discovery{CRDs: manager.GetClient(), Live: manager.GetAPIReader(), API: discoverer}
	changed := make(chan event.GenericEvent)
	optional := &served.Kinds{Manager: manager, Discovery: discover, Recent: recent, Changed: changed}
	bootstrap := &served.Bootstrap{Manager: manager}
	state := &StateReconciler{
		Client: manager.GetClient(), Discovery: discover, Served: bootstrap.Follow,
		Trusted: options.trusted(), Sharded: !options.Shard.Empty(), Changed: changed, Signals: make(chan event.GenericEvent, 1),
		damper: damper{calm: faultCalm, recovery: faultRecovery},
	}
	state.Observer = &observe.Observer{
		Reader: manager.GetClient(), Live: manager.GetAPIReader(), Optional: optional, State: state, Objects: bootstrap,
		MetricsNamespace: options.metricsNamespace(), MetricsSecure: options.MetricsSecure,
		OperatorNamespace: options.Namespace, Trusted: options.trusted().byName, Shard: options.Shard,
		StackNamespaces: options.stackNamespaces(),
	}
	if err := addExporter(ctx, manager, options, state, ports); err != nil {
		return err
	}
	reconciler := &FluxMonitoringReconciler{
		Bootstrap: bootstrap,
		Client:    manager.GetClient(),
		Observer:  state.Observer,
		Optional:  optional,
		State:     state,
		Shard:     options.Shard,
		Schemas:   &served.Schemas{Live: manager.GetAPIReader()},
		Applier:   &apply.Applier{Live: manager.GetAPIReader(), Writes: recent, Contests: &apply.Contests{}},
		Writers: Writers{
			Own: writer, Config: cfg, Mapper: mapper, Scheme: manager.GetScheme(), DefaultServiceAccount: options.DefaultServiceAccount,
			Trusted: options.trusted(),
		},
		Events: manager.GetEventRecorder("fluxmonitoring"),
	}
	reconciler.Verifier = newVerifier(manager, options, &reconciler.Writers)
	if err := manager.Add(reconciler.Verifier); err != nil {
		return err
	}
	if err := reconciler.SetupWithManager(ctx, manager, options.Concurrent); err != nil {
		return err
	}
	if err := ports.serveHealth(ctx, readiness(ports.readable, manager.Elected(), optional.Known, state.Known)); err != nil {
		return err
	}
	if err := optional.SetupWithManager(manager); err != nil {
		return err
	}
	return state.SetupWithManager(manager)
}

// newVerifier returns what asks Prometheus. It reads without caches: what it reads changes often, and is needed once in minutes.
func newVerifier(manager ctrl.Manager, options Options, writers *Writers) *verify.Verifier {
	v := verify.New()
	v.Live, v.ClientFor, v.Trusts = manager.GetAPIReader(), writers.As, options.trusted().Has
	v.Hosts, v.APIServer, v.Loopback = options.VerifyHosts, manager.GetConfig().Host, options.VerifyLoopback
	return v
}

// addExporter adds the exporter and its server. Every replica serves, so that a scrape finds each of them; only the leader watches, and so
// has objects to serve. Without an address there is no server, and the exporter watches objects only for how long alerts wait.
func addExporter(ctx context.Context, manager ctrl.Manager, options Options, state *StateReconciler, ports *ports) error {
	own, err := exporter.New(manager.GetConfig(), manager.GetHTTPClient(), exporter.Options{
		Selector: options.Shard, MaxSeries: options.MaxSeries, Changed: state.ExporterChanged,
	})
	if err != nil {
		return err
	}
	state.Own = own
	if options.ExporterAddress == "0" || options.ExporterAddress == "" {
		return nil
	}
	state.Namespace = options.Namespace
	return ports.serveMetrics(ctx, "the exporter", options.ExporterAddress, own)
}
