//go:build argocd

// Package argocd_test has a real Argo CD apply the example of this repository from a Git repository, on a real API server, with the operator in
// this process. It is opt-in, because Argo CD is large and needs a newer Go: make argocd. Pods do not run here, so it does not show that Argo CD
// installs the operator.
package argocd_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/rig"
	"github.com/fluxmonitoring/operator/test/rig/operator"
)

const (
	examples = "../../examples/argocd/"
	// patient is how long Argo CD may take for a sync and a retry.
	patient = time.Minute
)

// bed is an Argo CD, the Git repository that it reads, and the Application that it syncs.
type bed struct {
	client.Client
	repository, scratch string
	application         *unstructured.Unstructured
}

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(m.Run())
}

func TestArgoCDAppliesTheExample(t *testing.T) {
	b := newBed(t)
	b.commit(t, rig.Read(t, examples+"monitoring/fluxmonitoring.yaml"))
	must := rig.Must
	must(t, b.Create(t.Context(), b.application))
	b.becomes(t, "Synced/Healthy")
	children := b.children(t)
	NewWithT(t).Expect(children).NotTo(BeEmpty())

	t.Run("a suspended FluxMonitoring is shown as suspended", func(t *testing.T) {
		b.commit(t, b.example(t, "spec: {suspend: true}"))
		b.becomes(t, "Synced/Suspended")
		b.commit(t, b.example(t, "spec: {}"))
		b.becomes(t, "Synced/Healthy")
	})
	t.Run("a spec that cannot be carried out is shown as degraded", func(t *testing.T) {
		b.commit(t, b.example(t, "spec: {alerts: {additionalGroups: [{name: mine, rules: [{alert: Mine, expr: 'sum('}]}]}}"))
		b.becomes(t, "Synced/Degraded")
	})
	t.Run("a refused commit does not hold up the next one", func(t *testing.T) {
		b.commit(t, b.example(t, "spec: {interval: 1s}"))
		rig.Eventually(t, func() string { return b.field(t, "status", "operationState", "message") }).WithTimeout(patient).
			Should(ContainSubstring("must be at least 10s"))
		b.commit(t, b.example(t, "spec: {}"))
		b.becomes(t, "Synced/Healthy")
	})
	t.Run("Argo CD leaves the generated objects alone", func(t *testing.T) {
		NewWithT(t).Expect(b.children(t)).To(Equal(children))
	})
	t.Run("a FluxMonitoring that leaves Git is deleted", func(t *testing.T) {
		b.commit(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: monitoring}}\n") // Argo CD does not prune the last object
		fm := &metav1.PartialObjectMetadata{}
		fm.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.Kind))
		rig.Eventually(t, func() bool { // the garbage collector, which ends this, does not run here
			rig.Must(t, b.Get(t.Context(), client.ObjectKey{Namespace: "monitoring", Name: "flux"}, fm))
			return fm.DeletionTimestamp != nil
		}).WithTimeout(patient).Should(BeTrue())
	})
}

// example is the FluxMonitoring of the example with another spec.
func (b *bed) example(t *testing.T, spec string) string {
	t.Helper()
	head, _, found := strings.Cut(rig.Read(t, examples+"monitoring/fluxmonitoring.yaml"), "\nspec:")
	NewWithT(t).Expect(found).To(BeTrue())
	return head + "\n" + spec + "\n"
}

