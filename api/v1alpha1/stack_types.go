package v1alpha1

import (
	"github.com/fluxcd/pkg/apis/meta"
)

// StackSpec has the operator install a monitoring stack through Flux. It is a union: exactly one member is set.
//
// +kubebuilder:validation:XValidation:rule="has(self.kubePrometheusStack)",message="a stack needs kubePrometheusStack"
type StackSpec struct {
	// kubePrometheusStack installs the Helm chart kube-prometheus-stack: prometheus-operator, Prometheus, Alertmanager, kube-state-metrics and
	// Grafana. {} installs it with all defaults.
	// +optional
	KubePrometheusStack *KubePrometheusStack `json:"kubePrometheusStack,omitempty"`
}

// KubePrometheusStack configures the HelmRelease of kube-prometheus-stack, which helm-controller installs in the namespace of this resource.
//
// +kubebuilder:validation:XValidation:rule="!has(self.source) || !has(self.sourceRef)",message="set source or sourceRef, not both",fieldPath=".sourceRef"
type KubePrometheusStack struct {
	// version is the version of the chart, such as 88.5.3: one version, and no range. A default is stored in this resource, so that a newer
	// operator does not upgrade the stack. An OCIRepository of sourceRef has its own version. Default: 88.5.3.
	// +optional
	// +kubebuilder:default="88.5.3"
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^(0|[1-9][0-9]*)[.](0|[1-9][0-9]*)[.](0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?$')",message="version must be one version of the chart, such as 88.5.3, and no range"
	Version string `json:"version,omitempty"`
	// interval is the time between two reconciliations of the source and of the release, at least 1m. Default: 1h.
	// +optional
	// +kubebuilder:default="1h"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]') || (self.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,9}ms)?$') ? duration(self) >= duration('1m') : self.matches('[1-9][0-9]*[ywd]'))",message="interval must be at least 1m"
	Interval Duration `json:"interval,omitempty"`
	// source is the OCI repository that the operator has source-controller pull the chart from. Default: the repository of the chart's authors.
	// +optional
	Source *StackSource `json:"source,omitempty"`
	// sourceRef references an existing source of the chart, such as that of a mirror. The operator then creates no source. Default: none.
	// +optional
	SourceRef *StackSourceReference `json:"sourceRef,omitempty"`
	// releaseName is the name of the Helm release, with which the names of its objects begin. A change uninstalls the stack and installs it
	// again. Default: the name of this resource, followed by -stack.
	// +optional
	// +kubebuilder:validation:MaxLength=53
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="releaseName must be a Helm release's name: lower-case letters, digits and '-', such as monitoring"
	ReleaseName string `json:"releaseName,omitempty"`
	// valuesFrom are ConfigMaps and Secrets in the namespace of this resource with values of the chart. Only helm-controller reads them. A later
	// one has precedence over an earlier one, and all of them have precedence over the operator's own values. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	ValuesFrom []meta.ValuesReference `json:"valuesFrom,omitempty"`
	// values are values of the chart, as YAML text. They have precedence over valuesFrom and over the operator's own values. A condition reports
	// the values with which monitoring of Flux cannot work. Default: none.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	Values string `json:"values,omitempty"`
	// crds is what helm-controller does with the CRDs of the chart: CreateReplace creates and upgrades them, Skip leaves them to somebody else.
	// Neither deletes a CRD. Default: CreateReplace.
	// +optional
	// +kubebuilder:default=CreateReplace
	CRDs StackCRDs `json:"crds,omitempty"`
	// timeout is how long helm-controller waits in each step of an installation or an upgrade, at least 1m. Default: 15m.
	// +optional
	// +kubebuilder:default="15m"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]') || (self.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,9}ms)?$') ? duration(self) >= duration('1m') : self.matches('[1-9][0-9]*[ywd]'))",message="timeout must be at least 1m"
	Timeout Duration `json:"timeout,omitempty"`
	// remediation configures what helm-controller does after a failed upgrade. It always retries a failed installation.
	// Default: it rolls back, and gives up after three retries.
	// +optional
	// +kubebuilder:default={}
	Remediation StackRemediation `json:"remediation,omitzero"`
	// driftDetection is what helm-controller does when somebody else changes an object of the release: enabled corrects it, warn records an
	// event, disabled does not check. Default: enabled.
	// +optional
	// +kubebuilder:default=enabled
	DriftDetection StackDriftDetection `json:"driftDetection,omitempty"`
	// serviceAccountName is a ServiceAccount in the namespace of this resource, with whose permissions helm-controller installs the stack.
	// Default: spec.serviceAccountName, and if that is not set, helm-controller's own account, in the namespaces of the operator's flag
	// --stack-namespaces.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",message="serviceAccountName must be a ServiceAccount's name, without its namespace: lower-case letters, digits, '-' and '.', such as flux-stack"
	ServiceAccountName string `json:"serviceAccountName,omitempty"`
	// grafana configures the Grafana of the stack. Default: the operator creates a Secret with a random password for its administrator.
	// +optional
	// +kubebuilder:default={}
	Grafana StackGrafana `json:"grafana,omitzero"`
	// prometheus configures the Prometheus of the stack. Default: it has no address outside of the cluster.
	// +optional
	// +kubebuilder:default={}
	Prometheus StackServer `json:"prometheus,omitzero"`
	// alertmanager configures the Alertmanager of the stack. Default: it has no address outside of the cluster.
	// +optional
	// +kubebuilder:default={}
	Alertmanager StackServer `json:"alertmanager,omitzero"`
}

// StackSource is the OCI repository of a chart, with the fields of Flux's OCIRepository.
type StackSource struct {
	// url is the address of the chart in an OCI registry, such as oci://registry.example.com/charts/kube-prometheus-stack.
	// Default: oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^oci://[^/?#@ ]+/[^?#@ ]+$')",message="url must be an address such as oci://registry.example.com/charts/kube-prometheus-stack"
	URL string `json:"url,omitempty"`
	// secretRef is a Secret of type kubernetes.io/dockerconfigjson, in the namespace of this resource, with the credentials of the registry. Only
	// source-controller reads it. Default: none.
	// +optional
	SecretRef *meta.LocalObjectReference `json:"secretRef,omitempty"`
	// certSecretRef is a Secret in the namespace of this resource with ca.crt, with tls.crt and tls.key, or with all three, for TLS to the
	// registry. Only source-controller reads it. Default: none.
	// +optional
	CertSecretRef *meta.LocalObjectReference `json:"certSecretRef,omitempty"`
	// insecure allows a registry without TLS. Default: false.
	// +optional
	Insecure bool `json:"insecure,omitempty"`
}

// StackSourceReference references a source of Flux that has the chart.
type StackSourceReference struct {
	// kind is OCIRepository, whose artifact is the chart, or HelmRepository, which has a chart named kube-prometheus-stack.
	// +required
	Kind StackSourceKind `json:"kind"`
	// name is the name of the source.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// namespace is the namespace of the source. Default: the namespace of this resource.
	// +optional
	// +kubebuilder:validation:MinLength=1
	Namespace NamespaceName `json:"namespace,omitempty"`
}

// StackSourceKind is a kind of Flux that can have a chart.
// +kubebuilder:validation:Enum=OCIRepository;HelmRepository
type StackSourceKind string

const (
	// StackSourceOCIRepository has one chart as its artifact.
	StackSourceOCIRepository StackSourceKind = "OCIRepository"
	// StackSourceHelmRepository has charts by their names.
	StackSourceHelmRepository StackSourceKind = "HelmRepository"
)

// StackCRDs is what helm-controller does with the CRDs of the chart.
// +kubebuilder:validation:Enum=CreateReplace;Skip
type StackCRDs string

const (
	// StackCRDsCreateReplace creates and upgrades them.
	StackCRDsCreateReplace StackCRDs = "CreateReplace"
	// StackCRDsSkip leaves them to somebody else.
	StackCRDsSkip StackCRDs = "Skip"
)

// StackRemediation configures what helm-controller does after a failed upgrade.
type StackRemediation struct {
	// retries is how often helm-controller retries a failed upgrade; -1 is without end. Default: 3.
	// +optional
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=-1
	// +kubebuilder:validation:Maximum=1000
	Retries *int32 `json:"retries,omitempty"`
	// strategy is what helm-controller does before each retry: rollback installs the previous revision, uninstall removes the release.
	// Default: rollback.
	// +optional
	// +kubebuilder:default=rollback
	Strategy StackRemediationStrategy `json:"strategy,omitempty"`
}

// StackRemediationStrategy is what helm-controller does before it retries an upgrade, in its own words.
// +kubebuilder:validation:Enum=rollback;uninstall
type StackRemediationStrategy string

const (
	// StackRollback installs the previous revision.
	StackRollback StackRemediationStrategy = "rollback"
	// StackUninstall removes the release.
	StackUninstall StackRemediationStrategy = "uninstall"
)

// StackDriftDetection is what helm-controller does about drift, in its own words.
// +kubebuilder:validation:Enum=enabled;warn;disabled
type StackDriftDetection string

const (
	// StackDriftEnabled corrects drift.
	StackDriftEnabled StackDriftDetection = "enabled"
	// StackDriftWarn records an event.
	StackDriftWarn StackDriftDetection = "warn"
	// StackDriftDisabled does not check.
	StackDriftDisabled StackDriftDetection = "disabled"
)

// StackServer configures a server of the stack.
type StackServer struct {
	// externalURL is the address at which people open it, such as https://prometheus.example.com. Links in alerts begin with it. The operator
	// creates no Ingress. Default: none.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHost() != '' && !self.contains('?') && !self.contains('#') && !self.contains('@')",message="externalURL must be an http or https URL, such as https://prometheus.example.com, without user, query and fragment"
	ExternalURL string `json:"externalURL,omitempty"`
}

// StackGrafana configures the Grafana of the stack.
type StackGrafana struct {
	// existingSecret is a Secret in the namespace of this resource with the keys admin-user and admin-password, for Grafana's administrator. The
	// operator does not read it. Default: the operator creates a Secret with a random password, named after this resource and -grafana-admin.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",message="existingSecret must be a Secret's name: lower-case letters, digits, '-' and '.', such as grafana-admin"
	ExistingSecret string `json:"existingSecret,omitempty"`
	// externalURL is the address at which people open Grafana, such as https://grafana.example.com. It is also the default of
	// spec.dashboards.grafanaURL. The operator creates no Ingress. Default: none.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHost() != '' && !self.contains('?') && !self.contains('#') && !self.contains('@')",message="externalURL must be an http or https URL, such as https://grafana.example.com, without user, query and fragment"
	ExternalURL string `json:"externalURL,omitempty"`
}
