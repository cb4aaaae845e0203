package apply

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
)

// Live lists the owner's objects of the kinds that are served, with recent writes over them. The label may name another owner by mistake, so
// it does not narrow the list. Served is what was observed before: of a kind in two versions the other may have taken its place meanwhile, and
// what is desired would be missing in the first and be pruned in the second.
func (r *WriteTracker) Live(
	ctx context.Context, owner Owner, served map[schema.GroupVersionKind]bool, readerOf func(schema.GroupVersionKind) client.Reader,
) ([]*metav1.PartialObjectMetadata, error) {
	var all []*metav1.PartialObjectMetadata
	for _, kind := range kinds.Generated() {
		if !served[kind] {
			continue
		}
		reader := readerOf(kind)
		if reader == nil {
			continue
		}
		list := kinds.MetadataList(kind)
		err := reader.List(ctx, list, client.InNamespace(owner.Namespace),
			client.MatchingLabelsSelector{Selector: mark.Owned()}, client.UnsafeDisableDeepCopy)
		if err != nil {
			return nil, fmt.Errorf("listing %s objects: %w", kind.Kind, err)
		}
		all = append(all, r.Merge(kind, owner, list.Items)...)
	}
	return all, nil
}
