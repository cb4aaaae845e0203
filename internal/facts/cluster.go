package facts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Cluster has the facts for any FluxMonitoring, as a file that people read, write and keep: `kubectl fluxmon facts`
// prints it and `kubectl fluxmon render --facts` reads it. It contains neither the state of Flux objects nor secrets.
type Cluster struct {
	// Flux installations, one per namespace.
	Flux []flux.Installation `json:"flux"`
	// Namespaces, sorted by name. It is a list, because the order of YAML keys is not stable. A namespace that is
	// missing is assumed to have only the label with its name.
	Namespaces []ClusterNamespace `json:"namespaces,omitempty"`
	// Prometheuses are all Prometheus and PrometheusAgent objects.
	Prometheuses []selection.Instance `json:"prometheuses,omitempty"`
	// Alertmanagers are all Alertmanager objects.
	Alertmanagers []selection.Alertmanager `json:"alertmanagers,omitempty"`
	// Sidecars are those that load dashboards for a Grafana.
	Sidecars []selection.Sidecar `json:"sidecars,omitempty"`
	// Serves are the kinds of facts.Served, each as <group>/<version>/<kind>.
	Serves []string `json:"serves,omitempty"`
	// FluxServes are the kinds of Flux and flux-operator that are served, in the same form.
	FluxServes []string `json:"fluxServes,omitempty"`
	// FluxOperatorNamespaces are the namespaces in which flux-operator reports on Flux.
	FluxOperatorNamespaces []string `json:"fluxOperatorNamespaces,omitempty"`
	// OperatorNamespace is where the operator runs and serves its metrics.
	OperatorNamespace string `json:"operatorNamespace"`
	// MetricsSecure is the operator's flag --metrics-secure.
	MetricsSecure bool `json:"metricsSecure,omitempty"`
	// StackNamespaces are those of the operator's flag --stack-namespaces.
	StackNamespaces []string `json:"stackNamespaces,omitempty"`
	// Waits are the timings by kind: null if nothing is known, empty if no object has any.
	Waits map[string]ClusterWaits `json:"waits"`
}

// ClusterNamespace is a namespace with its labels.
type ClusterNamespace struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
}

// ClusterWaits are flux.ReconcileTimings with durations in Go's notation, such as 1h0m0s.
type ClusterWaits struct {
	Interval string `json:"interval,omitempty"`
	Timeout  string `json:"timeout,omitempty"`
	Retry    string `json:"retry,omitempty"`
	Unknown  bool   `json:"unknown,omitempty"`
}

// OrdinaryCluster is the default of render: the current Flux with all its controllers in this namespace, all kinds
// served, one Prometheus that selects everything, one Alertmanager to which it sends alerts, and one Grafana that loads every dashboard.
func OrdinaryCluster(fluxNamespace, operatorNamespace string) Cluster {
	all := selection.Selectors{Objects: &metav1.LabelSelector{}, Namespaces: &metav1.LabelSelector{}}
	c := Cluster{
		Flux: []flux.Installation{{Namespace: fluxNamespace, Version: "v" + flux.CurrentRelease}},
		Prometheuses: []selection.Instance{{
			Kind: kinds.Prometheus.Kind, Namespace: "monitoring", Name: "prometheus", PodMonitors: all, Rules: all, Alerting: true,
			Recipients: []selection.Recipient{{Namespace: "monitoring", Service: selection.GoverningService}},
		}},
		Alertmanagers: []selection.Alertmanager{{Namespace: "monitoring", Name: "alertmanager", Configs: all, Strategy: "None"}},
		Sidecars: []selection.Sidecar{{
			Kind: "Deployment", Namespace: "monitoring", Name: "grafana", Container: "grafana-sc-dashboard", FolderAnnotation: "grafana_folder",
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"grafana_dashboard": "1"}}, Namespaces: []string{selection.AllNamespaces},
		}},
		OperatorNamespace: operatorNamespace,
		StackNamespaces:   StackNamespaces(operatorNamespace),
	}
	for _, name := range []string{
		flux.HelmController, flux.ImageAutomationController, flux.ImageReflectorController, flux.KustomizeController,
		flux.NotificationController, flux.SourceController,
	} {
		c.Flux[0].Controllers = append(c.Flux[0].Controllers, flux.Controller{Name: name, App: name, Component: name})
	}
	for _, kind := range kinds.Optional() {
		if kind != kinds.FluxReport && !kinds.Of(kind).Older {
			c.Serves = append(c.Serves, Written(kind))
		}
	}
	return c
}

// ReadCluster reads the file, and rejects unknown fields.
func ReadCluster(text []byte) (Cluster, error) {
	var c Cluster
	if err := yaml.UnmarshalStrict(text, &c); err != nil {
		return c, err
	}
	for _, name := range slices.Concat(c.Serves, c.FluxServes) {
		if _, err := parseKind(name); err != nil {
			return c, err
		}
	}
	_, err := c.waits()
	return c, err
}

