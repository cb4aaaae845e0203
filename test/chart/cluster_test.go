package chart_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"go.uber.org/zap/zapcore"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	objectmetadata "k8s.io/client-go/metadata"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// What these tests are written with.
var (
	must = rig.Must
	read = rig.Read
)

const (
	soon  = rig.Soon
	often = rig.Often
	guide = root + "/docs/how-to/helm.md"
)

// place is an API server without the operator, and where to reach it.
type place struct {
	plane      *cluster.ControlPlane
	admin      client.Client
	kubeconfig string
}

func newPlace(t *testing.T) place {
	t.Helper()
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr), zap.Level(zapcore.ErrorLevel)))
	plane, err := cluster.Start(t.Context(), cluster.WithCRDs(cluster.FluxCRDs, cluster.MonitoringCRDs))
	must(t, err)
	t.Cleanup(func() { must(t, plane.Stop()) })
	admin, err := client.New(plane.Config, client.Options{})
	must(t, err)
	p := place{plane, admin, filepath.Join(t.TempDir(), "kubeconfig")}
	must(t, os.WriteFile(p.kubeconfig, plane.KubeConfig, 0o600))
	return p
}

// helm calls helm on the place. It does not wait for pods, which nothing runs.
func (p place) helm(t *testing.T, args ...string) {
	t.Helper()
	_, err := run(t, append(args, "--kubeconfig", p.kubeconfig, "--namespace", system)...)
	must(t, err)
}

// all are the objects of the place, by kind, namespace and name, but for those that the API server makes by itself.
func (p place) all(t *testing.T) []string {
	t.Helper()
	served, err := discovery.NewDiscoveryClientForConfig(p.plane.Config)
	must(t, err)
	reader, err := objectmetadata.NewForConfig(p.plane.Config)
	must(t, err)
	groups, err := served.ServerPreferredResources()
	must(t, err)
	var all []string
	for _, group := range groups {
		version, err := schema.ParseGroupVersion(group.GroupVersion)
		must(t, err)
		for _, r := range group.APIResources {
			if !slices.Contains(r.Verbs, "list") || slices.Contains([]string{"APIService", "Event", "Lease"}, r.Kind) {
				continue
			}
			list, err := reader.Resource(version.WithResource(r.Name)).List(t.Context(), metav1.ListOptions{})
			must(t, err)
			for _, o := range list.Items {
				all = append(all, strings.TrimSpace(r.Kind+" "+strings.TrimPrefix(o.Namespace+"/"+o.Name, "/")))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (p place) get(t *testing.T, apiVersion, kind, name string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	namespace := system
	if kind == "CustomResourceDefinition" {
		namespace = ""
	}
	must(t, p.admin.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, o))
	return o
}

func (p place) deployment(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	return p.get(t, "apps/v1", "Deployment", operator)
}

// mine are objects of a user in the place: a namespace, and a FluxMonitoring in it.
const mine = `
apiVersion: v1
kind: Namespace
metadata: {name: monitoring}
---
apiVersion: fluxmonitoring.dev/v1alpha1
kind: FluxMonitoring
metadata: {name: flux, namespace: monitoring}
spec: {}
`

func TestARelease(t *testing.T) {
	p := newPlace(t)
	t.Run("with every value is accepted as it is", p.acceptsEveryValue)
	t.Run("is installed, upgraded with its definition, and uninstalled but for what is documented", p.installsAndUninstalls)
	t.Run("takes over what kubectl has installed", p.takesOver)
	t.Run("is installed by the commands of the guide", p.followsTheGuide)
	t.Run("without crds.keep takes every FluxMonitoring with it", p.takesAllWithIt)
}

func (p place) acceptsEveryValue(t *testing.T) {
	g := NewWithT(t)
	namespace := decode(t, "{apiVersion: v1, kind: Namespace, metadata: {name: strict, labels: {pod-security.kubernetes.io/enforce: restricted}}}")
	must(t, cluster.Apply(t.Context(), p.admin, namespace...))
	released := renderAs(t, operator, "strict", everyValue()...)
	strict := client.WithFieldValidation(client.NewDryRunClient(p.admin), "Strict")
	for _, o := range released {
		must(t, strict.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("test"), client.ForceOwnership))
	}
	template, _, err := unstructured.NestedMap(objectOf(t, released, "Deployment", operator).Object, "spec", "template")
	must(t, err)
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetName("operator")
	pod.SetNamespace("strict")
	unstructured.RemoveNestedField(pod.Object, "spec", "priorityClassName") // which would have to be there
	must(t, strict.Create(t.Context(), watcherAccount("strict")))
	must(t, p.admin.Create(t.Context(), watcherAccount("strict")))
	g.Expect(strict.Create(t.Context(), pod)).To(Succeed(), "a namespace of Pod Security Standard restricted admits it")
}

func watcherAccount(namespace string) client.Object {
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "watcher"}}
}

