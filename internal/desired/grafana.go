package desired

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// grafanaSuffix ends the names of the Provider and the Alert that send Flux's events to Grafana.
const grafanaSuffix = "-grafana"

// The kinds that an Alert of Flux can name, from the schema of notification-controller's API, with the Flux version that added the kind if
// it is not the first of Flux 2.
var eventSources = []struct{ kind, since string }{
	{"Kustomization", ""}, {"HelmRelease", ""}, {"GitRepository", ""}, {"OCIRepository", ""}, {"HelmRepository", ""},
	{"HelmChart", ""}, {"Bucket", ""}, {"ArtifactGenerator", "2.8"}, {"ImageRepository", ""}, {"ImagePolicy", ""},
	{"ImageUpdateAutomation", ""},
}

// severities are the least severities of an Alert of Flux for the events that Grafana shows.
var severities = map[v1alpha1.AnnotatedEvents]string{v1alpha1.AnnotatedEventsAll: "info", v1alpha1.AnnotatedEventsErrors: "error"}

// grafanaAnnotations are the Provider and the Alert that send Flux's events to Grafana; none if no controller has events.
func grafanaAnnotations(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	grafana := fm.Spec.Dashboards.EventAnnotations
	if grafana == nil || !facts.FluxFound() {
		return nil, nil
	}
	sources := sourcesOf(pipeline.Exposure(fm, facts), namespacesOf(grafana, facts.Flux))
	if len(sources) == 0 {
		return nil, nil
	}
	provider := newObject(servedOf(facts, kinds.FluxProvider, kinds.FluxProviderOlder), fm, grafanaSuffix)
	provider.Object["spec"] = map[string]any{"type": "grafana", "address": grafana.Address}
	if grafana.SecretRef != nil {
		provider.Object["spec"].(map[string]any)["secretRef"] = map[string]any{"name": grafana.SecretRef.Name}
	}
	alert := newObject(servedOf(facts, kinds.FluxAlert, kinds.FluxAlertOlder), fm, grafanaSuffix)
	alert.Object["spec"] = map[string]any{
		"providerRef":   map[string]any{"name": provider.GetName()},
		"eventSeverity": severities[grafana.EventsInEffect()],
		"eventSources":  sources,
	}
	return []*unstructured.Unstructured{provider, alert}, nil
}

// namespacesOf are the namespaces of the objects whose events Grafana shows.
func namespacesOf(grafana *v1alpha1.EventAnnotationsSpec, installed flux.Installation) []string {
	if len(grafana.Namespaces) == 0 {
		return []string{installed.Namespace}
	}
	return toStrings(grafana.Namespaces)
}

// sourcesOf are all objects of each kind that Flux reconciles here, in each namespace. An Alert knows the name *, but no wildcard for
// namespaces or kinds.
func sourcesOf(here flux.Exposure, namespaces []string) []any {
	var sources []any
	for _, namespace := range namespaces {
		for _, s := range eventSources {
			if here.Reconciles(s.kind) && atLeast(here.Flux.Version, s.since) {
				sources = append(sources, map[string]any{"kind": s.kind, "namespace": namespace, "name": "*"})
			}
		}
	}
	return sources
}

// atLeast reports whether Flux is known to have this version or a later one: the API server refuses an Alert that names a kind which its
// schema does not list.
func atLeast(installed, since string) bool {
	if since == "" {
		return true
	}
	is, err := version.ParseGeneric(installed)
	return err == nil && is.AtLeast(version.MustParseGeneric(since))
}
