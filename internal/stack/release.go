package stack

import (
	"cmp"
	"time"

	helmv2 "github.com/fluxcd/helm-controller/api/v2"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/apis/meta"
	sourcev1 "github.com/fluxcd/source-controller/api/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Defaults of the spec, for one that no API server has read.
const (
	// DefaultVersion of the chart. It is the one whose values and names internal/stack knows.
	DefaultVersion  = "88.5.3"
	defaultInterval = time.Hour
	defaultTimeout  = 15 * time.Minute
	defaultRetries  = 3
)

// Version is the version of the chart that the spec asks for.
func Version(fm *v1alpha1.FluxMonitoring) string { return cmp.Or(Of(fm).Version, DefaultVersion) }

// HasSource reports whether the operator generates the source of the chart.
func HasSource(fm *v1alpha1.FluxMonitoring) bool { return Of(fm) != nil && Of(fm).SourceRef == nil }

// chartLayer is the layer of an OCI artifact that has a chart. source-controller must not unpack it, because helm-controller needs the archive.
const chartLayer = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"

// SourceSpec is the spec of the OCIRepository that has the chart.
func SourceSpec(fm *v1alpha1.FluxMonitoring) sourcev1.OCIRepositorySpec {
	from := v1alpha1.StackSource{}
	if Of(fm).Source != nil {
		from = *Of(fm).Source
	}
	return sourcev1.OCIRepositorySpec{
		URL:           cmp.Or(from.URL, DefaultURL),
		Interval:      duration(Of(fm).Interval, defaultInterval),
		Reference:     &sourcev1.OCIRepositoryRef{Tag: Version(fm)},
		LayerSelector: &sourcev1.OCILayerSelector{MediaType: chartLayer, Operation: sourcev1.OCILayerCopy},
		SecretRef:     from.SecretRef, CertSecretRef: from.CertSecretRef, Insecure: from.Insecure,
	}
}

// ReleaseSpec is the spec of the HelmRelease, without the values of the spec. Earlier are the ConfigMaps with the operator's own values, over
// which helm-controller puts valuesFrom, and then the values of the spec.
func ReleaseSpec(fm *v1alpha1.FluxMonitoring, earlier ...meta.ValuesReference) helmv2.HelmReleaseSpec {
	s := Of(fm)
	timeout, crds := duration(s.Timeout, defaultTimeout), helmv2.CRDsPolicy(cmp.Or(s.CRDs, v1alpha1.StackCRDsCreateReplace))
	spec := helmv2.HelmReleaseSpec{
		ReleaseName:        ReleaseName(fm),
		Interval:           duration(s.Interval, defaultInterval),
		Timeout:            &timeout,
		ServiceAccountName: Account(fm),
		Install:            &helmv2.Install{CRDs: crds, Remediation: &helmv2.InstallRemediation{Retries: -1}},
		Upgrade:            &helmv2.Upgrade{CRDs: crds, CleanupOnFail: true, Remediation: remediation(s.Remediation)},
		DriftDetection:     drift(s.DriftDetection),
		ValuesFrom:         append(earlier, s.ValuesFrom...),
	}
	from := s.SourceRef
	switch {
	case from == nil:
		spec.ChartRef = &helmv2.CrossNamespaceSourceReference{Kind: sourcev1.OCIRepositoryKind, Name: ObjectName(fm)}
	case from.Kind == v1alpha1.StackSourceHelmRepository:
		spec.Chart = &helmv2.HelmChartTemplate{Spec: helmv2.HelmChartTemplateSpec{
			Chart: Chart, Version: Version(fm),
			SourceRef: helmv2.CrossNamespaceObjectReference{Kind: sourcev1.HelmRepositoryKind, Name: from.Name, Namespace: string(from.Namespace)},
		}}
	default:
		spec.ChartRef = &helmv2.CrossNamespaceSourceReference{Kind: string(from.Kind), Name: from.Name, Namespace: string(from.Namespace)}
	}
	return spec
}

func remediation(r v1alpha1.StackRemediation) *helmv2.UpgradeRemediation {
	retries, strategy := defaultRetries, helmv2.RemediationStrategy(cmp.Or(r.Strategy, v1alpha1.StackRollback))
	if r.Retries != nil {
		retries = int(*r.Retries)
	}
	return &helmv2.UpgradeRemediation{Retries: retries, Strategy: &strategy}
}

// drift ignores the annotation that the webhook of prometheus-operator adds to what it has validated: nobody else has changed the object.
func drift(mode v1alpha1.StackDriftDetection) *helmv2.DriftDetection {
	detection := &helmv2.DriftDetection{Mode: helmv2.DriftDetectionMode(cmp.Or(mode, v1alpha1.StackDriftEnabled))}
	for _, kind := range []string{"PrometheusRule", "AlertmanagerConfig"} {
		detection.Ignore = append(detection.Ignore, helmv2.IgnoreRule{
			Paths: []string{"/metadata/annotations/prometheus-operator-validated"}, Target: &kustomize.Selector{Kind: kind},
		})
	}
	return detection
}

// duration is a duration of the spec in the type of Flux, which has no days.
func duration(written v1alpha1.Duration, otherwise time.Duration) metav1.Duration {
	if d, err := written.Parse(); err == nil && d > 0 {
		return metav1.Duration{Duration: d}
	}
	return metav1.Duration{Duration: otherwise}
}
