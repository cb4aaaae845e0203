package observe

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
)

// addCollectors adds the kinds of other collectors that the cluster has.
func (o *Observer) addCollectors(ctx context.Context, found *facts.Facts) error {
	collectors, err := o.collectors(ctx)
	for _, kind := range collectors {
		found.Served[kind] = true
	}
	return err
}

// collectors are the kinds of other collectors whose CRDs exist. It reads no objects of these kinds, because they can contain credentials, so
// the operator needs no permission for them.
func (o *Observer) collectors(ctx context.Context) (found []schema.GroupVersionKind, err error) {
	for _, kind := range kinds.Collectors() {
		crd := kinds.Metadata(kinds.CustomResourceDefinition)
		err := o.Reader.Get(ctx, client.ObjectKey{Name: kinds.Of(kind).CRD()}, crd)
		switch {
		case apierrors.IsNotFound(err):
		case err != nil:
			return nil, fmt.Errorf("reading CRD %s: %w", kinds.Of(kind).CRD(), err)
		case crd.DeletionTimestamp == nil:
			found = append(found, kind)
		}
	}
	return found, nil
}
