package served

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/kinds"
)

// Schemas are what the CRDs of generated kinds declare, as far as anybody had to ask: the API server has refused a field, or a CRD has
// changed, which may take fields from objects that are there. Where the CRDs are as new as this operator, it holds nothing.
type Schemas struct {
	// Live reads CRDs from the API server.
	Live client.Reader

	mu      sync.Mutex
	known   map[schema.GroupVersionKind]*desired.Schema
	doubted map[schema.GroupVersionKind]bool
	// revision counts the changes of the two.
	revision uint64
}

// Revision changes with what Known returns.
func (s *Schemas) Revision() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision
}

// Known are the schemas known now, after those of CRDs that have changed were read.
func (s *Schemas) Known(ctx context.Context, served map[schema.GroupVersionKind]bool) (map[schema.GroupVersionKind]*desired.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for kind := range s.doubted {
		if !served[kind] {
			continue
		}
		if err := s.read(ctx, kind); err != nil {
			return nil, err
		}
	}
	return maps.Clone(s.known), nil
}

// Learn reads the schemas of the kinds of which the API server refused fields, and reports whether there are new ones: then it is worth
// trying again. Where the CRD declares all that was refused, it has only just changed, and the failure is one that passes.
func (s *Schemas) Learn(ctx context.Context, failures []*apply.Failure) (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range failures {
		if !apply.IsOutsideSchema(f.Err) {
			continue
		}
		kind := f.Change.Kind
		if s.known[kind] == nil {
			if err := s.read(ctx, kind); err != nil {
				ctrl.LoggerFrom(ctx).Error(err, "the schema that lacks a field cannot be read")
				continue
			}
			news = true
		}
		if f.Change.Desired != nil && len(s.known[kind].Undeclared(f.Change.Desired.Object)) == 0 {
			f.Cause = apply.Temporary
		}
	}
	return news
}

// Doubt is that a CRD has changed. It reports whether it is of a generated kind.
func (s *Schemas) Doubt(crd string) (generated bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kind := range kinds.OfCRD(crd) {
		if !kinds.Of(kind).Generated {
			continue
		}
		if s.doubted == nil {
			s.doubted = map[schema.GroupVersionKind]bool{}
		}
		s.doubted[kind], generated = true, true
		delete(s.known, kind)
		s.revision++
	}
	return generated
}

// read reads one schema. The caller holds the lock.
func (s *Schemas) read(ctx context.Context, kind schema.GroupVersionKind) error {
	crd := &unstructured.Unstructured{}
	crd.SetGroupVersionKind(kinds.CustomResourceDefinition)
	if err := s.Live.Get(ctx, client.ObjectKey{Name: kinds.Of(kind).CRD()}, crd); err != nil {
		return fmt.Errorf("reading the schema of %s: %w", kind.Kind, err)
	}
	if s.known == nil {
		s.known = map[schema.GroupVersionKind]*desired.Schema{}
	}
	s.known[kind] = desired.SchemaOf(crd, kind.Version)
	delete(s.doubted, kind)
	s.revision++
	return nil
}
