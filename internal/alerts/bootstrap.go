package alerts

import (
	"regexp"
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// bootstrapObjects are the queries on all objects by which Flux applies itself.
func bootstrapObjects(p Params) []query.Query {
	return append(bootstrapAppliers(p), bootstrapSources(p)...)
}

// bootstrapAppliers are the queries on the objects that apply Flux itself.
func bootstrapAppliers(p Params) []query.Query {
	return narrowed(query.NotReadyBootstrapAppliers, knownAppliers(p))
}

// bootstrapSources are the queries on the objects that Flux itself is fetched from. If they are not known, they have the names of
// the appliers, as flux bootstrap and flux-operator name both alike.
func bootstrapSources(p Params) []query.Query {
	if sources := p.Flux.Bootstrap.Sources; len(sources) > 0 {
		return narrowed(query.NotReadyBootstrapSources, sources)
	}
	return narrowed(query.NotReadyBootstrapSources, knownAppliers(p))
}

// knownAppliers are the objects that apply Flux itself. If they are not known, they have the names that flux bootstrap and flux-operator
// give them: that of the namespace of Flux, and flux for a FluxInstance.
func knownAppliers(p Params) []flux.Object {
	if appliers := p.Flux.Bootstrap.Appliers; len(appliers) > 0 {
		return appliers
	}
	return []flux.Object{{Namespace: p.Flux.Namespace, Name: "flux"}, {Namespace: p.Flux.Namespace, Name: p.Flux.Namespace}}
}

// narrowed returns a query on these objects only: one query for each namespace, in order.
func narrowed(q query.Query, objects []flux.Object) []query.Query {
	names := map[string][]string{}
	var namespaces []string
	for _, o := range objects {
		if !slices.Contains(namespaces, o.Namespace) {
			namespaces = append(namespaces, o.Namespace)
		}
		if name := regexp.QuoteMeta(o.Name); !slices.Contains(names[o.Namespace], name) {
			names[o.Namespace] = append(names[o.Namespace], name)
		}
	}
	queries := make([]query.Query, 0, len(namespaces))
	for _, namespace := range namespaces {
		queries = append(queries, q.Within(
			query.Is(flux.LabelObjectNamespace, namespace), query.Among(flux.LabelName, strings.Join(names[namespace], "|"))))
	}
	return queries
}