// Facts are those for a FluxMonitoring in this cluster, without other FluxMonitorings.
func (c Cluster) Facts(fm *v1alpha1.FluxMonitoring) (Facts, error) {
	waits, err := c.waits()
	if err != nil {
		return Facts{}, err
	}
	namespace := fm.Spec.FluxNamespace()
	facts := Facts{
		Flux:             flux.Installation{Namespace: namespace},
		NamespaceLabels:  c.labels(fm.Namespace),
		Alertmanagers:    c.Alertmanagers,
		Served:           map[schema.GroupVersionKind]bool{kinds.ConfigMap: true},
		Exporter:         Exporter{Namespace: c.OperatorNamespace, Serving: true},
		MetricsNamespace: c.OperatorNamespace, MetricsSecure: c.MetricsSecure,
		Timings: waits,
		Stack:   Stack{Allowed: slices.Contains(c.StackNamespaces, fm.Namespace)},
	}
	for _, installation := range c.Flux {
		if installation.Namespace == namespace {
			facts.Flux, facts.FluxNamespaceExists = installation, true
		}
	}
	if slices.ContainsFunc(c.Namespaces, func(n ClusterNamespace) bool { return n.Name == namespace }) {
		facts.FluxNamespaceExists = true
	}
	if slices.Contains(c.FluxOperatorNamespaces, namespace) {
		facts.FluxOperatorNamespace = namespace
	}
	for _, name := range c.Serves {
		kind, err := parseKind(name)
		if err != nil {
			return facts, err
		}
		facts.Served[kind] = true
	}
	facts.FluxKinds, err = c.fluxKinds()
	instances := slices.Clone(c.Prometheuses)
	for i := range instances {
		instances[i].NamespaceLabels = c.labels(instances[i].Namespace)
	}
	facts.Prometheuses = Selected(fm, instances)
	facts.Sidecars = SidecarsFor(fm, c.Sidecars, facts.Prometheuses, func(namespace string) bool { return namespace == c.OperatorNamespace })
	facts.DashboardUIDSuffix = DashboardUIDSuffix(fm, nil)
	return facts, err
}

// labels of a namespace. One that is not listed has the label that the API server sets.
func (c Cluster) labels(namespace string) map[string]string {
	labels := map[string]string{corev1.LabelMetadataName: namespace}
	for _, known := range c.Namespaces {
		if known.Name == namespace {
			maps.Copy(labels, known.Labels)
		}
	}
	return labels
}

// fluxKinds are the kinds of FluxServes, in the order of flux.Kinds.
func (c Cluster) fluxKinds() ([]flux.ServedKind, error) {
	versions := map[schema.GroupKind]string{}
	for _, name := range c.FluxServes {
		kind, err := parseKind(name)
		if err != nil {
			return nil, err
		}
		versions[kind.GroupKind()] = kind.Version
	}
	var served []flux.ServedKind
	for _, k := range flux.Kinds() {
		if version := versions[schema.GroupKind{Group: k.Group, Kind: k.Name}]; version != "" {
			served = append(served, flux.ServedKind{Kind: k, Version: version})
		}
	}
	return served, nil
}

func (c Cluster) waits() (map[string]flux.ReconcileTimings, error) {
	if c.Waits == nil {
		return nil, nil //nolint:nilnil // nil is a valid value: nothing is known
	}
	waits := map[string]flux.ReconcileTimings{}
	for kind, w := range c.Waits {
		known := flux.ReconcileTimings{Unknown: w.Unknown}
		for _, of := range []struct {
			text string
			to   *time.Duration
		}{{w.Interval, &known.Interval}, {w.Timeout, &known.Timeout}, {w.Retry, &known.Retry}} {
			if of.text == "" {
				continue
			}
			d, err := time.ParseDuration(of.text)
			if err != nil {
				return nil, fmt.Errorf("waits.%s: %w", kind, err)
			}
			*of.to = d
		}
		waits[kind] = known.RoundUp()
	}
	return waits, nil
}

// WrittenWaits converts timings to the form of the file; nil if nothing is known.
func WrittenWaits(waits map[string]flux.ReconcileTimings) map[string]ClusterWaits {
	if waits == nil {
		return nil
	}
	all := map[string]ClusterWaits{}
	for kind, w := range waits {
		all[kind] = ClusterWaits{
			Interval: duration(w.Interval), Timeout: duration(w.Timeout), Retry: duration(w.Retry), Unknown: w.Unknown,
		}
	}
	return all
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// Written is a kind in the form of the file: <group>/<version>/<kind>.
func Written(kind schema.GroupVersionKind) string {
	return kind.Group + "/" + kind.Version + "/" + kind.Kind
}

func parseKind(text string) (schema.GroupVersionKind, error) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return schema.GroupVersionKind{}, fmt.Errorf("%q is no <group>/<version>/<kind>", text)
	}
	return schema.GroupVersionKind{Group: parts[0], Version: parts[1], Kind: parts[2]}, nil
}
