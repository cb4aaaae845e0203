package controllers

import (
	"context"
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/observe"
)

// Options of the operator, as its flags have them.
type Options struct {
	// MetricsAddress and ProbeAddress to listen on; "0" for neither.
	MetricsAddress, ProbeAddress string
	// LeaderElection lets one of several replicas work at a time.
	LeaderElection bool
	// Concurrent is how many FluxMonitorings are reconciled at once.
	Concurrent int
	// DefaultServiceAccount is impersonated where a FluxMonitoring names none.
	DefaultServiceAccount string
	// SkipNameValidation lets one process, as a test, hold more than one manager.
	SkipNameValidation bool
}

// leaderElectionID is the name of the Lease.
const leaderElectionID = "fluxmonitoring-operator"

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
	cfg = rest.CopyConfig(cfg)
	cfg.QPS = -1 // the API server's own priority and fairness keeps clients in bounds
	consistent := true
	manager, err := ctrl.NewManager(cfg, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         CacheOptions(),
		Client:                        client.Options{Cache: &client.CacheOptions{EnableReadYourWritesConsistency: &consistent}},
		Metrics:                       metricsserver.Options{BindAddress: options.MetricsAddress},
		HealthProbeBindAddress:        options.ProbeAddress,
		LeaderElection:                options.LeaderElection,
		LeaderElectionID:              leaderElectionID,
		LeaderElectionReleaseOnCancel: true,
		Controller:                    config.Controller{SkipNameValidation: &options.SkipNameValidation},
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	if err := manager.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return nil, err
	}
	if err := manager.AddReadyzCheck("ping", healthz.Ping); err != nil {
		return nil, err
	}
	return manager, addControllers(ctx, manager, options)
}

func addControllers(ctx context.Context, manager ctrl.Manager, options Options) error {
	cfg, mapper := manager.GetConfig(), manager.GetRESTMapper()
	recent := &apply.Recent{}
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
	reconciler := &FluxMonitoringReconciler{
		Client:   manager.GetClient(),
		Observer: &observe.Observer{Reader: manager.GetClient(), Optional: optional},
		Optional: optional,
		Applier:  &apply.Applier{Live: manager.GetAPIReader(), Recent: recent},
		Writers: Writers{
			Own: writer, Config: cfg, Mapper: mapper, Scheme: manager.GetScheme(), DefaultServiceAccount: options.DefaultServiceAccount,
		},
		Events: manager.GetEventRecorder("fluxmonitoring"),
	}
	if err := reconciler.SetupWithManager(ctx, manager, options.Concurrent); err != nil {
		return err
	}
	apis := &APIReconciler{
		Client: manager.GetClient(), Live: manager.GetAPIReader(), Discovery: discoverer, Optional: optional,
	}
	return apis.SetupWithManager(ctx, manager)
}
