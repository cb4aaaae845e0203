package stack

import (
	"context"
	"io"
	"strings"

	"github.com/fluxmonitoring/operator/test/cluster/image"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// Images builds what the installed pods run, and returns it as the images they ask for.
func Images(ctx context.Context, out io.Writer) ([]image.Image, error) {
	folders, err := parts.Build(ctx, out, "flux", "prometheus-operator", "prometheus", "origin")
	if err != nil {
		return nil, err
	}
	flux, operator, prometheus, origin := folders[0], folders[1], folders[2], folders[3]
	source, err := parts.Version("flux", "github.com/fluxcd/source-controller")
	if err != nil {
		return nil, err
	}
	kustomize, err := parts.Version("flux", "github.com/fluxcd/kustomize-controller")
	if err != nil {
		return nil, err
	}
	operatorVersion, err := parts.Version("prometheus-operator", "github.com/prometheus-operator/prometheus-operator")
	if err != nil {
		return nil, err
	}
	version, err := prometheusVersion()
	if err != nil {
		return nil, err
	}
	return []image.Image{
		{Ref: "fluxmonitoring.dev/dns:1", Binary: origin + "/dns", Path: "/dns"},
		{Ref: "fluxmonitoring.dev/origin:1", Binary: origin + "/origin", Path: "/origin"},
		{Ref: "ghcr.io/fluxcd/source-controller:" + source, Binary: flux + "/source-controller", Path: "/usr/local/bin/source-controller"},
		{Ref: "ghcr.io/fluxcd/kustomize-controller:" + kustomize, Binary: flux + "/kustomize-controller", Path: "/usr/local/bin/kustomize-controller"},
		{Ref: "quay.io/prometheus-operator/prometheus-operator:" + operatorVersion, Binary: operator + "/operator", Path: "/bin/operator"},
		{
			Ref:    "quay.io/prometheus-operator/prometheus-config-reloader:" + operatorVersion,
			Binary: operator + "/prometheus-config-reloader", Path: "/bin/prometheus-config-reloader",
		},
		{Ref: "quay.io/prometheus/prometheus:" + version, Binary: prometheus + "/prometheus", Path: "/bin/prometheus"},
	}, nil
}

// prometheusVersion is the version of the Prometheus that runs, as its images are tagged: module v0.314.0 is v3.14.0.
func prometheusVersion() (string, error) {
	version, err := parts.Version("prometheus", "github.com/prometheus/prometheus")
	if err != nil {
		return "", err
	}
	number, patch, _ := strings.Cut(strings.TrimPrefix(version, "v0."), ".")
	return "v" + number[:1] + "." + strings.TrimPrefix(number[1:], "0") + "." + patch, nil
}
