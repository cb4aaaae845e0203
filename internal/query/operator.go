package query

// The operator at hand and its exporter.
var (
	// Exported is the number of objects the exporter tells of, by kind.
	Exported = New(`
		sum by (cluster, kind) (label_replace(gotk_resources, "kind", "$1", "customresource_kind", "(.+)"))`)

	// ExportedCount is the number of objects the exporter tells of.
	ExportedCount = New(`sum(gotk_resources)`).OrZero()

	// OmittedCount is the number of objects the exporter leaves out.
	OmittedCount = New(`sum(gotk_resources_omitted)`).OrZero()

	// UnreadableCount is the number of kinds the exporter cannot read.
	UnreadableCount = New(`sum(gotk_resources_unreadable)`).OrZero()

	// ScrapeSeconds is how many seconds the last scrape of a target took.
	ScrapeSeconds = New(`max by (cluster, namespace, pod) (scrape_duration_seconds)`)

	// ScrapeSamples is the number of samples of a target's last scrape.
	ScrapeSamples = New(`max by (cluster, namespace, pod) (scrape_samples_post_metric_relabeling)`)

	// PodUp is 1 while a pod answers, else 0.
	PodUp = New(`max by (cluster, namespace, pod) (up)`)

	// Leads is 1 while a pod leads, else 0.
	Leads = New(`max by (cluster, namespace, pod) (leader_election_master_status)`)

	// PodCPU is the number of cores a pod uses.
	PodCPU = New(`sum by (cluster, namespace, pod) (rate(process_cpu_seconds_total[5m]))`)

	// PodMemory is the resident memory of a pod in bytes.
	PodMemory = New(`max by (cluster, namespace, pod) (process_resident_memory_bytes)`)

	// MonitoringReady is 1 for each FluxMonitoring that is ready, and 0 for each that is not.
	MonitoringReady = New(`
		max by (cluster, exported_namespace, name) (flux:resource:ready{kind="FluxMonitoring"})
		or
		0 * max by (cluster, exported_namespace, name) (flux:resource:not_ready{kind="FluxMonitoring"})`)

	// MonitoringsNotReadyCount is the number of FluxMonitorings that are not ready.
	MonitoringsNotReadyCount = New(`
		count(group by (cluster, exported_namespace, name) (flux:resource:not_ready{kind="FluxMonitoring"}))`).OrZero()
)
