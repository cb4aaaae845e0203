package controllers

import (
	"cmp"
	"context"
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/event"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/exporter"
	"github.com/fluxmonitoring/operator/internal/observe"
)

// Options of the operator, as its flags have them.
type Options struct {
	// MetricsAddress and ProbeAddress to listen on; "0" for neither.
	MetricsAddress, ProbeAddress string
	// MetricsSecure serves the operator's metrics and the state of Flux objects by HTTPS, to those alone whom the API server lets get
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
	// Namespace the operator's pods run in: where Prometheus is told to find the exporter, and the operator's own metrics.
	Namespace string
	// Shard selects the Flux objects that the exporter watches, and the FluxMonitorings that are reconciled, so that several
	// operators share a fleet; nil for all.
	Shard labels.Selector
	// DefaultServiceAccount is impersonated where a FluxMonitoring names none.
	DefaultServiceAccount string
	// TrustedNamespaces are those in which a FluxMonitoring that names no ServiceAccount is written for with the operator's own permissions,
	// beside Namespace. AnyNamespace among them is every namespace.
	TrustedNamespaces []string
	// WatchNamespaces are those whose FluxMonitorings are reconciled; none for every namespace. What is in others is not seen, so that an
	// operator that may write in some namespaces only does not try to anywhere else.
	WatchNamespaces []string
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

// log is the operator's, for what no reconciler says.
var log = ctrl.Log.WithName("operator")

// LeaderElectionID is the name of the Lease unless Options have another.
const LeaderElectionID = "fluxmonitoring-operator"

// Scheme knows the kinds that are read as types. Everything else is read by its metadata, and written as plain data.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, appsv1.AddToScheme, metav1.AddMetaToScheme,
		monitoringv1.AddToScheme, monitoringv1alpha1.AddToScheme, v1alpha1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return scheme, nil
}

// NewManager wires the operator up. The context must be the one the manager is then started with.
func NewManager(ctx context.Context, cfg *rest.Config, options Options) (ctrl.Manager, error) {
	scheme, err := Scheme()
	if err != nil {
		return nil, err
	}
	if options.Shard == nil {
		options.Shard = labels.Everything()
	}
	cfg = rest.CopyConfig(cfg)
	cfg.QPS = -1 // the API server's own priority and fairness keeps clients in bounds
	readAll(cfg)
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
	ports, err := newPorts(ctx, manager, options, caches.check)
	if err != nil {
		return nil, err
	}
	if err := ports.serveMetrics("the operator's metrics", options.MetricsAddress, ports.ownMetrics()); err != nil {
		return nil, err
	}
	return manager, addControllers(ctx, manager, options, ports)
}

func addControllers(ctx context.Context, manager ctrl.Manager, options Options, ports *ports) error {
	cfg, mapper := manager.GetConfig(), manager.GetRESTMapper()
	recent := &apply.WriteTracker{}
	optional := &OptionalKinds{
		Config: cfg, HTTPClient: manager.GetHTTPClient(), Scheme: manager.GetScheme(), Mapper: mapper,
		Recent: recent, Changed: make(chan event.GenericEvent),
	}
	// The writer has no cache: what it writes is awaited in caches of the optional kinds' own.
	writer, err := client.New(cfg, client.Options{HTTPClient: manager.GetHTTPClient(), Scheme: manager.GetScheme(), Mapper: mapper})
	if err != nil {
		return err
	}
	discoverer, err := discovery.NewDiscoveryClientForConfigAndClient(cfg, manager.GetHTTPClient())
	if err != nil {
		return err
	}
	state := &StateReconciler{
		Client: manager.GetClient(), Discovery: discoverer,
		Trusted: options.trusted(), Sharded: !options.Shard.Empty(), Changed: optional.Changed, Signals: make(chan event.GenericEvent, 1),
	}
	if err := addExporter(manager, options, state, ports); err != nil {
		return err
	}
	state.damper = damper{calm: faultCalm, recovery: faultRecovery}
	bootstrap := &Bootstrap{
		Config: cfg, HTTPClient: manager.GetHTTPClient(), Scheme: manager.GetScheme(), Mapper: mapper, Lifetime: ctx,
	}
	state.Served = bootstrap.Follow
	reconciler := &FluxMonitoringReconciler{
		Bootstrap: bootstrap,
		Client:    manager.GetClient(),
		Observer: &observe.Observer{
			Reader: manager.GetClient(), Optional: optional, State: state, Objects: bootstrap,
			MetricsNamespace: options.metricsNamespace(), MetricsSecure: options.MetricsSecure,
			OperatorNamespace: options.Namespace, Shard: options.Shard,
		},
		Optional: optional,
		State:    state,
		Shard:    options.Shard,
		Schemas:  &Schemas{Live: manager.GetAPIReader()},
		Applier:  &apply.Applier{Live: manager.GetAPIReader(), Writes: recent, Contests: &apply.Contests{}},
		Writers: Writers{
			Own: writer, Config: cfg, Mapper: mapper, Scheme: manager.GetScheme(), DefaultServiceAccount: options.DefaultServiceAccount,
			Trusted: options.trusted(),
		},
		Events: manager.GetEventRecorder("fluxmonitoring"),
	}
	if err := reconciler.SetupWithManager(ctx, manager, options.Concurrent); err != nil {
		return err
	}
	if err := ports.serveHealth(readiness(ports.readable, manager.Elected(), optional.Known, state.Known)); err != nil {
		return err
	}
	apis := &APIReconciler{
		Client: manager.GetClient(), Live: manager.GetAPIReader(), Discovery: discoverer, Optional: optional,
	}
	if err := apis.SetupWithManager(ctx, manager); err != nil {
		return err
	}
	return state.SetupWithManager(ctx, manager)
}

// addExporter adds the exporter and its server, which every replica runs so that a scrape finds each of them; only the leader
// watches, and so has objects to serve. Without an address there is no server, and the exporter is but asked.
func addExporter(manager ctrl.Manager, options Options, state *StateReconciler, ports *ports) error {
	own, err := exporter.New(manager.GetConfig(), manager.GetHTTPClient(), exporter.Options{
		Selector: options.Shard, MaxSeries: options.MaxSeries, Changed: func() {
			select {
			case state.Signals <- event.GenericEvent{Object: &v1alpha1.FluxMonitoring{}}:
			default: // one is waiting already, and says the same
			}
		},
	})
	if err != nil {
		return err
	}
	state.Own = own
	if options.ExporterAddress == "0" || options.ExporterAddress == "" {
		return nil
	}
	state.Namespace = options.Namespace
	return ports.serveMetrics("the exporter", options.ExporterAddress, own)
}
