package desired

import (
	"fmt"
	"slices"

	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alertmanager"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// receiversField is the field of the spec that lists the receivers.
const receiversField = "spec.notifications.receivers"

// alertmanagerConfig is the AlertmanagerConfig that notifies the receivers and sends the heartbeat, in the version that the cluster serves.
func alertmanagerConfig(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	if !pipeline.Notifies(fm) || !facts.FluxFound() {
		return nil, nil
	}
	kind := servedOf(facts, kinds.AlertmanagerConfig, kinds.AlertmanagerConfigBeta)
	spec, err := configSpec(fm, facts, kind)
	if err != nil {
		return nil, err
	}
	o := newObject(kind, fm, "")
	addAlertmanagerLabels(o, fm, facts)
	return []*unstructured.Unstructured{o}, setSpec(o, spec)
}

// configSpec is the spec of an AlertmanagerConfig of this version.
func configSpec(fm *v1alpha1.FluxMonitoring, facts facts.Facts, version schema.GroupVersionKind) (any, error) {
	p := alertmanagerParams(fm, facts)
	var older []monitoringv1alpha1.Receiver
	var err error
	if version == kinds.AlertmanagerConfigBeta {
		p.Receivers, err = receivers(fm.Spec.Notifications.Receivers, alertmanager.Receiver)
	} else {
		older, err = receivers(fm.Spec.Notifications.Receivers, alertmanager.OlderReceiver)
	}
	if err != nil {
		return nil, err
	}
	spec, err := alertmanager.Spec(p)
	if err != nil || version == kinds.AlertmanagerConfigBeta {
		return spec, configurationError("spec.notifications", err)
	}
	converted, err := alertmanager.Older(spec, older)
	return converted, configurationError("spec.notifications", err)
}

// configurationError is the error as one of a field; nil for none.
func configurationError(field string, err error) error {
	if err == nil {
		return nil
	}
	return &ConfigurationError{Field: field, Err: err}
}

// receivers are the receivers of the spec in prometheus-operator's types of one version, parsed by read.
func receivers[R any](written []v1alpha1.Receiver, read func([]byte) (R, error)) ([]R, error) {
	all := make([]R, 0, len(written))
	for i, w := range written {
		content, err := w.MarshalJSON()
		if err != nil {
			return nil, &ConfigurationError{Field: fmt.Sprintf("%s[%d]", receiversField, i), Err: err}
		}
		r, err := read(content)
		if err != nil {
			return nil, &ConfigurationError{Field: fmt.Sprintf("%s[%d]", receiversField, i), Err: err}
		}
		all = append(all, r)
	}
	return all, nil
}

func alertmanagerParams(fm *v1alpha1.FluxMonitoring, facts facts.Facts) alertmanager.Params {
	n := fm.Spec.Notifications
	p := alertmanager.Params{
		Owner:     pipeline.OwnerOf(fm),
		Receiver:  string(n.DefaultReceiverInEffect()),
		GroupWait: string(n.GroupWaitInEffect()), GroupInterval: string(n.GroupIntervalInEffect()),
		RepeatInterval: string(n.RepeatIntervalInEffect()),
		Heartbeat:      heartbeat(n.Heartbeat),
		Global: slices.ContainsFunc(facts.Alertmanagers, func(a selection.Alertmanager) bool {
			return a.IsGlobalConfig(fm.Namespace, fm.Name)
		}),
	}
	if pipeline.HasReceivers(fm) {
		p.Unsent, p.Inhibitions = pipeline.UnsentSeverities(fm), alerts.Inhibitions()
	}
	for _, r := range n.Routes {
		p.Routes = append(p.Routes, alertmanager.Route{
			Receiver: string(r.Receiver), Severities: toStrings(r.Severities), Namespaces: toStrings(r.Namespaces),
		})
	}
	return p
}

// heartbeat is where the heartbeat is sent; nil if the spec has none. A CRD that is older than this operator may let another interval through
// than a duration: the default is then used.
func heartbeat(h *v1alpha1.HeartbeatSpec) *alertmanager.Heartbeat {
	if h == nil {
		return nil
	}
	interval, err := h.IntervalInEffect().Parse()
	if err != nil {
		interval, _ = v1alpha1.DefaultHeartbeatInterval.Parse()
	}
	return &alertmanager.Heartbeat{Secret: h.URLSecretRef.Name, Key: h.URLSecretRef.Key, Interval: interval}
}

// addAlertmanagerLabels adds the labels that the selectors of Alertmanagers require, if the Alertmanager selects objects of this namespace.
func addAlertmanagerLabels(o *unstructured.Unstructured, fm *v1alpha1.FluxMonitoring, facts facts.Facts) {
	var selectors []*metav1.LabelSelector
	for _, a := range facts.Alertmanagers {
		if a.ReachesNamespace(selection.Candidate{Namespace: fm.Namespace, NamespaceLabels: facts.NamespaceLabels}) {
			selectors = append(selectors, a.Configs.Objects)
		}
	}
	addLabels(o, fm, selectors)
}

// servedOf is the first of the versions of a kind that the cluster serves; the first of all if it serves none.
func servedOf(facts facts.Facts, versions ...schema.GroupVersionKind) schema.GroupVersionKind {
	for _, v := range versions {
		if facts.Served[v] {
			return v
		}
	}
	return versions[0]
}

// toStrings converts values of a text type.
func toStrings[T ~string](values []T) []string {
	var result []string
	for _, v := range values {
		result = append(result, string(v))
	}
	return result
}
