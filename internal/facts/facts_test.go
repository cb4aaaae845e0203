package facts

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestFluxIsFoundByAControllerOrAServedKind(t *testing.T) {
	kind := func(name string) []flux.ServedKind {
		of := func(k flux.Kind) bool { return k.Name == name }
		return []flux.ServedKind{{Kind: flux.Kinds()[slices.IndexFunc(flux.Kinds(), of)], Version: "v1"}}
	}
	controllers := flux.Installation{Controllers: []flux.Controller{{Name: "gitops-a"}}}
	for name, c := range map[string]struct {
		facts Facts
		found bool
	}{
		"a controller, of whatever name":        {Facts{Flux: controllers, FluxNamespaceExists: true}, true},
		"a kind of Flux":                        {Facts{FluxKinds: kind("Kustomization"), FluxNamespaceExists: true}, true},
		"a kind of Flux, but not the namespace": {Facts{FluxKinds: kind("Kustomization")}, false},
		"a kind of flux-operator alone":         {Facts{FluxKinds: kind("FluxInstance"), FluxNamespaceExists: true}, false},
		"the operator's own kind alone":         {Facts{FluxKinds: kind("FluxMonitoring"), FluxNamespaceExists: true}, false},
		"nothing":                               {Facts{FluxNamespaceExists: true}, false},
	} {
		NewWithT(t).Expect(c.facts.FluxFound()).To(Equal(c.found), name)
	}
}
