package controllers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// servedKinds are the kinds of Flux that the API server serves, each in the version that it prefers of those it serves. Of a group of which
// it does not tell they are those before; unknown is the error.
func servedKinds(asked discovery.DiscoveryInterface, before []flux.ServedKind) (served []flux.ServedKind, unknown, err error) {
	groups, err := asked.ServerGroups()
	if err != nil {
		return nil, nil, fmt.Errorf("asking which APIs are served: %w", err)
	}
	versions := map[string]map[string]string{}
	for _, g := range groups.Groups {
		if !slices.ContainsFunc(flux.Kinds(), func(k flux.Kind) bool { return k.Group == g.Name }) {
			continue
		}
		found, err := preferred(asked, g)
		if err != nil {
			unknown, found = errors.Join(unknown, err), versionsIn(before, g.Name)
		}
		versions[g.Name] = found
	}
	for _, k := range flux.Kinds() {
		if version := versions[k.Group][k.Name]; version != "" {
			served = append(served, flux.ServedKind{Kind: k, Version: version})
		}
	}
	return served, unknown, nil
}

// versionsIn maps the kinds of a group to their versions.
func versionsIn(kinds []flux.ServedKind, group string) map[string]string {
	versions := map[string]string{}
	for _, k := range kinds {
		if k.Group == group {
			versions[k.Name] = k.Version
		}
	}
	return versions
}

// preferred maps the kinds of a group to the first of its versions, which come in the order of preference, that has them.
func preferred(asked discovery.DiscoveryInterface, group metav1.APIGroup) (map[string]string, error) {
	versions := map[string]string{}
	for _, v := range group.Versions {
		resources, err := resourcesOf(asked, v.GroupVersion)
		if err != nil {
			return nil, err
		}
		for _, resource := range resources {
			if versions[resource.Kind] == "" {
				versions[resource.Kind] = v.Version
			}
		}
	}
	return versions, nil
}

// pending reports whether the CRD of a kind of Flux is there that the API server does not serve yet.
func pending(ctx context.Context, reader client.Reader, served []flux.ServedKind) (bool, error) {
	for _, k := range flux.Kinds() {
		if slices.ContainsFunc(served, func(s flux.ServedKind) bool { return s.Name == k.Name }) {
			continue
		}
		if is, err := defined(ctx, reader, definitionOf(k)); is || err != nil {
			return is, err
		}
	}
	return false, nil
}

// definitionOf is the name of a kind's CRD.
func definitionOf(k flux.Kind) string { return k.Plural + "." + k.Group }

// fluxDefinitions are the names of the CRDs of Flux's kinds.
var fluxDefinitions = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, k := range flux.Kinds() {
		names[definitionOf(k)] = true
	}
	return names
})
