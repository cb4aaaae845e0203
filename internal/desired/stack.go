package desired

import (
	"strings"

	"github.com/fluxcd/pkg/apis/meta"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/stack"
	"github.com/fluxmonitoring/operator/internal/statemetrics"
)

// stackValuesField is the field of the spec with the user's values of the chart.
const stackValuesField = "spec.stack.kubePrometheusStack.values"

// stackObjects are the ConfigMap with the operator's values, the OCIRepository and the HelmRelease; none if the stack is refused. The
// operator's values are in a ConfigMap because helm-controller puts those of the HelmRelease over all of valuesFrom.
func stackObjects(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	if !installs(fm, facts) {
		return nil, nil
	}
	users, err := stack.UserValues(fm)
	if err != nil {
		return nil, &ConfigurationError{Field: stackValuesField, Err: err}
	}
	config, err := stackValues(fm)
	if err != nil {
		return nil, err
	}
	objects := []*unstructured.Unstructured{config}
	if stack.HasSource(fm) {
		source := newObject(servedOf(facts, kinds.OCIRepository, kinds.OCIRepositoryOlder), fm, stack.Suffix)
		if err := setSpec(source, stack.SourceSpec(fm)); err != nil {
			return nil, err
		}
		objects = append(objects, source)
	}
	ours, err := operatorsValues(fm, facts)
	if err != nil {
		return nil, err
	}
	release := newObject(kinds.HelmRelease, fm, stack.Suffix)
	if err := setSpec(release, stack.ReleaseSpec(fm, ours...)); err != nil {
		return nil, err
	}
	if len(users) > 0 {
		release.Object["spec"].(map[string]any)["values"] = users
	}
	return append(objects, release), nil
}

// installs reports whether the operator has Flux install a stack.
func installs(fm *v1alpha1.FluxMonitoring, facts facts.Facts) bool {
	return stack.Of(fm) != nil && stack.Refused(fm, facts.Stack.Allowed) == "" && facts.Stack.OccupiedBy() == nil && facts.FluxFound()
}

// AdminSecret is the Secret for Grafana's administrator, without its content; nil if the operator does not have to create one.
func AdminSecret(fm *v1alpha1.FluxMonitoring) *unstructured.Unstructured {
	if !stack.NeedsAdminSecret(fm) {
		return nil
	}
	o := newObject(corev1.SchemeGroupVersion.WithKind("Secret"), fm, stack.AdminSuffix)
	o.Object["type"] = string(corev1.SecretTypeOpaque)
	setOwner(o, fm)
	return o
}

// IsStackValues reports whether an object is the ConfigMap with the operator's values and not that of a dashboard.
func IsStackValues(o *unstructured.Unstructured) bool {
	return o.GetKind() == kinds.ConfigMap.Kind && strings.HasSuffix(o.GetName(), stack.ValuesSuffix)
}

// stackValues is the ConfigMap with the operator's values.
func stackValues(fm *v1alpha1.FluxMonitoring) (*unstructured.Unstructured, error) {
	text, err := yaml.Marshal(stack.Values(fm))
	if err != nil {
		return nil, &ConfigurationError{Field: "spec.stack", Err: err}
	}
	o := newObject(kinds.ConfigMap, fm, stack.ValuesSuffix)
	o.SetLabels(mergeMaps(o.GetLabels(), map[string]string{watchLabel: "Enabled"}))
	o.Object["data"] = map[string]any{stack.ValuesKey: string(text)}
	return o, nil
}

// operatorsValues are the ConfigMaps with values that the operator generates. That for kube-state-metrics comes second, because it exists only
// with that metrics source.
func operatorsValues(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]meta.ValuesReference, error) {
	all := []meta.ValuesReference{{Kind: kinds.ConfigMap.Kind, Name: fm.Name + stack.ValuesSuffix}}
	stateMetrics, err := stateMetricsConfigMap(fm, facts)
	for _, o := range stateMetrics {
		all = append(all, meta.ValuesReference{Kind: kinds.ConfigMap.Kind, Name: o.GetName(), ValuesKey: statemetrics.KeyValues})
	}
	return all, err
}

// keepStackAccount undoes a patch of the ServiceAccount of the HelmRelease where a HelmRelease must have one: without an account it can do all
// that helm-controller can.
func keepStackAccount(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) error {
	for _, o := range objects {
		if o.GroupVersionKind() != kinds.HelmRelease || facts.Stack.Allowed {
			continue
		}
		if err := unstructured.SetNestedField(o.Object, stack.Account(fm), "spec", "serviceAccountName"); err != nil {
			return &ConfigurationError{Field: "spec.patches", Err: err}
		}
	}
	return nil
}
