package query

// The state of objects as flux-operator reports it: Flux's objects every reporting interval, its own as they change. It writes
// True and False where the others write true, and fills its series anew each time: a scrape can come upon none.
var (
	// ReportObserved is there while there is any object in the report.
	ReportObserved = New(`group by (cluster) (flux_resource_info)`)

	// ReportReady has the objects whose condition Ready is True and that are not suspended.
	ReportReady = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux_resource_info{ready="True",suspended!="True"}
			or
			flux_instance_info{ready="True",suspended!="True"}
			or
			flux_resourceset_info{ready="True",suspended!="True"}
			or
			flux_resourcesetinputprovider_info{ready="True",suspended!="True"})`)

	// ReportNotReady has the objects whose condition Ready is False or Unknown and that are not suspended.
	ReportNotReady = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux_resource_info{ready=~"False|Unknown",suspended!="True"}
			or
			flux_instance_info{ready=~"False|Unknown",suspended!="True"}
			or
			flux_resourceset_info{ready=~"False|Unknown",suspended!="True"}
			or
			flux_resourcesetinputprovider_info{ready=~"False|Unknown",suspended!="True"})`)

	// ReportWaiting has the objects that wait for what they depend on, and that are not suspended.
	ReportWaiting = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux_resource_info{ready="False",suspended!="True",reason="DependencyNotReady"}
			or
			flux_resourceset_info{ready="False",suspended!="True",reason="DependencyNotReady"})`)

	// ReportFailing has the objects whose condition Ready is False, but for those that wait for what they depend on, and that
	// are not suspended.
	ReportFailing = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux_resource_info{ready="False",suspended!="True",reason!="DependencyNotReady"}
			or
			flux_instance_info{ready="False",suspended!="True",reason!="DependencyNotReady"}
			or
			flux_resourceset_info{ready="False",suspended!="True",reason!="DependencyNotReady"}
			or
			flux_resourcesetinputprovider_info{ready="False",suspended!="True",reason!="DependencyNotReady"})`)

	// ReportSuspended has the suspended objects.
	ReportSuspended = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux_resource_info{suspended="True"}
			or
			flux_instance_info{suspended="True"}
			or
			flux_resourceset_info{suspended="True"}
			or
			flux_resourcesetinputprovider_info{suspended="True"})`)
)
