package query

// The state of objects as the exporter and kube-state-metrics export it, one series an object. Only the labels that identify the object are
// kept: reason and revision change. kube-state-metrics omits a label whose field is not set, so an object that is not suspended is one
// whose label is not "true".
var (
	// ExporterObserved has a series while the exporter knows the state of all kinds.
	ExporterObserved = New(`group by (cluster) (gotk_resources)`)

	// InfoObserved has a series while there is any object.
	InfoObserved = New(`group by (cluster) (gotk_resource_info)`)

	// InfoState is the state of each object, in the form of flux.RecordedState. A stalled object is not ready, and neither is one whose
	// condition is Unknown, because a failing object is Unknown during each retry. kube-state-metrics cannot always export that a source
	// without a namespace is in the namespace of the object.
	InfoState = New(`
		max by (cluster, kind, exported_namespace, name, source_kind, source_namespace, source_name) (
			label_replace(label_replace(label_join(
				5 * gotk_resource_info{stalled="True",suspended!="true"}
				or
				4 * gotk_resource_info{ready="False",stalled!="True",suspended!="true",reason!="DependencyNotReady"}
				or
				3 * gotk_resource_info{ready="Unknown",stalled!="True",suspended!="true"}
				or
				2 * gotk_resource_info{ready="False",stalled!="True",suspended!="true",reason="DependencyNotReady"},
				"source", ";", "source_name", "source_namespace", "exported_namespace"),
				"source_namespace", "$1", "source", ".+;;(.+)"),
				"kind", "$1", "customresource_kind", "(.+)"))
		or
		max by (cluster, kind, exported_namespace, name) (
			label_replace(
				1 * gotk_resource_info{suspended="true"}
				or
				0 * gotk_resource_info{ready="True",stalled!="True",suspended!="true"},
				"kind", "$1", "customresource_kind", "(.+)"))`)

	// InfoBehind has the ready Kustomizations whose source is ready too, at another revision.
	InfoBehind = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{customresource_kind="Kustomization",ready="True",suspended!="true",source_name!=""},
				"kind", "$1", "customresource_kind", "(.+)")
			unless on (cluster, source_kind, source_namespace, source_name, revision)
			label_replace(label_replace(label_replace(
				gotk_resource_info{customresource_kind=~"Bucket|ExternalArtifact|GitRepository|OCIRepository",ready="True"},
				"source_kind", "$1", "customresource_kind", "(.+)"),
				"source_namespace", "$1", "exported_namespace", "(.+)"),
				"source_name", "$1", "name", "(.+)")
			and on (cluster, source_kind, source_namespace, source_name)
			label_replace(label_replace(label_replace(
				gotk_resource_info{customresource_kind=~"Bucket|ExternalArtifact|GitRepository|OCIRepository",ready="True",suspended!="true",revision!=""},
				"source_kind", "$1", "customresource_kind", "(.+)"),
				"source_namespace", "$1", "exported_namespace", "(.+)"),
				"source_name", "$1", "name", "(.+)"))`)
)
