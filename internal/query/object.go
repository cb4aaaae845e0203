package query

import (
	"fmt"
	"strings"

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

	// Reasons is for each reason of the condition Ready, while an object has it, 1 if the condition is True, 0 if it is False, else 2. Narrow
	// it to an object.
	Reasons = byStatus("gotk_resource_info")

	// ReportReasons is the same from flux-operator.
	ReportReasons = byStatus("flux_resource_info", "flux_instance_info", "flux_resourceset_info", "flux_resourcesetinputprovider_info")

	// NotReadyReasons has the reason of the condition Ready of each object of which it is not True.
	NotReadyReasons = New(`
		group by (cluster, kind, exported_namespace, name, reason) (
			label_replace(gotk_resource_info{ready!="True"}, "kind", "$1", "customresource_kind", "(.+)"))`)

	// ReportNotReadyReasons is the same from flux-operator.
	ReportNotReadyReasons = New(`
		group by (cluster, kind, exported_namespace, name, reason) (
			flux_resource_info{ready!="True"} or flux_instance_info{ready!="True"} or flux_resourceset_info{ready!="True"}
			or flux_resourcesetinputprovider_info{ready!="True"})`)

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

	// ReconcileSecondsBuckets is how many reconciliations are in each bucket of their duration, for a heatmap.
	ReconcileSecondsBuckets = New(`sum by (le) (increase(gotk_reconcile_duration_seconds_bucket[5m]))`)
)

// byStatus has the reasons of the condition Ready in these info metrics, with a number for its status.
func byStatus(families ...string) Query {
	const each = `group by (cluster, ready, reason) (%s{reason!="",ready%s})`
	var all []string
	for number, status := range []string{`="False"`, `="True"`, `!~"False|True"`} {
		for _, family := range families {
			all = append(all, fmt.Sprintf("%d * "+each, number, family, status))
		}
	}
	return New(strings.Join(all, " or "))
}

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
