package alerts

import (
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// rootAppliers matches the objects that apply Flux itself. Where they are not known, it matches what flux bootstrap and flux-operator
// call them: like the namespace of Flux, and a FluxInstance flux.
func rootAppliers(p Params) [][]*labels.Matcher {
	if appliers := p.Flux.Roots.Appliers; len(appliers) > 0 {
		return matching(appliers)
	}
	return matching([]flux.Object{{Namespace: p.Flux.Namespace, Name: "flux"}, {Namespace: p.Flux.Namespace, Name: p.Flux.Namespace}})
}

// rootSources matches what Flux itself is fetched from. Where that is not known, flux bootstrap and flux-operator have given it the
// name of what applies it.
func rootSources(p Params) [][]*labels.Matcher {
	if sources := p.Flux.Roots.Sources; len(sources) > 0 {
		return matching(sources)
	}
	return rootAppliers(p)
}

// matching matches these objects: by a list of matchers for each namespace, in order.
func matching(objects []flux.Object) [][]*labels.Matcher {
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
	var all [][]*labels.Matcher
	for _, namespace := range namespaces {
		all = append(all, []*labels.Matcher{
			query.Is(flux.LabelObjectNamespace, namespace), query.Among(flux.LabelName, strings.Join(names[namespace], "|")),
		})
	}
	return all
}
