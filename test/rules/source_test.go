package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// jobs are the label job of the series of each source, on the installations of the cases.
var jobs = map[flux.StateSource]string{
	flux.Exporter: "monitoring/flux-exporter", flux.KubeStateMetrics: "kube-state-metrics",
	flux.OperatorReport: "monitoring/flux-flux-operator", flux.Controllers: "monitoring/flux",
}

// families of flux-operator about its own kinds. What is Flux's is all in one.
var families = map[string]string{
	"FluxInstance": "flux_instance_info", "ResourceSet": "flux_resourceset_info",
	"ResourceSetInputProvider": "flux_resourcesetinputprovider_info",
}

// names are the series, one or two, of an object in a state from a source.
func (o object) names(source flux.StateSource, state string) []string {
	kind, namespace, name := parts(o.Object)
	ready, reason := conditions[state][0], conditions[state][1]
	own := map[string]string{flux.LabelObjectNamespace: namespace, flux.LabelName: name}
	switch source {
	case flux.Exporter, flux.KubeStateMetrics:
		maps.Copy(own, map[string]string{"customresource_kind": kind, "ready": ready, "reason": reason, "revision": o.Revision,
			"suspended": fmt.Sprint(state == stateSuspended)})
		if state == stateStalled {
			own["stalled"] = "True"
		}
		if o.Source != "" {
			own[flux.LabelSourceKind], own[flux.LabelSourceNamespace], own[flux.LabelSourceName] = parts(o.Source)
		}
		return []string{o.named(source, flux.StateInfo, own)}
	case flux.OperatorReport:
		family, its := families[kind]
		if !its {
			family = flux.StateReport
		}
		maps.Copy(own, map[string]string{"uid": o.Object, flux.LabelKind: kind, "ready": ready, "reason": reason, "suspended": "False"})
		if state == stateSuspended {
			own["suspended"] = "True"
		}
		return []string{o.named(source, family, own)}
	case flux.Controllers:
		return o.conditions(own, kind, ready, state == stateSuspended)
	}
	panic(fmt.Sprintf("nothing is known of the source %q", source))
}

// conditions are the series of the controllers of Flux 2.4.
func (o object) conditions(own map[string]string, kind, ready string, suspended bool) []string {
	own[flux.LabelKind] = kind
	condition := maps.Clone(own)
	condition["type"], condition["status"] = "Ready", ready
	all := []string{o.named(flux.Controllers, flux.StateCondition, condition)}
	if suspended {
		all = append(all, o.named(flux.Controllers, flux.StateSuspended, own))
	}
	return all
}

// named is the series of a family with the labels of an object and of its target.
func (o object) named(source flux.StateSource, family string, own map[string]string) string {
	all := map[string]string{flux.LabelJob: jobs[source], flux.LabelCluster: o.Cluster, flux.LabelPod: o.Pod}
	if o.Job != "" {
		all[flux.LabelJob] = o.Job
	}
	maps.Copy(all, own)
	var text []string
	for _, label := range slices.Sorted(maps.Keys(all)) {
		if all[label] != "" {
			text = append(text, fmt.Sprintf("%s=%q", label, all[label]))
		}
	}
	return family + "{" + strings.Join(text, ", ") + "}"
}

// heartbeat are the series that a source always exports: those of an object that is ready, and those by which the source answers.
func heartbeat(cluster string, source flux.StateSource, c clock) []series {
	o := object{Object: "HelmRepository flux-system/charts", State: "ready", Cluster: cluster}
	all := o.series(source, c)
	answers := map[flux.StateSource]string{
		flux.Exporter:    o.named(source, flux.StateCount, map[string]string{"customresource_kind": "HelmRepository"}),
		flux.Controllers: o.named(source, "up", map[string]string{"app": "source-controller"}),
	}
	if name, has := answers[source]; has && len(all) > 0 {
		all = append(all, series{Series: name, Values: all[0].Values})
	}
	return all
}
