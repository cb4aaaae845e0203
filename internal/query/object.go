package query

import (
	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// What the exporter, kube-state-metrics and flux-operator export about an object besides its state. It changes during the life of the
// object, so it is not recorded.
var (
	// Info has each object with its info labels.
	Info = New(`
		group by (cluster, customresource_kind, exported_namespace, name, ready, suspended, reason, revision, source_kind,
			source_namespace, source_name, url, chart_name, chart_app_version, image, bucket_name) (gotk_resource_info)`)

	// ReportInfo is the same from flux-operator.
	ReportInfo = New(`
		group by (cluster, kind, exported_namespace, name, ready, suspended, reason, revision, source_name, url, ref, path) (
			flux_resource_info or flux_instance_info or flux_resourceset_info or flux_resourcesetinputprovider_info)`)

	// Revisions is 1 for each revision while an object has it. Narrow it to an object.
	Revisions = New(`group by (cluster, revision) (gotk_resource_info{revision!=""})`)

	// ReportRevisions is the same from flux-operator.
	ReportRevisions = New(`
		group by (cluster, revision) (
			flux_resource_info{revision!=""} or flux_instance_info{revision!=""} or flux_resourceset_info{revision!=""})`)

	// Reasons is 1 for each reason of the condition Ready while an object has it. Narrow it to an object.
	Reasons = New(`group by (cluster, ready, reason) (gotk_resource_info{reason!=""})`)

	// ReportReasons is the same from flux-operator.
	ReportReasons = New(`
		group by (cluster, ready, reason) (
			flux_resource_info{reason!=""} or flux_instance_info{reason!=""} or flux_resourceset_info{reason!=""}
			or flux_resourcesetinputprovider_info{reason!=""})`)

	// Dependents has the objects that depend on a source, with their info labels. DependentsOf narrows it to a source.
	Dependents = New(`
		group by (cluster, customresource_kind, exported_namespace, name, ready, suspended, reason, revision) (
			gotk_resource_info{source_name!=""})`)

	// Sources has the sources of objects. Narrow it to an object by the labels that identify it. kube-state-metrics cannot always export
	// that a source without a namespace is in the namespace of the object.
	Sources = New(`
		group by (cluster, customresource_kind, exported_namespace, name) (
			label_replace(label_replace(label_replace(label_join(
				label_replace(gotk_resource_info{source_name!=""}, "source_kind", "ImageRepository", "customresource_kind", "ImagePolicy"),
				"source", ";", "source_namespace", "exported_namespace"),
				"exported_namespace", "$1", "source", ";?([^;]+).*"),
				"customresource_kind", "$1", "source_kind", "(.+)"),
				"name", "$1", "source_name", "(.+)"))`)

	// ReconcileSeconds is the mean duration of the reconciliations of all objects it is narrowed to, in seconds.
	ReconcileSeconds = New(`
		sum by (cluster) (rate(gotk_reconcile_duration_seconds_sum[5m]))
		/
		(sum by (cluster) (rate(gotk_reconcile_duration_seconds_count[5m])) > 0)`)

	// Reconciliations is the number of reconciliations of all objects it is narrowed to.
	Reconciliations = New(`sum(increase(gotk_reconcile_duration_seconds_count[1h]))`)

	// ReconciliationsPerMinute is the number of reconciliations a minute of all objects it is narrowed to.
	ReconciliationsPerMinute = New(`60 * sum by (cluster) (rate(gotk_reconcile_duration_seconds_count[5m]))`)

	// ReconcileSecondsBuckets is how many reconciliations are in each bucket of their duration, for a heatmap.
	ReconcileSecondsBuckets = New(`sum by (le) (increase(gotk_reconcile_duration_seconds_bucket[5m]))`)
)

// DependentsOf has the objects that depend on one source. kube-state-metrics cannot always export that a source without a namespace is in
// the namespace of the object. No source exports the kind of an ImagePolicy's source, because it can be only one.
func DependentsOf(kind, namespace, name string) Query {
	said := []*labels.Matcher{Is(flux.LabelSourceName, name), Is(flux.LabelSourceNamespace, namespace)}
	unsaid := []*labels.Matcher{Is(flux.LabelSourceName, name), Is(flux.LabelSourceNamespace, ""), Is(flux.LabelObjectNamespace, namespace)}
	made, policies := Dependents.Within(Is(flux.LabelSourceKind, kind)), policiesOf(kind)
	return made.Within(said...).joined("or", made.Within(unsaid...)).
		joined("or", policies.Within(said...)).joined("or", policies.Within(unsaid...))
}

// policiesOf has the image policies, if the kind is that of their sources.
func policiesOf(kind string) Query {
	return New(`
		group by (cluster, customresource_kind, exported_namespace, name, ready, suspended, reason, revision) (
			label_replace(gotk_resource_info{customresource_kind="ImagePolicy",source_name!=""},
				"source_kind", "ImageRepository", "", "")
			and on (source_kind)
			label_replace(vector(1), "source_kind", "` + kind + `", "", ""))`)
}
