package main

import (
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/must"
)

// upstreamKind is what fluxcd/flux2-monitoring-example has kube-state-metrics export of a kind beside name and namespace.
type upstreamKind struct {
	group, version, kind string
	// labels and where they come from, such as "revision=status.artifact.revision".
	labels []string
}

var (
	upstreamState    = []string{"ready=status.conditions.[type=Ready].status", "suspended=spec.suspend"}
	upstreamArtifact = append([]string{"revision=status.artifact.revision"}, upstreamState...)
	upstreamURL      = append([]string{"url=spec.url"}, upstreamArtifact...)
)

func upstreamKinds() []upstreamKind {
	return []upstreamKind{
		{flux.GroupKustomize, "v1", "Kustomization",
			append([]string{"revision=status.lastAppliedRevision", "source_name=spec.sourceRef.name"}, upstreamState...)},
		{flux.GroupHelm, "v2", "HelmRelease", append([]string{
			"revision=status.history.0.chartVersion", "chart_name=status.history.0.chartName", "chart_app_version=status.history.0.appVersion",
			"chart_ref_name=spec.chartRef.name", "chart_source_name=spec.chart.spec.sourceRef.name",
		}, upstreamState...)},
		{flux.GroupSource, "v1", "GitRepository", upstreamURL},
		{flux.GroupSource, "v1", "OCIRepository", upstreamURL},
		{flux.GroupSource, "v1", "HelmRepository", upstreamURL},
		{flux.GroupSource, "v1", "HelmChart", append([]string{"chart_name=spec.chart", "chart_version=spec.version"}, upstreamArtifact...)},
		{flux.GroupSource, "v1", "Bucket", append([]string{"endpoint=spec.endpoint", "bucket_name=spec.bucketName"}, upstreamArtifact...)},
		{flux.GroupNotification, "v1", "Receiver", append([]string{"webhook_path=status.webhookPath"}, upstreamState...)},
		{flux.GroupNotification, "v1beta3", "Alert", []string{"suspended=spec.suspend"}},
		{flux.GroupNotification, "v1beta3", "Provider", []string{"suspended=spec.suspend"}},
		{flux.GroupImage, "v1", "ImageRepository", append([]string{"image=spec.image"}, upstreamState...)},
		{flux.GroupImage, "v1", "ImagePolicy", append([]string{"source_name=spec.imageRepositoryRef.name"}, upstreamState...)},
		{flux.GroupImage, "v1", "ImageUpdateAutomation", append([]string{"source_name=spec.sourceRef.name"}, upstreamState...)},
	}
}

// upstreamConfiguration has kube-state-metrics export of Flux's objects what upstream's example does: one series each.
func upstreamConfiguration() []byte {
	var resources []fields
	for _, k := range upstreamKinds() {
		labels := map[string][]string{"exported_namespace": {"metadata", "namespace"}}
		for _, l := range k.labels {
			name, path, _ := strings.Cut(l, "=")
			labels[name] = strings.Split(path, ".")
		}
		resources = append(resources, fields{
			"groupVersionKind": fields{"group": k.group, "version": k.version, "kind": k.kind},
			"metricNamePrefix": "gotk",
			"metrics": []fields{{
				"name":           "resource_info",
				"help":           "The current state of a Flux " + k.kind + " resource.",
				"each":           fields{"type": "Info", "info": fields{"labelsFromPath": fields{"name": []string{"metadata", "name"}}}},
				"labelsFromPath": labels,
			}},
		})
	}
	return must.Get(yaml.Marshal(fields{"kind": "CustomResourceStateMetrics", "spec": fields{"resources": resources}}))
}

// servedKinds are Flux's kinds in the versions that the definitions here serve.
func servedKinds() []flux.ServedKind {
	versions := map[string]string{}
	for _, k := range upstreamKinds() {
		versions[k.kind] = k.version
	}
	versions["ExternalArtifact"], versions["ArtifactGenerator"] = "v1", "v1beta1"
	var served []flux.ServedKind
	for _, k := range flux.Kinds() {
		if v := versions[k.Name]; v != "" {
			served = append(served, flux.ServedKind{Kind: k, Version: v})
		}
	}
	return served
}
