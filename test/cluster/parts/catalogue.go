package parts

// Catalogue lists every part, in the order they are best built in.
func Catalogue() []Part {
	return []Part{
		apiserver, crds, node, runtime, flux, helmController, promtool, vmalertTool, victoriaMetrics, prometheus, prometheusOperator,
		alertmanager, kubeStateMetrics, helm, fluxCLI, origin, argoCD, thanos,
	}
}

// kubernetesVersion stamps Kubernetes' version into its binaries: unstamped ones carry a placeholder that kubectl and
// the kubelet take for a version and complain about.
const kubernetesVersion = "-s -w" +
	" -X k8s.io/component-base/version.gitVersion={k8s.io/kubernetes}" +
	" -X k8s.io/component-base/version.gitMajor=1" +
	" -X k8s.io/component-base/version.gitMinor={k8s.io/kubernetes minor}" +
	" -X k8s.io/component-base/version.gitTreeState=clean" +
	" -X k8s.io/client-go/pkg/version.gitVersion={k8s.io/kubernetes}"

// FluxVersion is the version of the Flux distribution in the test bed.
const FluxVersion = "v2.9.5"

const (
	sourceController     = "github.com/fluxcd/source-controller"
	kustomizeController  = "github.com/fluxcd/kustomize-controller"
	helmControllerModule = "github.com/fluxcd/helm-controller"
	// fluxInstall carries what `flux install` puts together: labels, accounts, roles and policies.
	fluxInstall = fluxModule + "@" + FluxVersion
	fluxModule  = "github.com/fluxcd/flux2/v2"
	// prometheusOperatorCRDs carries the definitions of the release that the operator's own API types come from. It is
	// newer than the prometheus-operator that runs in the test bed's node.
	prometheusOperatorCRDs = operatorOfPrometheus + "@v0.94.1"
	operatorOfPrometheus   = "github.com/prometheus-operator/prometheus-operator"
	stateMetrics           = "k8s.io/kube-state-metrics/v2"
	alertmanagerModule     = "github.com/prometheus/alertmanager"
	helmModule             = "helm.sh/helm/v4"
	argoCDModule           = "github.com/argoproj/argo-cd/v3"
	thanosModule           = "github.com/thanos-io/thanos"
)

// onlyKubernetes leaves the service discoveries of two dozen clouds out of Prometheus, and with them half of what there
// is to compile.
const onlyKubernetes = "remove_all_sd enable_kubernetes_sd"

