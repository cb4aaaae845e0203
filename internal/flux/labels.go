package flux

import "slices"

// Label names as Prometheus stores them after a scrape through a PodMonitor with honorLabels false.
const (
	// LabelCluster distinguishes clusters if one Prometheus has several. Often absent.
	LabelCluster = "cluster"
	// LabelJob is the scrape job: <namespace>/<name> of the PodMonitor.
	LabelJob = "job"
	// LabelNamespace is the namespace the controller's pod runs in, on every scraped series.
	LabelNamespace = "namespace"
	// LabelInstance is the address that is scraped.
	LabelInstance = "instance"
	// LabelPod is the controller's pod.
	LabelPod = "pod"
	// LabelApp is the pod's label `app`, copied by podTargetLabels: the controller, or its shard.
	LabelApp = "app"
	// LabelObjectNamespace is the namespace of the Flux object. The controllers write it as `namespace`; the pod's own
	// namespace wins that name, so Prometheus keeps the object's under this one.
	LabelObjectNamespace = "exported_namespace"
	// LabelKind is the kind of the Flux object.
	LabelKind = "kind"
	// LabelName is the name of the Flux object. On workqueue families it is the name of the queue.
	LabelName = "name"
	// LabelRuleGroup is the file and the name of a group of rules, with a semicolon between, in Prometheus' metrics about rules.
	LabelRuleGroup = "rule_group"
)

// MaxLabelValue is the longest label value, in bytes: some managed services drop the whole scrape if one is longer.
const MaxLabelValue = 1023

// Identity returns the labels that together name one Flux object. Aggregating by them alone keeps an alert's clock
// running while a revision, a reason or a controller's pod changes.
func Identity() []string {
	return []string{LabelCluster, LabelKind, LabelObjectNamespace, LabelName}
}

// targetLabels are set by the scrape, so every scraped series has them, whatever its family.
var targetLabels = []string{
	LabelApp, LabelCluster, "container", "endpoint", LabelInstance, LabelJob, LabelNamespace, LabelPod,
}

// SourceReference returns the labels that together name an object's source.
func SourceReference() []string {
	return []string{LabelSourceKind, LabelSourceNamespace, LabelSourceName}
}

// Carries reports whether series of the metric can have the label. Recorded series have the identity labels only, those of
// what is not ready its source's too, and those about work the namespace of the controller; of scraped ones, only the families
// about objects have the object's labels. Nothing is known of a metric that is not Flux's, so it is taken to carry any label.
func Carries(metric, label string) bool {
	switch {
	case slices.Contains(WorkRecords(), metric):
		return slices.Contains(workLabels, label) && (label != LabelName || metric == RecordedSlowest)
	case slices.Contains(clusterWide, metric):
		return label == LabelCluster
	case (metric == RecordedNotReady || metric == RecordedState) && slices.Contains(SourceReference(), label):
		return true
	case IsRecorded(metric):
		return slices.Contains(Identity(), label)
	case IsOfAPIServer(metric):
		return apiServerCarries(metric, label)
	}
	return scrapedCarries(metric, label)
}

// scrapedCarries is Carries for scraped metrics.
func scrapedCarries(metric, label string) bool {
	known := false
	for _, f := range slices.Concat(families, otherFamilies, stateFamilies, stackFamilies) {
		if !f.has(metric) {
			continue
		}
		if slices.Contains(f.Labels, label) {
			return true
		}
		known = true
	}
	return !known || slices.Contains(targetLabels, label)
}
