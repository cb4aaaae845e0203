//go:build e2e && stack

package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/cluster/stack"
	rigoperator "github.com/fluxmonitoring/operator/test/rig/operator"
)

func init() { installed.command, installed.what = "flux", "Flux alone" }

const (
	// release is the name of the Helm release, and of the HelmRelease and the OCIRepository.
	release = name + "-stack"
	// shops is the namespace of what fails.
	shops = "stack-shops"
	// slow is for what Helm does: it waits up to two minutes for each step, and fails then.
	slow = 8 * time.Minute
)

// The versions of the chart. The broken one has a Grafana without an image.
const (
	firstChart, newerChart, brokenChart, lastChart = "88.5.3", "88.5.4", "88.5.5", "88.5.6"
)

// TestTheStack is one life of a stack, from a cluster with nothing but Flux and the operator. Each step begins where the one before ends.
func TestTheStack(t *testing.T) {
	must(t, cluster.Apply(t.Context(), shared, named("v1", "Namespace", "", namespace)))
	must(t, cluster.Apply(t.Context(), shared, allowing(t)...))
	shared.createNamespace(t, stackArtifact)
	for _, version := range []string{firstChart, newerChart, brokenChart, lastChart} {
		shared.publishChart(t, version)
	}
	for _, step := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"one resource on an empty cluster gives alerts, dashboards and notifications", shared.installsStack},
		{"every value reaches its field", shared.reachesEveryField},
		{"a newer chart", shared.upgradesStack},
		{"a chart that fails is rolled back", shared.rollsBackStack},
		{"drift", shared.correctsStack},
		{"CRDs that were deleted come back with the next chart", shared.restoresDefinitions},
		{"without spec.stack nothing of it is left", shared.leavesStack},
		{"the next operator completes what a killed one began", shared.survivesKill},
		{"without the resource nothing of it is left", shared.leavesResource},
		{"Flux applies the resource again, and waits until it is proven", shared.installsStackFromGit},
		{"Orphan keeps the stack, and a new resource adopts it", shared.keepsStack},
	} {
		start := time.Now()
		if !t.Run(step.name, step.run) {
			return
		}
		progress("%s: %s", step.name, since(start))
	}
}

// allowing is the permission of the operator in the namespace of the stack, as docs/how-to/stack.md has it.
func allowing(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	objects, err := cluster.Kustomize(filepath.Join(source, "config", "stack"))
	must(t, err)
	for _, o := range objects {
		if o.GetKind() == "RoleBinding" {
			o.SetNamespace(namespace)
		}
	}
	return objects
}

// publishChart pushes a version of the chart to the registry of the node.
func (c *testCluster) publishChart(t *testing.T, version string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "chart")
	must(t, stack.Chart(t.Context(), folder))
	if version == brokenChart {
		values := filepath.Join(folder, "values.yaml")
		content, err := os.ReadFile(values)
		must(t, err)
		must(t, os.WriteFile(values, []byte(strings.Replace(string(content), "grafana/grafana\n    tag: \"1\"", "grafana/grafana\n    tag: none", 1)), 0o644))
	}
	origin := &corev1.Service{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: "origin", Name: "origin"}, origin))
	helm(t, "package", folder, "--version", version, "--destination", folder)
	helm(t, "push", filepath.Join(folder, "kube-prometheus-stack-"+version+".tgz"), "oci://"+origin.Spec.ClusterIP+":5000/charts", "--plain-http")
}

func helm(t *testing.T, args ...string) {
	t.Helper()
	folders, err := parts.Build(t.Context(), os.Stderr, "helm")
	must(t, err)
	cmd := exec.CommandContext(t.Context(), filepath.Join(folders[0], "helm"), args...)
	cmd.Env = append(os.Environ(), "NO_PROXY=*", "no_proxy=*")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("helm %s: %v: %s", args[0], err, out)
	}
}

// asksForStack applies the FluxMonitoring with a version of the chart.
func (c *testCluster) asksForStack(t *testing.T, version string) *v1alpha1.FluxMonitoring {
	t.Helper()
	return c.ask(t, stackSpec(version))
}

// stackSpec is the spec of the FluxMonitoring with a version of the chart, and with further fields.
func stackSpec(version string, fields ...string) string {
	return fmt.Sprintf(`{scrape: {interval: 5s}, prometheus: {verify: {interval: 10s}}, dashboards: {folder: GitOps}, %s,
		alerts: {overrides: [{name: ReconciliationFailure, for: 15s, keepFiringFor: 1s}]}, stack: {kubePrometheusStack: {version: %s,
		source: {url: "oci://origin.origin.svc.cluster.local:5000/charts/kube-prometheus-stack", insecure: true},
		interval: 1m, timeout: 2m, remediation: {retries: 1}, grafana: {externalURL: "https://grafana.example.com"},
		prometheus: {externalURL: "https://prometheus.example.com"}, alertmanager: {externalURL: "https://alertmanager.example.com"}}}%s}`,
		notifying(shops), version, strings.Join(append([]string{""}, fields...), ", "))
}

