package query

// The state of objects as the exporter and kube-state-metrics tell it, one series an object. Only an object's own labels
// are kept: reason and revision change while the object is what it was. kube-state-metrics leaves out a label whose field
// is not set, so that what is not suspended must be asked for as not "true".
var (
	// ExporterObserved is there while the exporter knows the state of all kinds.
	ExporterObserved = New(`group by (cluster) (gotk_resources)`)

	// InfoObserved is there while there is any object.
	InfoObserved = New(`group by (cluster) (gotk_resource_info)`)

	// InfoReady has the objects whose condition Ready is True and that are not suspended.
	InfoReady = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{ready="True",suspended!="true"}, "kind", "$1", "customresource_kind", "(.+)"))`)

	// InfoNotReady has the objects whose condition Ready is False or Unknown and that are not suspended. Unknown belongs to
	// it because a failing object is Unknown for the time of each retry. kube-state-metrics cannot always say that a source
	// without a namespace is in the object's own.
	InfoNotReady = New(`
		max by (cluster, kind, exported_namespace, name, source_kind, source_namespace, source_name) (
			label_replace(label_replace(label_join(
				gotk_resource_info{ready=~"False|Unknown",suspended!="true"},
				"source", ";", "source_name", "source_namespace", "exported_namespace"),
				"source_namespace", "$1", "source", ".+;;(.+)"),
				"kind", "$1", "customresource_kind", "(.+)"))`)

	// InfoWaiting has the objects that wait for what they depend on, and that are not suspended.
	InfoWaiting = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{ready="False",suspended!="true",reason="DependencyNotReady"},
				"kind", "$1", "customresource_kind", "(.+)"))`)

	// InfoFailing has the objects whose condition Ready is False, but for those that wait for what they depend on, and that are
	// not suspended.
	InfoFailing = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{ready="False",suspended!="true",reason!="DependencyNotReady"},
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

	// InfoSuspended has the suspended objects, whatever their condition was when they were suspended.
	InfoSuspended = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{suspended="true"}, "kind", "$1", "customresource_kind", "(.+)"))`)

	// InfoStalled has the objects whose condition Stalled is True and that are not suspended.
	InfoStalled = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{stalled="True",suspended!="true"}, "kind", "$1", "customresource_kind", "(.+)"))`)
)
