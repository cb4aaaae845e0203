package v1alpha1

import (
	"time"

	"github.com/fluxcd/pkg/apis/meta"
)

// VerifyMode is whether the operator asks Prometheus what it has.
// +kubebuilder:validation:Enum=Auto;Off
type VerifyMode string

const (
	// VerifyModeAuto asks each pod of the selected Prometheus objects, or the address of the spec.
	VerifyModeAuto VerifyMode = "Auto"
	// VerifyModeOff asks nobody.
	VerifyModeOff VerifyMode = "Off"
)

// HeaderValue is the value of an HTTP header.
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^[!-~]([ -~]*[!-~])?$')",message="a header's value must be printable ASCII characters, without a space at its ends"
type HeaderValue string

// VerifySpec configures how the operator asks Prometheus whether monitoring works.
//
// +kubebuilder:validation:XValidation:rule="!has(self.serviceAccountName) || !has(self.secretRef)",message="set serviceAccountName or secretRef, not both",fieldPath=".secretRef"
// +kubebuilder:validation:XValidation:rule="!has(self.audience) || has(self.serviceAccountName)",message="audience needs serviceAccountName",fieldPath=".audience"
// +kubebuilder:validation:XValidation:rule="!has(self.address) || !self.address.startsWith('http://') || !(has(self.serviceAccountName) || has(self.secretRef)) || (has(self.insecure) && self.insecure)",message="credentials would be sent without TLS: use an https address, or set insecure to true",fieldPath=".address"
// +kubebuilder:validation:XValidation:rule="!has(self.headers) || self.headers.all(name, name.matches('^[Xx]-[A-Za-z0-9-]{1,62}$') && !name.matches('^[Xx]-([Ff][Oo][Rr][Ww][Aa][Rr][Dd][Ee][Dd]|[Rr][Ee][Aa][Ll]-|[Rr][Ee][Mm][Oo][Tt][Ee]-)'))",message="a header's name must begin with X-, such as X-Scope-OrgID, and not with X-Forwarded, X-Real or X-Remote: use secretRef for credentials",fieldPath=".headers"
type VerifySpec struct {
	// mode is whether the operator asks Prometheus for its targets, rules and series. Auto asks, after every change and then at interval. With Off
	// the conditions report only what follows from the objects of the cluster, and what cannot be known without asking is Unknown. Default: Auto.
	// +optional
	// +kubebuilder:default=Auto
	Mode VerifyMode `json:"mode,omitempty"`
	// address is the URL of an API like that of Prometheus, such as https://thanos-query.monitoring.svc:10902. The operator asks it instead of the
	// pods of the selected Prometheus objects. Set it for Thanos Query, Mimir, VictoriaMetrics or a managed service. It works in trusted namespaces,
	// and elsewhere for the hosts of the operator's flag --verify-hosts. Default: the pods behind the governing Service of each selected Prometheus.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHost() != '' && !self.contains('?') && !self.contains('#') && !self.contains('@')",message="address must be a URL such as https://thanos-query.monitoring.svc:10902, without user, query and fragment"
	Address string `json:"address,omitempty"`
	// serviceAccountName is a ServiceAccount in the namespace of this resource. The operator requests a short-lived token of it and sends the token to
	// Prometheus. Default: no token is sent.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ServiceAccountName string `json:"serviceAccountName,omitempty"`
	// audience is the audience of that token. Default: the audience of the API server.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Audience string `json:"audience,omitempty"`
	// secretRef is a Secret in the namespace of this resource with the keys username and password, or bearerToken. The operator sends these to
	// Prometheus. Default: none.
	// +optional
	SecretRef *meta.LocalObjectReference `json:"secretRef,omitempty"`
	// certSecretRef is a Secret in the namespace of this resource. With its ca.crt the operator checks the certificate of Prometheus. With its tls.crt
	// and tls.key the operator identifies itself. Default: the certificate authorities of the operator's image.
	// +optional
	CertSecretRef *meta.LocalObjectReference `json:"certSecretRef,omitempty"`
	// headers are sent with each request, such as {X-Scope-OrgID: team-a}. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=10
	Headers map[string]HeaderValue `json:"headers,omitempty"`
	// insecure allows the operator to send credentials without TLS. Default: false.
	// +optional
	Insecure bool `json:"insecure,omitempty"`
	// timeout is the time after which one request has failed, at most 1m. Default: 10s.
	// +optional
	// +kubebuilder:default="10s"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]') || (self.matches('^([0-9]{1,2}s|[0-9]{1,5}ms|1m)$') && self.matches('[1-9]'))",message="timeout must be above zero and at most 1m, in s or ms"
	Timeout Duration `json:"timeout,omitempty"`
	// interval is the time between two rounds of questions while nothing changes, at least 10s. Default: 5m.
	// +optional
	// +kubebuilder:default="5m"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]') || (self.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,9}ms)?$') ? duration(self) >= duration('10s') : self.matches('[1-9][0-9]*[ywd]'))",message="interval must be at least 10s"
	Interval Duration `json:"interval,omitempty"`
}

// On reports whether the operator asks Prometheus. A spec without it is on.
func (s *VerifySpec) On() bool { return s.Mode != VerifyModeOff }

// Credentials reports whether the spec names credentials, which must not reach a stranger.
func (s *VerifySpec) Credentials() bool { return s.ServiceAccountName != "" || s.SecretRef != nil }

// IntervalInEffect is the time between two rounds of questions.
func (s *VerifySpec) IntervalInEffect() time.Duration {
	if interval, err := s.Interval.Parse(); err == nil && interval >= MinVerifyInterval {
		return interval
	}
	return DefaultVerifyInterval
}

// TimeoutInEffect is the time after which one request has failed.
func (s *VerifySpec) TimeoutInEffect() time.Duration {
	if timeout, err := s.Timeout.Parse(); err == nil && timeout > 0 {
		return min(timeout, MaxVerifyTimeout)
	}
	return DefaultVerifyTimeout
}
