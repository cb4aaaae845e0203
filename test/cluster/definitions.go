package cluster

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

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

const (
	// removal is how long the API server may take to remove CRDs with their objects: it looks at one for a minute before it tries again.
	removal = 3 * time.Minute
	// untouched is how long a CRD may be terminating before it is changed, which has the API server look at it again.
	untouched = 10 * time.Second
)

// RemoveCRDs deletes CRDs and their objects, and waits until the API server has none of them; one that is not there is fine.
//
// A CRD that is still there after some seconds gets another annotation: the finalizer of the API server (crd_finalizer.go of
// apiextensions-apiserver) drops a CRD whose status changed under it and waits for the next change of it, or five minutes.
func RemoveCRDs(ctx context.Context, c client.Client, names ...string) error {
	for _, name := range names {
		if err := client.IgnoreNotFound(c.Delete(ctx, definition(name))); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, removal)
	defer cancel()
	for _, name := range names {
		if err := awaitRemoval(ctx, c, name); err != nil {
			return err
		}
	}
	return nil
}

func awaitRemoval(ctx context.Context, c client.Client, name string) error {
	crd := definition(name)
	touched := time.Now()
	err := wait.PollUntilContextCancel(ctx, 20*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		if err := c.Get(ctx, client.ObjectKeyFromObject(crd), crd); err != nil {
			return true, client.IgnoreNotFound(err)
		}
		if time.Since(touched) < untouched {
			return false, nil
		}
		touched = time.Now()
		patch := fmt.Appendf(nil, `{"metadata":{"annotations":{"touched":%q}}}`, strconv.FormatInt(touched.UnixNano(), 10))
		return false, client.IgnoreNotFound(c.Patch(ctx, crd, client.RawPatch("application/merge-patch+json", patch)))
	})
	if err != nil {
		conditions, _, _ := unstructured.NestedSlice(crd.Object, "status", "conditions")
		return fmt.Errorf("removing the CRD %s: %w; its finalizers are %q and its conditions %v", name, err, crd.GetFinalizers(), conditions)
	}
	return nil
}

func definition(name string) *unstructured.Unstructured {
	crd := &unstructured.Unstructured{}
	crd.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	crd.SetName(name)
	return crd
}
