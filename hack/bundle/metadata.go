package main

import (
	"bytes"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
)

// Keys of the annotations by which a bundle says what it is.
const (
	keys         = "operators.operatorframework.io."
	packageKey   = keys + "bundle.package.v1"
	channelsKey  = keys + "bundle.channels.v1"
	defaultKey   = keys + "bundle.channel.default.v1"
	openShiftKey = "com.redhat.openshift.versions"
)

// annotationsOf are the annotations of the bundle, which are the labels of its image too.
func annotationsOf(csv *ClusterServiceVersion, catalog *Catalog) (map[string]string, error) {
	channels := catalog.channelsOf(csv.Metadata.Name)
	if len(channels) == 0 {
		return nil, fmt.Errorf("%s has no channel with %s", Template, csv.Metadata.Name)
	}
	openShift, err := openShiftWith(csv.Spec.MinKubeVersion)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		keys + "bundle.mediatype.v1":    "registry+v1",
		keys + "bundle.manifests.v1":    "manifests/",
		keys + "bundle.metadata.v1":     "metadata/",
		packageKey:                      Package,
		channelsKey:                     strings.Join(channels, ","),
		defaultKey:                      catalog.Package.DefaultChannel,
		keys + "metrics.builder":        "github.com/fluxmonitoring/operator/hack/bundle",
		keys + "metrics.mediatype.v1":   "metrics+v1",
		keys + "metrics.project_layout": "go.kubebuilder.io/v4",
		keys + "test.mediatype.v1":      "scorecard+v1",
		keys + "test.config.v1":         "tests/scorecard/",
		openShiftKey:                    openShift,
	}, nil
}

// openShiftWith is the first OpenShift with a Kubernetes: 4.16 has 1.29, and they have gone side by side since.
func openShiftWith(minKubeVersion string) (string, error) {
	v, err := version.ParseSemantic(minKubeVersion)
	if err != nil {
		return "", fmt.Errorf("minKubeVersion: %w", err)
	}
	const ahead = 13
	return fmt.Sprintf("v4.%d", v.Minor()-ahead), nil
}

// dockerfile builds the bundle's image, which holds nothing but the files.
func dockerfile(annotations map[string]string) []byte {
	var b bytes.Buffer
	b.WriteString("# The bundle as an image. `make bundle` writes this file.\nFROM scratch\n\n")
	for _, key := range sortedKeys(annotations) {
		fmt.Fprintf(&b, "LABEL %s=%s\n", key, annotations[key])
	}
	b.WriteString("\nCOPY bundle/manifests /manifests/\nCOPY bundle/metadata /metadata/\nCOPY bundle/tests/scorecard /tests/scorecard/\n")
	return b.Bytes()
}
