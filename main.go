// Command operator runs the FluxMonitoring operator: it turns FluxMonitoring resources into the PodMonitors, dashboards and
// alerts that make Flux observable.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/internal/memory"
)

// version of the operator, set where it is built for a release: -ldflags "-X main.version=v0.1.0".
var version = "dev"

func main() {
	if err := run(ctrl.SetupSignalHandler(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// cluster is how to connect to it.
func cluster() (*rest.Config, error) {
	config, err := ctrl.GetConfig()
	if err != nil {
		return nil, fmt.Errorf("no cluster to work with: run it in a cluster, or set KUBECONFIG or --kubeconfig: %w", err)
	}
	return config, nil
}

// run starts the operator and returns when the context ends, or when it cannot go on.
func run(ctx context.Context, args []string) error {
	options, logging, err := parse(args)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(logging)))
	ctrl.Log.Info("the operator starts", "version", version)
	config, err := cluster()
	if err != nil {
		return err
	}
	return start(ctx, config, options)
}

func start(ctx context.Context, config *rest.Config, options controllers.Options) error {
	saveMemory()
	manager, err := controllers.NewManager(ctx, config, options)
	if err != nil {
		return err
	}
	if err := controllers.ReturnMemory(manager, startUp, memoryInterval, memory.Return); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	return awaited(ctx, ended)
}

// stopping is how long the operator may take to end. A manager that is asked to end before its caches are filled does not
// (controller-runtime 0.25), and the kubelet kills the pod after ten seconds.
const stopping = 5 * time.Second

// awaited is how the manager ends, or nil when it was asked to and does not in time.
func awaited(ctx context.Context, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(stopping):
		ctrl.Log.Info("the operator ends without waiting for its manager any longer", "waited", stopping)
		return nil
	}
}

const (
	// startUp is how long filling the caches takes at most in an ordinary cluster. What it leaves in memory is returned then.
	startUp = 15 * time.Second
	// memoryInterval is how often memory is returned later. With a live heap of 5 MiB this takes a few milliseconds.
	memoryInterval = 10 * time.Minute
)

// saveMemory lets the heap grow by half instead of doubling, unless GOGC says otherwise: the operator is at rest most of its
// time, and pays for a collection only when it works.
func saveMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

const usage = `operator makes Flux observable: it reconciles FluxMonitoring resources.

Usage:
  operator [flags]

To render a FluxMonitoring, or to compare it with a cluster, use kubectl-fluxmon, a plugin of kubectl.

Flags:
`

