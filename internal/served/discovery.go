package served

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
)

// syncTimeout bounds the first listing of a kind.
const syncTimeout = 30 * time.Second

// Discovery asks an API server what it serves.
type Discovery struct {
	// CRDs reads the metadata of CRDs.
	CRDs client.Reader
	// Live reads from the API server itself.
	Live client.Reader
	// API is the discovery API.
	API discovery.DiscoveryInterface
}

// Finding is what is known of the optional kind that a CRD defines.
type Finding struct {
	// Kind in the version that is served, or else in one that could be; empty if there is no CRD.
	Kind schema.GroupVersionKind
	// Served: objects of it can be read.
	Served bool
	// Err is why it is not known whether the kind is served, or why it cannot be read.
	Err error
}

// pending reports whether there is a CRD whose kind is not served yet.
func (f Finding) pending() bool {
	return !f.Served && f.Err == nil && f.Kind != schema.GroupVersionKind{}
}

// Optional is the first version of the optional kind of a CRD that the API server lists. One that has a cache is known to be readable.
func (d Discovery) Optional(ctx context.Context, crd string, hasCache func(schema.GroupVersionKind) bool) Finding {
	versions := kinds.OfCRD(crd)
	current := versions[max(slices.IndexFunc(versions, hasCache), 0)]
	if there, err := d.defined(ctx, crd); err != nil {
		return Finding{Kind: current, Err: err}
	} else if !there {
		return Finding{}
	}
	for _, version := range versions {
		resources, err := d.resources(version.GroupVersion().String())
		switch {
		case err != nil:
			return Finding{Kind: current, Err: err}
		case !slices.ContainsFunc(resources, func(r metav1.APIResource) bool { return r.Kind == version.Kind }):
			continue
		case hasCache(version):
			return Finding{Kind: version, Served: true}
		}
		err = d.readable(ctx, version)
		return Finding{Kind: version, Served: err == nil, Err: ignoreAbsence(err)}
	}
	return Finding{Kind: versions[0]}
}

// readable is an error unless a kind that discovery lists can be listed. There may be seconds between the two for a large CRD, and an
// informer that starts meanwhile would back off for longer.
func (d Discovery) readable(ctx context.Context, kind schema.GroupVersionKind) error {
	ctx, stop := context.WithTimeout(ctx, syncTimeout)
	defer stop()
	if err := d.Live.List(ctx, kinds.MetadataList(kind), client.Limit(1)); err != nil {
		return fmt.Errorf("listing %s objects: %w", kind.Kind, err)
	}
	return nil
}

// ignoreAbsence is nil for an error that only says that a kind is not served.
func ignoreAbsence(err error) error {
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) || apierrors.IsMethodNotSupported(err) {
		return nil
	}
	return err
}

// resources are those that the API server lists for a group version; none if it does not serve it.
func (d Discovery) resources(groupVersion string) ([]metav1.APIResource, error) {
	resources, err := d.API.ServerResourcesForGroupVersion(groupVersion)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking what %s serves: %w", groupVersion, err)
	}
	return resources.APIResources, nil
}

// defined reports whether there is a CRD that is not being deleted, or the kind needs none.
func (d Discovery) defined(ctx context.Context, name string) (bool, error) {
	if defines := kinds.OfCRD(name); len(defines) > 0 && kinds.Of(defines[0]).BuiltIn {
		return true, nil
	}
	crd := kinds.Metadata(kinds.CustomResourceDefinition)
	err := d.CRDs.Get(ctx, client.ObjectKey{Name: name}, crd)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading CRD %s: %w", name, err)
	}
	return crd.DeletionTimestamp == nil, nil
}
