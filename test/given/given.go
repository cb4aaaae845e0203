// Package given has the FluxMonitorings and facts that tests of pure packages begin with.
package given

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// FluxMonitoring is monitoring/flux with a spec in YAML.
func FluxMonitoring(t testing.TB, spec string) *v1alpha1.FluxMonitoring {
	t.Helper()
	fm := &v1alpha1.FluxMonitoring{}
	fm.Namespace, fm.Name, fm.UID = "monitoring", "flux", "uid-of-flux"
	if err := yaml.UnmarshalStrict([]byte(spec), &fm.Spec); err != nil {
		t.Fatal(err)
	}
	return fm
}

// Patch is the field of a spec with one patch.
func Patch(target, patch string) string {
	return "patches: [{target: " + target + ", patch: '" + patch + "'}]"
}

// Flux has these controllers, each written as name or name:version. A shard's name ends in -shard and a number.
func Flux(version string, controllers ...string) flux.Installation {
	i := flux.Installation{Namespace: "flux-system", Version: version}
	for _, c := range controllers {
		name, tag, _ := strings.Cut(c, ":")
		component, _, _ := strings.Cut(name, "-shard")
		i.Controllers = append(i.Controllers, flux.Controller{Name: name, App: name, Component: component, Version: tag})
	}
	return i
}

// Kinds are kinds of Flux that are served, each written as Kind/version.
func Kinds(written ...string) []flux.ServedKind {
	var result []flux.ServedKind
	for _, w := range written {
		name, version, _ := strings.Cut(w, "/")
		for _, k := range flux.Kinds() {
			if k.Name == name {
				result = append(result, flux.ServedKind{Kind: k, Version: version})
			}
		}
	}
	return result
}

// Everything is the current Flux with all its controllers, and the operator's exporter and own metrics.
func Everything() facts.Facts {
	f := Exporting(Flux("v2.9.4", flux.Components()...))
	f.FluxKinds = Kinds("Kustomization/v1", "HelmRelease/v2", "GitRepository/v1", "Alert/v1beta3")
	f.MetricsNamespace = "fluxmonitoring-system"
	f.Served = map[schema.GroupVersionKind]bool{kinds.PrometheusRule: true}
	return f
}

// Exporting are the facts of a Flux whose objects' state the operator exports.
func Exporting(installation flux.Installation) facts.Facts {
	return facts.Facts{Flux: installation, Exporter: facts.Exporter{Namespace: "fluxmonitoring-system", Serving: true}}
}

// Prometheus selects what has a label, in every namespace.
func Prometheus(name, key, value string) selection.Instance {
	s := selection.Selectors{
		Objects: &metav1.LabelSelector{MatchLabels: map[string]string{key: value}}, Namespaces: &metav1.LabelSelector{},
	}
	return selection.Instance{Kind: "Prometheus", Namespace: "monitoring", Name: name, PodMonitors: s, Rules: s}
}
