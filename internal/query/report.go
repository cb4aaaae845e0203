package query

// The state of objects as flux-operator exports it: Flux's objects every reporting interval, its own when they change. It writes True and
// False where the others write true, and writes its series anew each time, so a scrape can find none.
var (
	// ReportObserved has a series while there is any object in the report.
	ReportObserved = New(`group by (cluster) (flux_resource_info)`)

	// ReportState is the state of each object, in the form of flux.RecordedState. flux-operator does not export which objects are stalled.
	ReportState = New(`
		max by (cluster, kind, exported_namespace, name) (
			4 * {__name__=~"flux_(?:resource|instance|resourceset|resourcesetinputprovider)_info",ready="False",suspended!="True",reason!="DependencyNotReady"}
			or
			3 * {__name__=~"flux_(?:resource|instance|resourceset|resourcesetinputprovider)_info",ready="Unknown",suspended!="True"}
			or
			2 * {__name__=~"flux_(?:resource|instance|resourceset|resourcesetinputprovider)_info",ready="False",suspended!="True",reason="DependencyNotReady"}
			or
			1 * {__name__=~"flux_(?:resource|instance|resourceset|resourcesetinputprovider)_info",suspended="True"}
			or
			0 * {__name__=~"flux_(?:resource|instance|resourceset|resourcesetinputprovider)_info",ready="True",suspended!="True"})`)
)
