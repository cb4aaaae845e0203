package cluster

import (
	"context"
	"path/filepath"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// Names by which WithCRDs knows definitions, from wherever in the project a test runs.
const (
	OperatorCRDs        = "crds of the operator"
	FluxCRDs            = "crds of Flux"
	MonitoringCRDs      = "crds of prometheus-operator"
	FluxOperatorCRDs    = "crds of flux-operator"
	GrafanaOperatorCRDs = "crds of grafana-operator"
)

// everything is all that has a name.
var everything = []string{OperatorCRDs, FluxCRDs, MonitoringCRDs, FluxOperatorCRDs, GrafanaOperatorCRDs}

// definitions puts files and folders where there are names.
func definitions(ctx context.Context, named []string) ([]string, error) {
	if len(named) == 0 {
		return nil, nil
	}
	flux, monitoring, err := CRDs(ctx)
	if err != nil {
		return nil, err
	}
	root, err := parts.Checkout()
	if err != nil {
		return nil, err
	}
	places := map[string]string{
		OperatorCRDs: filepath.Join(root, "config/crd"), FluxCRDs: flux, MonitoringCRDs: monitoring,
		FluxOperatorCRDs:    filepath.Join(root, "test/cluster/manifests/flux-operator/crds.yaml"),
		GrafanaOperatorCRDs: filepath.Join(root, "test/cluster/manifests/grafana-operator/crds.yaml"),
	}
	var paths []string
	for _, name := range named {
		if place, known := places[name]; known {
			name = place
		}
		paths = append(paths, name)
	}
	return paths, nil
}
