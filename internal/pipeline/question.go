package pipeline

import (
	"cmp"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alertmanager"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/proof"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Question is what has to be seen of the applied objects, and who is asked. Nobody is asked if there is nothing to see, or if
// spec.prometheus.verify turns it off.
func Question(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) proof.Question {
	q := proof.Question{
		Namespace: fm.Namespace, Cluster: fm.Spec.ClusterName, Verify: *fm.Spec.Prometheus.Verify.DeepCopy(),
		Targets: targetsOf(fm, facts, objects), Objects: judgedObjects(objects),
	}
	if rule := FirstOfKind(objects, kinds.PrometheusRule.Kind); rule != nil {
		q.Rule, q.Groups = rule.GetNamespace()+"/"+rule.GetName(), groupsOf(rule)
		q.Observed, q.Alerting = observedBy(fm, q.Groups), v1alpha1.On(fm.Spec.Alerts.Enabled)
	}
	if !q.Verify.On() || len(q.Targets)+len(q.Groups) == 0 {
		return proof.Question{}
	}
	q.Prometheuses = prometheusesToAsk(fm, facts, objects)
	notifying := RoutingOf(fm, facts, objects).By
	for _, a := range facts.Alertmanagers {
		if !slices.Contains(notifying, a.Namespace+"/"+a.Name) {
			continue
		}
		b := backendOf(kinds.Alertmanager.Kind, a.Namespace, a.Name, a.Web)
		b.Service = a.Governing()
		q.Alertmanagers = append(q.Alertmanagers, b)
	}
	if len(q.Alertmanagers) > 0 {
		q.Receivers = receiversOf(FirstOfKind(objects, kinds.AlertmanagerConfig.Kind))
	}
	return q
}

// targetsOf are the workloads that must be scraped: each controller of Flux, and something by each other PodMonitor.
func targetsOf(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) []proof.Target {
	var targets []proof.Target
	for _, o := range objects {
		switch job := o.GetNamespace() + "/" + o.GetName(); {
		case o.GroupVersionKind() != kinds.PodMonitor:
		case o.GetName() != fm.Name:
			targets = append(targets, proof.Target{Job: job})
		default:
			for _, c := range facts.Flux.Controllers {
				targets = append(targets, proof.Target{Job: job, Workload: c.Name})
			}
		}
	}
	return targets
}

// judgedObjects are those of which prometheus-operator says whether it accepts them.
func judgedObjects(objects []*unstructured.Unstructured) []proof.Object {
	var judged []proof.Object
	for _, o := range objects {
		if kind := o.GroupVersionKind(); kind.Group == kinds.Prometheus.Group {
			judged = append(judged, proof.Object{GroupVersionKind: kind, Name: o.GetName()})
		}
	}
	return judged
}

// groupsOf are the rule groups of a PrometheusRule. Prometheus names a rule by its alert or its recording.
func groupsOf(rule *unstructured.Unstructured) []proof.Group {
	var groups []proof.Group
	for _, entry := range ListIn(rule.Object, "spec", "groups") {
		group, _ := entry.(map[string]any)
		name, _ := group["name"].(string)
		g := proof.Group{Name: name}
		for _, entry := range ListIn(group, "rules") {
			r, _ := entry.(map[string]any)
			alert, _ := r["alert"].(string)
			record, _ := r["record"].(string)
			g.Rules = append(g.Rules, cmp.Or(alert, record))
		}
		groups = append(groups, g)
	}
	return groups
}

// observedBy selects the recording that exists as long as a metrics source exports the state of objects; empty if it is not recorded.
func observedBy(fm *v1alpha1.FluxMonitoring, groups []proof.Group) string {
	if !slices.ContainsFunc(groups, func(g proof.Group) bool { return slices.Contains(g.Rules, flux.RecordedObserved) }) {
		return ""
	}
	if fm.Spec.ClusterName == "" {
		return flux.RecordedObserved
	}
	return flux.RecordedObserved + "{" + flux.LabelCluster + "=" + strconv.Quote(fm.Spec.ClusterName) + "}"
}

// prometheusesToAsk are the address of the spec, or the Prometheus objects that run.
func prometheusesToAsk(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) []proof.Backend {
	if address := fm.Spec.Prometheus.Verify.Address; address != "" {
		return []proof.Backend{{Address: address, Rules: true}}
	}
	_, rule := candidates(objects, facts)
	var backends []proof.Backend
	for _, i := range facts.Prometheuses {
		if i.IdleReason() != "" {
			continue
		}
		b := backendOf(i.Kind, i.Namespace, i.Name, i.Web)
		if b.Service == "" {
			b.Service = governingServices[i.Kind]
		}
		b.Rules = rule != nil && i.EvaluatesRules() && len(notEvaluated(i, fm, facts, *rule)) == 0
		backends = append(backends, b)
	}
	return backends
}

// governingServices are the Services that prometheus-operator creates for objects of a kind.
var governingServices = map[string]string{
	kinds.Prometheus.Kind: "prometheus-operated", kinds.PrometheusAgent.Kind: "prometheus-agent-operated",
}

func backendOf(kind, namespace, name string, web selection.Web) proof.Backend {
	return proof.Backend{
		Kind: kind, Namespace: namespace, Name: name,
		Service: web.Service, Port: cmp.Or(web.Port, "web"), Prefix: web.Prefix, TLS: web.TLS, Local: web.Local,
	}
}

// receiversOf are the names that prometheus-operator gives the receivers of an AlertmanagerConfig in the configuration, without the one that
// is notified of nothing.
func receiversOf(config *unstructured.Unstructured) []string {
	if config == nil {
		return nil
	}
	var names []string
	for _, entry := range ListIn(config.Object, "spec", "receivers") {
		receiver, _ := entry.(map[string]any)
		if name, _ := receiver["name"].(string); name != alertmanager.Nobody {
			names = append(names, config.GetNamespace()+"/"+config.GetName()+"/"+name)
		}
	}
	return names
}
