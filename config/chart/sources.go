package chart

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/config/bundle"
)

// sources are what the chart is made of.
type sources struct {
	objects []*unstructured.Unstructured  // of config/chart/all
	version *bundle.ClusterServiceVersion // what a person says of this version, as OLM's bundle has it
	digest  string                        // of the version's image, once one is published
}

// read reads the sources in the repository at root.
func read(root string) (*sources, error) {
	objects, err := bundle.Objects(filepath.Join(root, "config/chart/all"))
	if err != nil {
		return nil, err
	}
	template, err := os.ReadFile(filepath.Join(root, bundle.Template))
	if err != nil {
		return nil, err
	}
	files, err := bundle.Build(root)
	if err != nil {
		return nil, err
	}
	made, err := bundle.Load(files, template)
	if err != nil {
		return nil, err
	}
	if len(made.CSV.Spec.RelatedImages) == 0 {
		return nil, errors.New("the bundle names no image")
	}
	_, digest, _ := strings.Cut(made.CSV.Spec.RelatedImages[0].Image, "@")
	return &sources{objects: objects, version: made.CSV, digest: digest}, nil
}