var (
	apiserver = Part{
		Name:      "apiserver",
		About:     "etcd, kube-apiserver and kubectl; the folder is what envtest calls KUBEBUILDER_ASSETS",
		Module:    "kube",
		Readymade: "k8s.io/kubernetes",
		Sources:   []string{"cmd/apiserver", "leash"},
		Commands: []Command{{
			Packages: []string{"./cmd/apiserver"},
			LDFlags:  kubernetesVersion,
			Links:    []string{"etcd", "kube-apiserver", "kubectl"},
		}},
	}
	crds = Part{
		Name:   "crds",
		About:  "custom resource definitions of Flux (flux/) and prometheus-operator (monitoring/), and what flux install is made of (install/)",
		Module: "crds",
		Files: []Files{
			{"crds", prometheusOperatorCRDs, "example/prometheus-operator-crd", "monitoring"},
			{"flux", sourceController, "config/crd/bases", "flux"},
			{"flux", kustomizeController, "config/crd/bases", "flux"},
			{"crds", fluxInstall, "manifests/bases", "install/bases"},
			{"crds", fluxInstall, "manifests/policies", "install/policies"},
			{"crds", fluxInstall, "manifests/rbac", "install/rbac"},
			{"flux", sourceController, "config/manager", "install/controllers/source-controller"},
			{"flux", kustomizeController, "config/manager", "install/controllers/kustomize-controller"},
		},
		Definitions: Definitions{Into: "flux", Packages: []string{
			"github.com/fluxcd/helm-controller/api/...",
			"github.com/fluxcd/notification-controller/api/...",
			"github.com/fluxcd/image-reflector-controller/api/...",
			"github.com/fluxcd/image-automation-controller/api/...",
			"github.com/fluxcd/source-watcher/api/v2/...",
		}},
		Terse: []string{"flux", "monitoring"},
	}
	node = Part{
		Name:    "node",
		About:   "kube-controller-manager, kube-scheduler, kubelet and kube-proxy",
		Module:  "kube",
		Sources: []string{"cmd/node", "leash"},
		Commands: []Command{{
			Packages: []string{"./cmd/node"},
			LDFlags:  kubernetesVersion,
			Links:    []string{"kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"},
		}},
	}
	runtime = Part{
		Name:    "runtime",
		About:   "containerd, its shim, ctr, runc, the CNI plugins and the pause container",
		Module:  "runtime",
		Sources: []string{"pause"},
		needs:   debianPackages("libseccomp-dev", "nftables", "iproute2"),
		Commands: []Command{{
			Packages: []string{
				"./pause",
				"github.com/containernetworking/plugins/plugins/ipam/host-local",
				"github.com/containernetworking/plugins/plugins/main/bridge",
				"github.com/containernetworking/plugins/plugins/main/loopback",
				"github.com/containernetworking/plugins/plugins/meta/portmap",
			},
			LDFlags: "-s -w",
		}, {
			Packages: []string{"github.com/opencontainers/runc"},
			Tags:     "seccomp osusergo netgo", // Without seccomp every pod that asks for a profile fails.
			LDFlags:  "-s -w -extldflags -static -X main.version={github.com/opencontainers/runc}",
			C:        true,
		}, {
			Packages: []string{
				"github.com/containerd/containerd/v2/cmd/containerd",
				"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
				"github.com/containerd/containerd/v2/cmd/ctr",
			},
			Tags:    "osusergo netgo static_build no_btrfs no_zfs no_devmapper no_aufs no_tracing",
			LDFlags: "-s -w -X github.com/containerd/containerd/v2/version.Version={github.com/containerd/containerd/v2}",
		}},
	}
	flux = Part{
		Name:   "flux",
		About:  "source-controller and kustomize-controller",
		Module: "flux",
		Commands: []Command{{
			Packages: []string{sourceController, kustomizeController},
			LDFlags:  "-s -w",
		}},
	}
	helmController = Part{
		Name:   "helm-controller",
		About:  "helm-controller, apart from the others because it disagrees with them about modules",
		Module: "helmcontroller",
		Commands: []Command{{
			Packages: []string{helmControllerModule},
			LDFlags:  "-s -w",
		}},
	}
	promtool = Part{
		Name:   "promtool",
		About:  "promtool, which tests rules",
		Module: "prometheus",
		Commands: []Command{{
			Packages: []string{"github.com/prometheus/prometheus/cmd/promtool"},
			Tags:     onlyKubernetes,
			LDFlags:  "-s -w",
		}},
	}
	vmalertTool = Part{
		Name:   "vmalert-tool",
		About:  "vmalert-tool, which tests rules as VictoriaMetrics evaluates them",
		Module: "victoriametrics",
		Commands: []Command{{
			Packages: []string{"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert-tool"},
			LDFlags:  "-s -w",
		}},
	}
	victoriaMetrics = Part{
		Name:   "victoria-metrics",
		About:  "victoria-metrics, the single-node database, and its vmalert",
		Module: "victoriametrics",
		Commands: []Command{{
			Packages: []string{
				"github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics", "github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert",
			},
			LDFlags: "-s -w",
		}},
	}
	prometheus = Part{
		Name:   "prometheus",
		About:  "prometheus, without its web interface",
		Module: "prometheus",
		Commands: []Command{{
			Packages: []string{"github.com/prometheus/prometheus/cmd/prometheus"},
			Tags:     onlyKubernetes,
			LDFlags:  "-s -w",
		}},
	}
	prometheusOperator = Part{
		Name:   "prometheus-operator",
		About:  "prometheus-operator (operator), its prometheus-config-reloader, and its manifests (install/)",
		Module: "prometheusoperator",
		Files: []Files{
			{"prometheusoperator", operatorOfPrometheus, "example/rbac/prometheus-operator", "install/operator"},
			{"prometheusoperator", operatorOfPrometheus, "example/rbac/prometheus", "install/prometheus"},
		},
		Commands: []Command{{
			Packages: []string{
				"github.com/prometheus-operator/prometheus-operator/cmd/operator",
				"github.com/prometheus-operator/prometheus-operator/cmd/prometheus-config-reloader",
			},
			LDFlags: "-s -w -X github.com/prometheus/common/version.Version={github.com/prometheus-operator/prometheus-operator}",
		}},
	}
	alertmanager = Part{
		Name:   "alertmanager",
		About:  "alertmanager, without its web interface, and amtool",
		Module: "alertmanager",
		Commands: []Command{{
			Packages: []string{alertmanagerModule + "/cmd/alertmanager", alertmanagerModule + "/cmd/amtool"},
			Tags:     "netgo",
			LDFlags:  "-s -w -X github.com/prometheus/common/version.Version={" + alertmanagerModule + "}",
		}},
		// The pages are what npm makes of ui/app. Alertmanager embeds that folder and does not compile without one.
		Completion: Completion{Module: alertmanagerModule, Files: map[string]string{
			"ui/app/dist/README": "The web interface is left out: its pages are generated, and the module has only their sources.\n",
		}},
	}
	kubeStateMetrics = Part{
		Name:   "kube-state-metrics",
		About:  "kube-state-metrics, as its release is",
		Module: "kubestatemetrics",
		Commands: []Command{{
			Packages: []string{stateMetrics},
			LDFlags:  "-s -w -X github.com/prometheus/common/version.Version={" + stateMetrics + "}",
		}},
	}
	helm = Part{
		Name:   "helm",
		About:  "helm, which installs charts",
		Module: "helm",
		Commands: []Command{{
			Packages: []string{helmModule + "/cmd/helm"},
			LDFlags:  "-s -w -X " + helmModule + "/internal/version.version={" + helmModule + "}",
		}},
	}
	origin = Part{
		Name:     "origin",
		About:    "origin, which Flux's sources point at, dns, which pods resolve Services with, and grafana and sidecar, which stand in for those",
		Module:   "origin",
		Sources:  []string{"."},
		Commands: []Command{{Packages: []string{".", "./dns", "./grafana", "./sidecar"}, LDFlags: "-s -w"}},
	}
	fluxCLI = Part{
		Name:   "flux-cli",
		About:  "flux, the command line, as its release is but for flux install",
		Module: "fluxcli",
		Commands: []Command{{
			Packages: []string{fluxModule + "/cmd/flux"},
			LDFlags:  "-s -w -X main.VERSION=" + FluxVersion[len("v"):],
		}},
		// What flux install applies is generated by kustomize. The command embeds that folder and does not compile without one.
		Completion: Completion{Module: fluxModule, Files: map[string]string{
			"cmd/flux/manifests/none.yaml": "# flux install has nothing to apply: its manifests are generated, and the module has only their sources.\n",
		}},
	}
	argoCD = Part{
		Name:   "argocd",
		About:  "Argo CD (cmd), its CRDs (crds/), and Debian's redis; only the opt-in test of Argo CD uses it",
		Module: "argocd",
		OptIn:  true,
		needs:  debianPackages("redis-server"),
		Files:  []Files{{"argocd", argoCDModule, "manifests/crds", "crds"}},
		Commands: []Command{{
			Packages: []string{argoCDModule + "/cmd"},
			LDFlags:  "-s -w",
		}},
		// As for Alertmanager, the pages are generated.
		Completion: Completion{Module: argoCDModule, Files: map[string]string{"ui/dist/app/index.html": "<html></html>\n"}},
	}
	thanos = Part{
		Name:   "thanos",
		About:  "thanos, all of its components; only the opt-in test of Thanos Query uses it",
		Module: "thanos",
		OptIn:  true,
		Commands: []Command{{
			Packages: []string{thanosModule + "/cmd/thanos"},
			Tags:     "netgo slicelabels", // Its release has them. Without slicelabels, it reads labels as Prometheus no longer has them.
			LDFlags:  "-s -w -X github.com/prometheus/common/version.Version={" + thanosModule + "}",
		}},
	}
)