// comesTo waits until the FluxMonitoring has the conditions.
func (c *testCluster) comesTo(t *testing.T, conditions ...string) {
	t.Helper()
	fm := &v1alpha1.FluxMonitoring{}
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, fm)).To(Succeed())
		g.Expect(fm.Status.ObservedGeneration).To(Equal(fm.Generation))
		of := rigoperator.Conditions(fm)
		g.Expect(of).To(ContainElements(conditions), "%+v", fm.Status.Conditions)
	}, slow, nowAndThen).Should(Succeed())
}

// works are the conditions of a FluxMonitoring whose stack does all that it is for.
var works = []string{ready, "StackReady=True/Installed", scraped, served, healthy, effective, "DashboardsLoaded=True/Loaded", "Proven=True/AllSeen"}

func (c *testCluster) installsStack(t *testing.T) {
	start := time.Now()
	c.asksForStack(t, firstChart)
	c.comesTo(t, works...)
	t.Logf("proven %s after one apply", since(start))
	c.servesDashboards(t)
	c.notifiesOfStack(t)
}

// servesDashboards waits until Grafana has every dashboard in the folder, for who has the password of the Secret.
func (c *testCluster) servesDashboards(t *testing.T) {
	t.Helper()
	list, want := &corev1.ConfigMapList{}, []any{}
	must(t, c.List(t.Context(), list, client.InNamespace(namespace), client.MatchingLabels{"grafana_dashboard": "1"}))
	for _, m := range list.Items {
		for _, model := range m.Data {
			d := dashboard{}
			must(t, json.Unmarshal([]byte(model), &d))
			want = append(want, map[string]any{"uid": d.UID, "title": d.Title, "folderTitle": "GitOps"})
		}
	}
	NewWithT(t).Expect(want).NotTo(BeEmpty())
	login := &corev1.Secret{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name + "-grafana-admin"}, login))
	NewWithT(t).Eventually(func(g Gomega) {
		status, body := c.searches(t, string(login.Data["admin-password"]))
		var found []any
		g.Expect(json.Unmarshal(body, &found)).To(Succeed())
		g.Expect(status).To(Equal(http.StatusOK))
		g.Expect(found).To(ConsistOf(want...))
	}, patient, nowAndThen).Should(Succeed())
	status, _ := c.searches(t, "prom-operator")
	NewWithT(t).Expect(status).To(Equal(http.StatusUnauthorized))
}

// searches asks Grafana for its dashboards. The API server would keep the password to itself, so the Service is asked by its address.
func (c *testCluster) searches(t *testing.T, password string) (status int, body []byte) {
	t.Helper()
	grafana := &corev1.Service{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: release + "-grafana"}, grafana))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+grafana.Spec.ClusterIP+"/api/search", nil)
	must(t, err)
	request.SetBasicAuth("admin", password)
	response, err := (&http.Client{Transport: &http.Transport{Proxy: direct}, Timeout: soon}).Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close() //nolint:errcheck // It is only read.
	body, err = io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, body
}

// notifiesOfStack breaks a Kustomization, and waits for the notification.
func (c *testCluster) notifiesOfStack(t *testing.T) {
	t.Helper()
	c.listens(t, shops)
	c.createNamespace(t, shops)
	c.put(t, shops, identity{"OCIRepository", "hello"},
		`{interval: 1m, url: "oci://origin.origin.svc.cluster.local:5000/hello", insecure: true, ref: {tag: latest}}`)
	c.put(t, shops, identity{"Kustomization", "shop"},
		`{interval: 10s, retryInterval: 5s, path: ./missing, prune: false, sourceRef: {kind: OCIRepository, name: hello}}`)
	NewWithT(t).Eventually(func(g Gomega) {
		got, err := c.notifications(t.Context(), shops)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(got).To(HaveLen(1))
		g.Expect(got[0].Alerts).To(HaveLen(1))
		g.Expect(got[0].Alerts[0].Labels).To(SatisfyAll(HaveKeyWithValue("alertname", "ReconciliationFailure"), HaveKeyWithValue("name", "shop")))
	}, patient, nowAndThen).Should(Succeed())
}

func (c *testCluster) reachesEveryField(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(source, "test", "testdata", "stack", "keys.yaml"))
	must(t, err)
	var table []struct{ Key, Object, Path, Gives string }
	must(t, yaml.Unmarshal(content, &table))
	NewWithT(t).Expect(table).NotTo(BeEmpty())
	for _, k := range table {
		out, err := c.command(t.Context(), "get", "-n", namespace, k.Object, "--ignore-not-found", "-o", "jsonpath={"+k.Path+"}").Output()
		must(t, err)
		NewWithT(t).Expect(string(out)).To(Equal(k.Gives), "%s at %s", k.Key, k.Object)
	}
}

