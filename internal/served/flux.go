package served

import (
	"context"
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// FluxKinds are the kinds of Flux that the API server serves, each in the version that it prefers. If the resources of a group cannot be
// read, its kinds are those before, and unknown is the error.
func (d Discovery) FluxKinds(before []flux.ServedKind) (served []flux.ServedKind, unknown, err error) {
	groups, err := d.API.ServerGroups()
	if err != nil {
		return nil, nil, fmt.Errorf("asking which APIs are served: %w", err)
	}
	versions := map[string]map[string]string{}
	for _, g := range groups.Groups {
		if !slices.ContainsFunc(flux.Kinds(), func(k flux.Kind) bool { return k.Group == g.Name }) {
			continue
		}
		found, err := d.preferred(g)
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
func (d Discovery) preferred(group metav1.APIGroup) (map[string]string, error) {
	versions := map[string]string{}
	for _, v := range group.Versions {
		resources, err := d.resources(v.GroupVersion)
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

// FluxPending reports whether there is the CRD of a kind of Flux that the API server does not serve yet.
func (d Discovery) FluxPending(ctx context.Context, served []flux.ServedKind) (bool, error) {
	for _, k := range flux.Kinds() {
		if slices.ContainsFunc(served, func(s flux.ServedKind) bool { return s.Name == k.Name }) {
			continue
		}
		if is, err := d.defined(ctx, crdName(k)); is || err != nil {
			return is, err
		}
	}
	return false, nil
}

// IsFluxCRD reports whether a CRD of this name defines a kind of Flux.
func IsFluxCRD(name string) bool {
	return slices.ContainsFunc(flux.Kinds(), func(k flux.Kind) bool { return crdName(k) == name })
}

func crdName(k flux.Kind) string { return k.Plural + "." + k.Group }
