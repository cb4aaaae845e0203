package stack

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/test/cluster/image"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// program is a binary of a part and the image that its release ships it in.
type program struct {
	part, binary string
	// module in the part's go.mod whose version the image is tagged with.
	module string
	// repository of the image, and the binary's path in it.
	repository, path string
}

// programs that the installed pods run.
var programs = []program{
	{"flux", "source-controller", "github.com/fluxcd/source-controller", "ghcr.io/fluxcd/source-controller", "/usr/local/bin/"},
	{"flux", "kustomize-controller", "github.com/fluxcd/kustomize-controller", "ghcr.io/fluxcd/kustomize-controller", "/usr/local/bin/"},
	{"helm-controller", "helm-controller", "github.com/fluxcd/helm-controller", "ghcr.io/fluxcd/helm-controller", "/usr/local/bin/"},
	{"prometheus-operator", "operator", operatorModule, "quay.io/prometheus-operator/prometheus-operator", "/bin/"},
	{"prometheus-operator", "prometheus-config-reloader", operatorModule, "quay.io/prometheus-operator/prometheus-config-reloader", "/bin/"},
	{"alertmanager", "alertmanager", alertmanagerModule, "quay.io/prometheus/alertmanager", "/bin/"},
	{"prometheus", "prometheus", prometheusModule, "quay.io/prometheus/prometheus", "/bin/"},
	{"origin", "dns", "", "fluxmonitoring.dev/dns", "/"},
	{"origin", "origin", "", "fluxmonitoring.dev/origin", "/"},
	{"origin", "sidecar", "", "quay.io/kiwigrid/k8s-sidecar", "/"},
	{"origin", "grafana", "", "docker.io/grafana/grafana", "/"},
}

// ofChart are the further programs that the chart of test/testdata/stack runs.
var ofChart = []program{
	{"kube-state-metrics", "kube-state-metrics", stateMetricsModule, "registry.k8s.io/kube-state-metrics/kube-state-metrics", "/"},
}

// The modules whose versions are needed in more than one place.
const (
	operatorModule     = "github.com/prometheus-operator/prometheus-operator"
	alertmanagerModule = "github.com/prometheus/alertmanager"
	prometheusModule   = "github.com/prometheus/prometheus"
	stateMetricsModule = "k8s.io/kube-state-metrics/v2"
)

// Images builds what the installed pods run, and returns it as the images they ask for. With the chart, these are its pods too.
func Images(ctx context.Context, out io.Writer, withChart bool) ([]image.Image, error) {
	var images []image.Image
	all := programs
	if withChart {
		all = slices.Concat(programs, ofChart)
	}
	for _, p := range all {
		built, err := parts.Build(ctx, out, p.part)
		if err != nil {
			return nil, err
		}
		tag, err := p.tag()
		if err != nil {
			return nil, err
		}
		images = append(images, image.Image{Ref: p.repository + ":" + tag, Binary: built[0] + "/" + p.binary, Path: p.path + p.binary})
	}
	return images, nil
}

// tag of the program's image. What is our own has only one version.
func (p program) tag() (string, error) {
	switch p.module {
	case "":
		return "1", nil
	case prometheusModule:
		return prometheusVersion()
	default:
		return parts.Version(p.part, p.module)
	}
}

// versions fills the versions of images into manifests.
func versions() (*strings.Replacer, error) {
	prometheus, err := prometheusVersion()
	if err != nil {
		return nil, err
	}
	replaced := []string{"${PROMETHEUS_VERSION}", prometheus}
	for _, of := range [][3]string{
		{"${ALERTMANAGER_VERSION}", "alertmanager", alertmanagerModule},
		{"${OPERATOR_VERSION}", "prometheus-operator", operatorModule},
		{"${STATE_METRICS_VERSION}", "kube-state-metrics", stateMetricsModule},
	} {
		version, err := parts.Version(of[1], of[2])
		if err != nil {
			return nil, err
		}
		replaced = append(replaced, of[0], version)
	}
	return strings.NewReplacer(replaced...), nil
}

// prometheusVersion is the version of the Prometheus that runs, as its images are tagged: module v0.314.0 is v3.14.0.
func prometheusVersion() (string, error) {
	version, err := parts.Version("prometheus", prometheusModule)
	if err != nil {
		return "", err
	}
	number, patch, _ := strings.Cut(strings.TrimPrefix(version, "v0."), ".")
	return "v" + number[:1] + "." + strings.TrimPrefix(number[1:], "0") + "." + patch, nil
}
