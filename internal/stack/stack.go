// Package stack is the Helm release that spec.stack asks for, as a pure function of the spec: the values of kube-prometheus-stack with which
// everything else of a FluxMonitoring works, the HelmRelease and its source, the names of what the chart creates, and which values of the user
// contradict the operator's. It has no client, and does not know what of it exists.
package stack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

const (
	// Chart is the name of the chart.
	Chart = "kube-prometheus-stack"
	// DefaultURL is where the authors of the chart publish it.
	DefaultURL = "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack"
	// Suffix ends the names of the HelmRelease and of its OCIRepository.
	Suffix = "-stack"
	// ValuesSuffix ends the name of the ConfigMap with the operator's values.
	ValuesSuffix = "-stack-values"
	// ValuesKey is the key of the ConfigMap.
	ValuesKey = "values.yaml"
	// AdminSuffix ends the name of the Secret with the password of Grafana's administrator.
	AdminSuffix = "-grafana-admin"
	// AdminUserKey is the key of that Secret with the name of the user.
	AdminUserKey = "admin-user"
	// AdminPasswordKey is the key with the password.
	AdminPasswordKey = "admin-password"
)

// Of is the stack of a FluxMonitoring; nil if it asks for none.
func Of(fm *v1alpha1.FluxMonitoring) *v1alpha1.KubePrometheusStack {
	if fm.Spec.Stack == nil {
		return nil
	}
	return fm.Spec.Stack.KubePrometheusStack
}

// ObjectName is the name of the HelmRelease and of its OCIRepository.
func ObjectName(fm *v1alpha1.FluxMonitoring) string { return fm.Name + Suffix }

// Refused is why the operator does not install the stack of a FluxMonitoring; empty if it does, or if there is none. A HelmRelease without a
// ServiceAccount can do all that helm-controller can, so not everybody who can create a FluxMonitoring can have one. Allowed is whether an
// administrator allows it in the namespace.
func Refused(fm *v1alpha1.FluxMonitoring, allowed bool) string {
	if Of(fm) == nil || allowed || fm.Spec.ServiceAccountName != "" {
		return ""
	}
	return fmt.Sprintf("spec.stack is not allowed in namespace %s: set spec.serviceAccountName, or add it to --stack-namespaces", fm.Namespace)
}

// Account is the ServiceAccount of the HelmRelease; empty for helm-controller's own.
func Account(fm *v1alpha1.FluxMonitoring) string {
	if own := Of(fm).ServiceAccountName; own != "" {
		return own
	}
	return fm.Spec.ServiceAccountName
}

// ReleaseName is the name of the Helm release. Helm allows 53 characters. A longer default is cut as helm-controller does it.
func ReleaseName(fm *v1alpha1.FluxMonitoring) string {
	if name := Of(fm).ReleaseName; name != "" {
		return name
	}
	name := ObjectName(fm)
	if len(name) <= longestRelease {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:longestRelease-13] + "-" + hex.EncodeToString(sum[:])[:12]
}

const longestRelease = 53

// BringsCRDs reports whether the chart creates the CRDs of prometheus-operator.
func BringsCRDs(fm *v1alpha1.FluxMonitoring) bool {
	return Of(fm) != nil && Of(fm).CRDs != v1alpha1.StackCRDsSkip
}

// AdminSecret is the name of the Secret with the login of Grafana's administrator.
func AdminSecret(fm *v1alpha1.FluxMonitoring) string {
	if existing := Of(fm).Grafana.ExistingSecret; existing != "" {
		return existing
	}
	return fm.Name + AdminSuffix
}

// NeedsAdminSecret reports whether the operator has to create that Secret.
func NeedsAdminSecret(fm *v1alpha1.FluxMonitoring) bool {
	return Of(fm) != nil && Of(fm).Grafana.ExistingSecret == "" && merged(fm).is("grafana", "enabled")
}
