package cli

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/inspect"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestADifferenceIsShownAsDiffShowsIt(t *testing.T) {
	object := func(interval string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"kind": "PodMonitor", "metadata": map[string]any{"name": "flux", "resourceVersion": interval, "uid": interval},
			"spec": map[string]any{"interval": interval},
		}}
	}
	change := apply.Change{Action: apply.Configured, Kind: kinds.PodMonitor, Name: "flux"}
	difference := inspect.Difference{Change: change, Before: object("30s"), After: object("1m")}
	NewWithT(t).Expect(unifiedDiff(difference)).To(Equal(`# PodMonitor flux configured
--- PodMonitor flux (live)
+++ PodMonitor flux (desired)
@@ -2,4 +2,4 @@
 metadata:
   name: flux
 spec:
-  interval: 30s
+  interval: 1m
`))
}

// shared is the control plane of all tests of this package. It has what no other package's tests may find: a Flux, and a FluxMonitoring.
var shared = cluster.Share(cluster.WithCRDs(cluster.OperatorCRDs, cluster.FluxCRDs, cluster.MonitoringCRDs))

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// contexts is a kubeconfig with the control plane in two contexts. The current one leads nowhere.
func contexts(t *testing.T, plane *cluster.ControlPlane) string {
	t.Helper()
	config, err := clientcmd.Load(plane.KubeConfig)
	must(t, err)
	live := *config.Contexts[config.CurrentContext]
	live.Namespace = "of-the-context"
	config.Clusters["nowhere"] = &clientcmdapi.Cluster{Server: "https://127.0.0.1:1"}
	config.Contexts = map[string]*clientcmdapi.Context{"live": &live, "nowhere": {Cluster: "nowhere", AuthInfo: live.AuthInfo}}
	config.CurrentContext = "nowhere"
	content, err := clientcmd.Write(*config)
	must(t, err)
	return written(t, string(content))
}

func TestDiffAndFactsAskTheClusterOfTheContext(t *testing.T) {
	plane, err := shared.Plane()
	must(t, err)
	t.Setenv("KUBECONFIG", contexts(t, plane))

	t.Run("the facts are read by render", func(t *testing.T) {
		g := NewWithT(t)
		for _, output := range []string{"yaml", "json"} {
			facts, _ := succeeded(t, "", "facts", "--context", "live", "-n", "default,kube-system", "-n", "kube-public", "-o", output)
			g.Expect(facts).To(ContainSubstring("monitoring.coreos.com/v1/PodMonitor"))
			g.Expect(facts).To(And(ContainSubstring("kube-system"), ContainSubstring("kube-public")))
			_, messages := succeeded(t, "", "render", "-f", minimal, "--facts", written(t, facts))
			g.Expect(messages).To(HavePrefix("# monitoring/flux Ready=False FluxNotFound: "))
		}
	})
	t.Run("without Flux nothing differs", func(t *testing.T) {
		g := NewWithT(t)
		out, messages := succeeded(t, given, "diff", "--context", "live", "-f", "-")
		g.Expect(out).To(BeEmpty())
		g.Expect(messages).To(HavePrefix("# monitoring/flux Ready=False FluxNotFound: "))
	})
	t.Run("the namespace is that of the file, of the flag or of the context", func(t *testing.T) {
		g := NewWithT(t)
		withFlux(t, plane, "of-the-context", "of-the-flag")
		out, messages, code := ran(t, placeless, "diff", "--context", "live", "-f", "-")
		g.Expect(code).To(Equal(1), messages)
		g.Expect(out).To(And(HavePrefix("# PodMonitor flux created\n--- PodMonitor flux (live)\n"), ContainSubstring("\n+  namespace: of-the-context\n")))
		out, messages, code = ran(t, placeless, "diff", "--context", "live", "-f", "-", "-n", "of-the-flag")
		g.Expect(code).To(Equal(1), messages)
		g.Expect(out).To(ContainSubstring("\n+  namespace: of-the-flag\n"))
	})
	t.Run("a cluster that does not answer is an error", func(t *testing.T) {
		g := NewWithT(t)
		out, messages, code := ran(t, given, "diff", "-f", "-")
		g.Expect(code).To(Equal(2))
		g.Expect(messages).To(ContainSubstring("127.0.0.1:1: connect: connection refused"))
		g.Expect(out).To(BeEmpty())
	})
	t.Run("a context that is not there is an error", func(t *testing.T) {
		_, messages, code := ran(t, given, "diff", "-f", "-", "--context", "absent")
		NewWithT(t).Expect(code).To(Equal(2))
		NewWithT(t).Expect(messages).To(Equal("error: no cluster to ask: invalid configuration: context was not found for specified context: absent\n"))
	})
}

func TestWithoutAKubeconfigTheErrorNamesTheSolution(t *testing.T) {
	t.Setenv("KUBECONFIG", t.TempDir()+"/absent")
	_, messages, code := ran(t, "", "facts")
	NewWithT(t).Expect(code).To(Equal(1))
	NewWithT(t).Expect(messages).To(Equal("error: no cluster to ask: set KUBECONFIG, or name a file by --kubeconfig, or run in a pod\n"))
}

// withFlux creates a controller of Flux, and namespaces for FluxMonitorings.
func withFlux(t *testing.T, plane *cluster.ControlPlane, namespaces ...string) {
	t.Helper()
	c, err := client.New(plane.Config, client.Options{})
	must(t, err)
	for _, name := range namespaces {
		must(t, c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}))
	}
	must(t, cluster.InstallFlux(t.Context(), c, "flux-system", "source-controller"))
}