func (p place) installsAndUninstalls(t *testing.T) {
	g := NewWithT(t)
	before := p.all(t)
	p.helm(t, "install", operator, olderChart(t), "--create-namespace")
	g.Expect(p.columns(t)).To(BeEmpty())
	selector := flat(p.deployment(t))["spec.selector.matchLabels.app.kubernetes.io/instance"]
	g.Eventually(func() error { return cluster.Apply(t.Context(), p.admin, decode(t, mine)...) }, soon, often).Should(Succeed())

	p.helm(t, "upgrade", operator, chart, "--set", "replicaCount=3,fullnameOverride="+operator)
	g.Expect(p.columns(t)).NotTo(BeEmpty(), "the definition is upgraded with the release")
	g.Expect(flat(p.deployment(t))).To(HaveKeyWithValue("spec.replicas", "3"))
	g.Expect(flat(p.deployment(t))).To(HaveKeyWithValue("spec.selector.matchLabels.app.kubernetes.io/instance", selector))

	p.helm(t, "uninstall", operator)
	g.Eventually(func() []string { return besides(p.all(t), before) }, soon, often).Should(Equal([]string{
		"CustomResourceDefinition fluxmonitorings.fluxmonitoring.dev",
		"FluxMonitoring monitoring/flux",
		"Namespace fluxmonitoring-system",
		"Namespace monitoring",
	}), "the definition and what people made are kept, and the namespace")
	p.helm(t, "install", operator, chart) // the definition that was kept is this release's
	p.helm(t, "uninstall", operator)
}

// olderChart is the chart with a definition from before kubectl showed columns of it.
func olderChart(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS(chart)))
	file := filepath.Join(folder, "files/crd.yaml")
	definition := decode(t, read(t, file))[0]
	versions := definition.Object["spec"].(map[string]any)["versions"].([]any)
	delete(versions[0].(map[string]any), "additionalPrinterColumns")
	content, err := yaml.Marshal(definition.Object)
	must(t, err)
	must(t, os.WriteFile(file, content, 0o644))
	return folder
}

// columns that kubectl shows of a FluxMonitoring.
func (p place) columns(t *testing.T) []any {
	t.Helper()
	o := p.get(t, "apiextensions.k8s.io/v1", "CustomResourceDefinition", "fluxmonitorings.fluxmonitoring.dev")
	versions, _, err := unstructured.NestedSlice(o.Object, "spec", "versions")
	must(t, err)
	columns, _ := versions[0].(map[string]any)["additionalPrinterColumns"].([]any)
	return columns
}

func (p place) takesOver(t *testing.T) {
	g := NewWithT(t)
	p.shell(t, "kubectl apply --server-side -k config/default")
	was := p.deployment(t)
	_, err := run(t, "install", operator, chart, "--kubeconfig", p.kubeconfig, "--namespace", system)
	g.Expect(err).To(MatchError(ContainSubstring("exists and cannot be imported into the current release")))
	taking := []string{"upgrade", "--install", operator, chart, "--take-ownership", "--set", "image.tag=dev"}
	_, err = run(t, append(taking, "--kubeconfig", p.kubeconfig, "--namespace", system)...)
	g.Expect(err).To(MatchError(ContainSubstring(`conflict with "kubectl": .spec.matchConditions[name="operator"].expression`)), "the policies name the account, kubectl's do not")
	p.helm(t, append(taking, "--force-conflicts")...)
	g.Expect(p.deployment(t).GetUID()).To(Equal(was.GetUID()), "it is the same Deployment")
	other := []string{"upgrade", operator, chart, "--set", "image.tag=other"}
	_, err = run(t, append(other, "--kubeconfig", p.kubeconfig, "--namespace", system)...)
	g.Expect(err).To(MatchError(ContainSubstring(`conflict with "kubectl"`)), "the image is kubectl's too")
	p.helm(t, append(other, "--force-conflicts")...)
	g.Expect(flat(p.deployment(t))).To(HaveKeyWithValue("spec.template.spec.containers[operator].image", "ghcr.io/fluxmonitoring/operator:other"))
	g.Expect(besides(p.all(t), nil)).To(ContainElement("FluxMonitoring monitoring/flux"))
	p.helm(t, "uninstall", operator)
}

func (p place) takesAllWithIt(t *testing.T) {
	g := NewWithT(t)
	p.helm(t, "upgrade", "--install", operator, chart, "--set", "crds.keep=false")
	p.helm(t, "uninstall", operator)
	g.Eventually(func() bool {
		o := &metav1.PartialObjectMetadata{}
		o.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"})
		return apierrors.IsNotFound(p.admin.Get(t.Context(), client.ObjectKey{Name: "fluxmonitorings.fluxmonitoring.dev"}, o))
	}, soon, often).Should(BeTrue())
}

func besides(all, known []string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return slices.Contains(known, s) })
}