// released waits until helm-controller reports a state of the release: its last status and version, or a condition.
func (c *testCluster) released(t *testing.T, state string) {
	t.Helper()
	NewWithT(t).Eventually(func() (string, error) {
		out, err := c.command(t.Context(), "get", "-n", namespace, "helmreleases.helm.toolkit.fluxcd.io/"+release, "-o", `jsonpath=`+
			`{.status.history[0].status} {.status.history[0].chartVersion} {range .status.conditions[*]}{.type}={.status}/{.reason} {end}`).Output()
		return string(out), err
	}, slow, nowAndThen).Should(ContainSubstring(state))
}

func (c *testCluster) upgradesStack(t *testing.T) {
	c.asksForStack(t, newerChart)
	c.released(t, "deployed "+newerChart)
	c.comesTo(t, works...)
}

func (c *testCluster) rollsBackStack(t *testing.T) {
	c.asksForStack(t, brokenChart)
	c.released(t, "Remediated=True/RollbackSucceeded")
	c.released(t, "deployed "+newerChart)
	c.comesTo(t, "StackReady=False/RolledBack")
	c.servesDashboards(t)
	c.asksForStack(t, newerChart)
	c.released(t, "Ready=True")
	c.comesTo(t, works...)
}

// correctsStack changes two objects of the release. What the webhook of prometheus-operator adds is no drift.
func (c *testCluster) correctsStack(t *testing.T) {
	rule := named("monitoring.coreos.com/v1", "PrometheusRule", namespace, release+"-kube-prometheus-general.rules")
	validated := []byte(`{"metadata": {"annotations": {"prometheus-operator-validated": "true"}}}`)
	must(t, c.Patch(t.Context(), rule, client.RawPatch("application/merge-patch+json", validated)))
	grafana := named("v1", "Service", namespace, release+"-grafana")
	must(t, c.Delete(t.Context(), grafana))
	NewWithT(t).Eventually(func() error { return c.Get(t.Context(), client.ObjectKeyFromObject(grafana), grafana) }, slow, nowAndThen).Should(Succeed())
	must(t, c.Get(t.Context(), client.ObjectKeyFromObject(rule), rule))
	NewWithT(t).Expect(rule.GetAnnotations()).To(HaveKey("prometheus-operator-validated"))
	c.comesTo(t, works...)
}

func (c *testCluster) restoresDefinitions(t *testing.T) {
	must(t, cluster.RemoveCRDs(t.Context(), c, "podmonitors.monitoring.coreos.com", "prometheusrules.monitoring.coreos.com"))
	c.asksForStack(t, lastChart)
	c.released(t, "deployed "+lastChart)
	c.comesTo(t, works...)
}

func (c *testCluster) leavesStack(t *testing.T) {
	c.ask(t, `{}`)
	c.leaves(t, "secret/"+name+"-grafana-admin\n")
	c.comesTo(t, ready, "Scraped=Unknown/NoPrometheus")
}

func (c *testCluster) survivesKill(t *testing.T) {
	kill, _ := c.killer(t)
	c.asksForStack(t, lastChart)
	NewWithT(t).Eventually(func() error {
		o := named("helm.toolkit.fluxcd.io/v2", "HelmRelease", namespace, release)
		return c.Get(t.Context(), client.ObjectKeyFromObject(o), o)
	}, soon, 10*time.Millisecond).Should(Succeed())
	kill()
	c.releaseLease(t)
	c.comesTo(t, works...)
}

func (c *testCluster) leavesResource(t *testing.T) {
	c.remove(t, named("fluxmonitoring.dev/v1alpha1", "FluxMonitoring", namespace, name))
	c.leaves(t, "")
}

// leaves waits until no object of the release is left, and no pod. The Secret with the password is the resource's, which the operator may
// not delete.
func (c *testCluster) leaves(t *testing.T, left string) {
	t.Helper()
	NewWithT(t).Eventually(func() (string, error) {
		of, err := c.command(t.Context(), "get", "-A", "-o", "name", "-l", "app.kubernetes.io/instance="+release,
			"deployments,statefulsets,services,serviceaccounts,configmaps,clusterroles,clusterrolebindings,prometheuses,alertmanagers,prometheusrules").Output()
		if err != nil {
			return "", err
		}
		in, err := c.command(t.Context(), "get", "-n", namespace, "-o", "name", "pods,helmreleases,ocirepositories,secrets").Output()
		return string(of) + string(in), err
	}, slow, nowAndThen).Should(Equal(left), "this is left")
}
