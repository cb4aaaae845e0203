// Package stack installs into the test bed's node what the operator works between: Flux, of which source-controller,
// kustomize-controller and helm-controller run, with objects for them to reconcile, and prometheus-operator with a
// Prometheus and the Alertmanager it sends to.
package stack

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// The namespaces of the two sides.
const (
	FluxNamespace       = "flux-system"
	MonitoringNamespace = "monitoring"
)

// patience is how long each step may take, on a machine that is busy.
const patience = 3 * time.Minute

//go:embed manifests/*.yaml
var manifests embed.FS

// step is some objects to apply, and those to wait for before the next.
type step struct {
	what    string
	objects func(context.Context) ([]*unstructured.Unstructured, error)
	until   []state
}

// steps in which all is installed.
var steps = []step{
	{"custom resource definitions", definitions, []state{
		{"CustomResourceDefinition", "", "prometheuses.monitoring.coreos.com", "Established", true},
		{"CustomResourceDefinition", "", "alertmanagers.monitoring.coreos.com", "Established", true},
		{"CustomResourceDefinition", "", "helmreleases.helm.toolkit.fluxcd.io", "Established", true},
		{"CustomResourceDefinition", "", "kustomizations.kustomize.toolkit.fluxcd.io", "Established", true},
		{"CustomResourceDefinition", "", "ocirepositories.source.toolkit.fluxcd.io", "Established", true},
	}},
	{"DNS and the origin of Flux's sources", files("dns.yaml", "origin.yaml"), []state{
		{"Deployment", "kube-system", "dns", "Available", true},
		{"Deployment", "origin", "origin", "Available", true},
	}},
	{"Flux and prometheus-operator", controllers, []state{
		{"Deployment", FluxNamespace, "source-controller", "Available", true},
		{"Deployment", FluxNamespace, "kustomize-controller", "Available", true},
		{"Deployment", FluxNamespace, "helm-controller", "Available", true},
		{"Deployment", MonitoringNamespace, "prometheus-operator", "Available", true},
	}},
	{"a Prometheus, an Alertmanager, and objects for Flux", files("alertmanager.yaml", "prometheus.yaml", "grafana.yaml", "apps.yaml"), []state{
		{"OCIRepository", "apps", "hello", "Ready", true},
		{"HelmRepository", "apps", "charts", "Ready", true},
		{"HelmChart", "apps", "hello", "Ready", true},
		{"HelmRelease", "apps", "hello", "Ready", true},
		{"Kustomization", "apps", "hello", "Ready", true},
		{"GitRepository", "apps", "hello", "Ready", true},
		{"GitRepository", "apps", "missing", "Ready", false},
		{"GitRepository", "apps", "private", "Ready", false},
		{"Kustomization", "apps", "broken", "Ready", false},
		{"Kustomization", "apps", "dependent", "Ready", false},
		{"Kustomization", "apps", "flapping", "Ready", false},
		{"Alertmanager", MonitoringNamespace, "kube-prometheus-stack-alertmanager", "Available", true},
		{"Prometheus", MonitoringNamespace, "kube-prometheus-stack-prometheus", "Available", true},
	}},
}

// fluxAlone are the steps that install Flux on an otherwise empty cluster.
var fluxAlone = []step{
	{"custom resource definitions", fluxDefinitions, []state{steps[0].until[2], steps[0].until[3], steps[0].until[4]}},
	steps[1],
	{"Flux", fluxControllers, steps[2].until[:3]},
}

// Install installs everything, or Flux alone, and waits until it runs. What is there already is brought up to date. The address of the DNS
// is the one in the configuration of pods.
func Install(ctx context.Context, c client.Client, dns string, alone bool, out io.Writer) error {
	all := steps
	if alone {
		all = fluxAlone
	}
	for _, s := range all {
		start := time.Now()
		objects, err := s.objects(ctx)
		if err != nil {
			return fmt.Errorf("preparing %s: %w", s.what, err)
		}
		addressDNS(objects, dns)
		if err := cluster.Apply(ctx, c, objects...); err != nil {
			return fmt.Errorf("installing %s: %w", s.what, err)
		}
		for _, awaited := range s.until {
			if err := awaited.wait(ctx, c); err != nil {
				return fmt.Errorf("installing %s: %w", s.what, err)
			}
		}
		fmt.Fprintf(out, "installed %s in %s\n", s.what, time.Since(start).Round(100*time.Millisecond))
	}
	return nil
}

// addressDNS gives the Service of the DNS its address, where it is among the objects.
func addressDNS(objects []*unstructured.Unstructured, address string) {
	for _, o := range objects {
		if o.GetKind() == "Service" && o.GetName() == "kube-dns" {
			o.Object["spec"].(map[string]any)["clusterIP"] = address
		}
	}
}

func definitions(ctx context.Context) ([]*unstructured.Unstructured, error) {
	flux, monitoring, err := cluster.CRDs(ctx)
	if err != nil {
		return nil, err
	}
	return folders(flux, monitoring)
}

func fluxDefinitions(ctx context.Context) ([]*unstructured.Unstructured, error) {
	flux, _, err := cluster.CRDs(ctx)
	if err != nil {
		return nil, err
	}
	return folders(flux)
}

func fluxControllers(ctx context.Context) ([]*unstructured.Unstructured, error) {
	return cluster.Flux(ctx, FluxNamespace, "source-controller", "kustomize-controller", "helm-controller")
}

// controllers are Flux's and prometheus-operator's, from their own manifests.
func controllers(ctx context.Context) ([]*unstructured.Unstructured, error) {
	flux, err := fluxControllers(ctx)
	if err != nil {
		return nil, err
	}
	built, err := parts.Build(ctx, os.Stderr, "prometheus-operator")
	if err != nil {
		return nil, err
	}
	shipped, err := folders(filepath.Join(built[0], "install", "operator"), filepath.Join(built[0], "install", "prometheus"))
	if err != nil {
		return nil, err
	}
	namespace := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": MonitoringNamespace},
	}}
	objects := slices.Concat(flux, []*unstructured.Unstructured{namespace})
	for _, o := range shipped {
		switch o.GetKind() {
		case "Prometheus", "ServiceMonitor": // Examples of what can be made with it.
			continue
		case "ServiceAccount":
			o.SetNamespace(MonitoringNamespace) // One names none.
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// folders reads all YAML files in some folders. What is for the namespace default is put into that of monitoring.
func folders(paths ...string) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for _, folder := range paths {
		names, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			data = bytes.ReplaceAll(data, []byte("namespace: default\n"), []byte("namespace: "+MonitoringNamespace+"\n"))
			decoded, err := cluster.Decode(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			objects = append(objects, decoded...)
		}
	}
	return objects, nil
}

// files returns a reader of manifests of this package, with the versions of images filled in.
func files(names ...string) func(context.Context) ([]*unstructured.Unstructured, error) {
	return func(context.Context) ([]*unstructured.Unstructured, error) {
		versions, err := versions()
		if err != nil {
			return nil, err
		}
		var objects []*unstructured.Unstructured
		for _, name := range names {
			data, err := manifests.ReadFile("manifests/" + name)
			if err != nil {
				return nil, err
			}
			decoded, err := cluster.Decode([]byte(versions.Replace(string(data))))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			objects = append(objects, decoded...)
		}
		return objects, nil
	}
}