// parse reads the flags. --kubeconfig is controller-runtime's own, and is read by ctrl.GetConfig.
func parse(args []string) (controllers.Options, *zap.Options, error) {
	options := controllers.Options{}
	flags := flag.NewFlagSet("operator", flag.ContinueOnError)
	flags.Usage = func() {
		_, _ = fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&options.MetricsAddress, "metrics-bind-address", ":8080", "address that the operator's own metrics are served on; 0 turns them off")
	flags.BoolVar(&options.MetricsSecure, "metrics-secure", os.Getenv("METRICS_SECURE") == "true",
		"serve all metrics by HTTPS, and only to accounts that can get /metrics. The generated PodMonitors then need a token, see "+
			"docs/security.md. The same as METRICS_SECURE=true in the environment")
	flags.StringVar(&options.MetricsCertDir, "metrics-cert-dir", os.Getenv("METRICS_CERT_DIR"), "folder with the certificate tls.crt and its key "+
		"tls.key for --metrics-secure, such as a mounted Secret. The operator reads a changed file within seconds. If empty, the operator creates "+
		"and renews a self-signed certificate. The same as METRICS_CERT_DIR in the environment")
	flags.StringVar(&options.ProbeAddress, "health-probe-bind-address", ":8081", "address that /healthz and /readyz are served on; 0 turns them off")
	flags.BoolVar(&options.LeaderElection, "leader-elect", false, "elect a leader, so that only one of several replicas is active")
	flags.StringVar(&options.LeaderElectionID, "leader-election-id", controllers.LeaderElectionID,
		"name of the Lease. Operators that share a cluster by --watch-label-selector need one each")
	flags.StringVar(&options.LeaderElectionNamespace, "leader-election-namespace", "",
		"namespace of the Lease. In a cluster the default is the namespace of the pod")
	flags.IntVar(&options.Concurrent, "concurrent", 4, "how many FluxMonitorings are reconciled at once")
	flags.StringVar(&options.ExporterAddress, "exporter-bind-address", ":8082",
		"address that the state of Flux objects is served on, for Prometheus; 0 turns it off")
	flags.IntVar(&options.MaxSeries, "max-series", 500_000, "how many series of Flux objects the exporter exports at most. 0 means no limit. An "+
		"object counts 3, or 8 with spec.resourceMetrics.legacyMetrics, and 1 more for each further KiB of its labels. Flux's own namespace and "+
		"the trusted ones come first. The others share the rest fairly")
	flags.StringVar(&options.Namespace, "namespace", cmp.Or(os.Getenv("POD_NAMESPACE"), "fluxmonitoring-system"),
		"namespace that the operator's pods run in, where Prometheus finds the exporter")
	flags.Func("watch-label-selector", "label selector, such as sharding.fluxcd.io/key=shard1, of the Flux objects to export and of the "+
		"FluxMonitorings to reconcile. Several operators can share a large cluster by it. Empty selects all",
		func(text string) (err error) {
			options.Shard, err = labels.Parse(text)
			return err
		})
	addNamespaces(flags, &options)
	flags.Func("verify-hosts", "hosts, separated by commas, such as thanos-query.monitoring.svc, that spec.prometheus.verify.address can have in a "+
		"namespace that is not trusted. The same as VERIFY_HOSTS in the environment",
		listedIn(&options.VerifyHosts))
	options.VerifyHosts = listed(os.Getenv("VERIFY_HOSTS"))
	if f := flag.CommandLine.Lookup("kubeconfig"); f != nil {
		flags.Var(f.Value, f.Name, f.Usage)
	}
	logging := &zap.Options{}
	logging.BindFlags(flags)
	if err := flags.Parse(args); err != nil {
		return options, nil, err
	}
	if flags.NArg() > 0 {
		return options, nil, fmt.Errorf("unexpected argument %q: the operator has flags only, see --help", flags.Arg(0))
	}
	return options, logging, nil
}

// addNamespaces adds the flags that say in which namespaces the operator works, and as whom.
func addNamespaces(flags *flag.FlagSet, options *controllers.Options) {
	flags.StringVar(&options.DefaultServiceAccount, "default-service-account", os.Getenv("DEFAULT_SERVICE_ACCOUNT"),
		"name of the ServiceAccount, in the FluxMonitoring's namespace, to impersonate if spec.serviceAccountName is empty. If this flag is "+
			"empty too, the operator uses its own. The same as DEFAULT_SERVICE_ACCOUNT in the environment")
	flags.Func("trusted-namespaces", "namespaces, separated by commas, in which the operator writes with its own permissions if a FluxMonitoring names "+
		"no ServiceAccount. The operator's own namespace is always one. * means all. In other namespaces a FluxMonitoring must set "+
		"spec.serviceAccountName, unless there is a --default-service-account. TRUSTED_NAMESPACES in the environment adds to them",
		func(text string) error {
			options.TrustedNamespaces = append(options.TrustedNamespaces, listed(text)...)
			return nil
		})
	options.TrustedNamespaces = listed(os.Getenv("TRUSTED_NAMESPACES"))
	flags.Func("watch-namespaces", "namespaces, separated by commas, whose FluxMonitorings the operator reconciles. It does not see those of other "+
		"namespaces, and needs no permission to write there. Empty means every namespace. The same as WATCH_NAMESPACES in the environment",
		listedIn(&options.WatchNamespaces))
	options.WatchNamespaces = listed(os.Getenv("WATCH_NAMESPACES"))
	flags.Func("stack-namespaces", "namespaces, separated by commas, in which spec.stack of a FluxMonitoring without a ServiceAccount is allowed. "+
		"helm-controller installs the stack with its own permissions there. The operator's own namespace is always one. Default: flux-system. The "+
		"same as STACK_NAMESPACES in the environment",
		listedIn(&options.StackNamespaces))
	options.StackNamespaces = []string{v1alpha1.DefaultFluxNamespace}
	if text, is := os.LookupEnv("STACK_NAMESPACES"); is {
		options.StackNamespaces = listed(text)
	}
}

// listedIn sets a list from the value of a flag.
func listedIn(list *[]string) func(string) error {
	return func(text string) error {
		*list = listed(text)
		return nil
	}
}

// listed is text that is separated by commas.
func listed(text string) (parts []string) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
