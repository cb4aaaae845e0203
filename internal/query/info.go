package query

// The state of objects as the exporter and kube-state-metrics tell it, one series an object. Only an object's own labels
// are kept: reason and revision change while the object is what it was. kube-state-metrics leaves out a label whose field
// is not set, so that what is not suspended must be asked for as not "true".
var (
	// ExporterObserved is there while the exporter knows the state of all kinds.
	ExporterObserved = New(`group by (cluster) (gotk_resources)`)

	// InfoObserved is there while there is any object.
	InfoObserved = New(`group by (cluster) (gotk_resource_info)`)

	// InfoState is the state of each object, as flux.RecordedState has it. What is stalled is not ready, and Unknown is not either, for a
	// failing object is Unknown for the time of each retry. kube-state-metrics cannot always say that a source without a namespace is
	// in the object's own.
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

	// InfoBehind has the ready Kustomizations whose source is ready too, at another revision than they.
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