// commit commits the only manifest of the repository, and has Argo CD look at it now rather than in some minutes.
func (b *bed) commit(t *testing.T, manifest string) {
	t.Helper()
	rig.Must(t, os.WriteFile(filepath.Join(b.repository, "monitoring.yaml"), []byte(manifest), 0o600))
	b.git(t, "add", "-A")
	b.git(t, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--allow-empty", "-m", "test")
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"annotations":{"argocd.argoproj.io/refresh":"normal"}}}`))
	rig.Must(t, client.IgnoreNotFound(b.Patch(t.Context(), b.application.DeepCopy(), patch)))
}

func (b *bed) git(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", b.repository}, args...)...).CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), "git %v: %s", args, out)
}

// becomes waits until the Application has this sync status and health for the newest commit.
func (b *bed) becomes(t *testing.T, state string) {
	t.Helper()
	head, err := exec.CommandContext(t.Context(), "git", "-C", b.repository, "rev-parse", "HEAD").Output()
	rig.Must(t, err)
	rig.Eventually(t, func() string {
		return b.field(t, "status", "sync", "status") + "/" + b.field(t, "status", "health", "status") + " " + b.field(t, "status", "sync", "revision")
	}).WithTimeout(patient).Should(Equal(state+" "+strings.TrimSpace(string(head))), "logs are in %s", b.scratch)
}

func (b *bed) field(t *testing.T, path ...string) string {
	t.Helper()
	app := b.application.DeepCopy()
	rig.Must(t, b.Get(t.Context(), client.ObjectKeyFromObject(app), app))
	value, _, err := unstructured.NestedString(app.Object, path...)
	rig.Must(t, err)
	return value
}

// children are the generated objects, each with its uid.
func (b *bed) children(t *testing.T) (all []string) {
	t.Helper()
	for _, kind := range [][2]string{{"v1", "ConfigMap"}, {"monitoring.coreos.com/v1", "PodMonitor"}, {"monitoring.coreos.com/v1", "PrometheusRule"}} {
		all = append(all, b.listed(t, kind[0], kind[1])...)
	}
	return all
}

func (b *bed) listed(t *testing.T, apiVersion, kind string) (all []string) {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(apiVersion)
	list.SetKind(kind + "List")
	rig.Must(t, b.List(t.Context(), list, client.InNamespace("monitoring")))
	for _, o := range list.Items {
		if o.GetName() != "kube-root-ca.crt" {
			all = append(all, fmt.Sprintf("%s/%s %s", kind, o.GetName(), o.GetUID()))
		}
	}
	return all
}

// newBed starts everything.
func newBed(t *testing.T) *bed {
	t.Helper()
	folders, err := parts.Build(t.Context(), os.Stderr, "argocd")
	rig.Must(t, err)
	plane, err := cluster.Start(t.Context(), cluster.WithCRDs(cluster.OperatorCRDs, cluster.FluxCRDs, cluster.MonitoringCRDs, folders[0]+"/crds"))
	rig.Must(t, err)
	t.Cleanup(func() { _ = plane.Stop() })
	scheme, err := kinds.Scheme()
	rig.Must(t, err)
	b := &bed{repository: t.TempDir(), scratch: t.TempDir()}
	b.Client, err = client.New(plane.Config, client.Options{Scheme: scheme})
	rig.Must(t, err)
	b.git(t, "init", "--quiet", "--initial-branch=main")
	for _, name := range []string{"argocd", "monitoring", operator.Namespace} {
		rig.Must(t, b.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}))
	}
	rig.Must(t, cluster.InstallFlux(t.Context(), b, "flux-system"))
	operator.Run(t, plane.Config)
	rig.Must(t, cluster.Apply(t.Context(), b, rig.Objects(t, settings)...))
	rig.Must(t, cluster.Apply(t.Context(), b, rig.Objects(t, rig.Read(t, examples+"argocd-cm.yaml"))...))
	b.application = b.fromExample(t)
	kubeconfig := filepath.Join(b.scratch, "kubeconfig")
	rig.Must(t, os.WriteFile(kubeconfig, plane.KubeConfig, 0o600))
	b.startArgoCD(t, filepath.Join(folders[0], "cmd"), kubeconfig)
	return b
}

// settings are what Argo CD needs beside the ConfigMap of the example.
const settings = `
apiVersion: v1
kind: Secret
metadata: {name: argocd-secret, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}
stringData: {server.secretkey: test}
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: default, namespace: argocd}
spec:
  sourceRepos: ['*']
  destinations: [{server: "*", namespace: "*"}]
  clusterResourceWhitelist: [{group: "*", kind: "*"}]
`

// fromExample is the Application of the example, which reads the repository of the test.
func (b *bed) fromExample(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	app := rig.Objects(t, rig.Read(t, examples+"monitoring.yaml"))[0]
	for field, value := range map[string]string{"repoURL": "file://" + b.repository, "targetRevision": "main", "path": "."} {
		rig.Must(t, unstructured.SetNestedField(app.Object, value, "spec", "source", field))
	}
	return app
}

// startArgoCD starts the parts that sync: redis, which they share, the one that reads Git, and the one that applies.
func (b *bed) startArgoCD(t *testing.T, binary, kubeconfig string) {
	t.Helper()
	ports, err := cluster.FreePorts(6)
	rig.Must(t, err)
	redis, server := fmt.Sprintf("127.0.0.1:%d", ports[0]), fmt.Sprintf("127.0.0.1:%d", ports[1])
	// Argo CD's image has this script, which prints what gpg says of a signature. The commits here have none.
	rig.Must(t, os.WriteFile(filepath.Join(b.scratch, "git-verify-wrapper.sh"), []byte("#!/bin/sh\n"), 0o700)) //nolint:gosec // it is a program
	environment := append(os.Environ(), "PATH="+b.scratch+":"+os.Getenv("PATH"), "KUBECONFIG="+kubeconfig, "ARGOCD_FAKE_IN_CLUSTER=true", "ARGOCD_GPG_ENABLED=false", "ARGOCD_CONTROLLER_SHARD=0",
		"ARGOCD_TLS_DATA_PATH="+b.scratch, "ARGOCD_SSH_DATA_PATH="+b.scratch, "ARGOCD_GPG_DATA_PATH="+b.scratch, "HOME="+b.scratch,
		"REDIS_PASSWORD=", "ARGOCD_APPLICATION_CONTROLLER_REPO_SERVER_PLAINTEXT=true", "TMPDIR="+b.scratch)
	b.runs(t, "redis", environment, "redis-server", "--port", fmt.Sprint(ports[0]), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	b.runs(t, "repo-server", append(environment, "ARGOCD_BINARY_NAME=argocd-repo-server"), binary, "--redis", redis, "--disable-tls", "--client-ca-path=",
		"--address", "127.0.0.1", "--port", fmt.Sprint(ports[1]), "--metrics-port", fmt.Sprint(ports[2]))
	b.runs(t, "controller", append(environment, "ARGOCD_BINARY_NAME=argocd-application-controller"), binary, "--kubeconfig", kubeconfig,
		"--namespace", "argocd", "--redis", redis, "--repo-server", server, "--repo-server-plaintext", "--metrics-port", fmt.Sprint(ports[3]))
}

// runs runs a program until the test ends; its log stays in the scratch folder if the test fails.
func (b *bed) runs(t *testing.T, name string, environment []string, program string, args ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(os.TempDir(), "argocd-"+name+".log"))
	rig.Must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = environment, log, log
	rig.Must(t, cmd.Start())
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait()
		_ = log.Close()
	})
}
