package v1alpha1

// Condition types beyond kstatus' Ready, Reconciling and Stalled (github.com/fluxcd/pkg/apis/meta). They are evidence and
// never hold Ready back.
const (
	// ConditionScraped is True when every selected Prometheus takes up the PodMonitor and the PrometheusRule.
	ConditionScraped = "Scraped"
	// ConditionResourceMetrics is True when the state of every Flux object is told by the source in effect, Unknown when
	// that cannot be seen from here.
	ConditionResourceMetrics = "ResourceMetrics"
	// ConditionAlertsEffective is True when every alert can fire and reaches somebody: it stands on metrics that reach
	// Prometheus, a Prometheus evaluates it and sends it to an Alertmanager, and where spec.notifications has receivers, an
	// Alertmanager has them.
	ConditionAlertsEffective = "AlertsEffective"
)

// Reasons of Ready, Reconciling and Stalled.
const (
	// ReasonApplied: everything wanted is applied.
	ReasonApplied = "Applied"
	// ReasonInvalidSpec: the spec cannot be carried out as written.
	ReasonInvalidSpec = "InvalidSpec"
	// ReasonFluxNotFound: the Flux namespace does not exist; or it holds no controller, and the cluster serves none of Flux's kinds.
	ReasonFluxNotFound = "FluxNotFound"
	// ReasonControllersGone: the Flux namespace holds no controller any more; what was applied stays.
	ReasonControllersGone = "ControllersGone"
	// ReasonAPIMissing: the cluster does not serve a kind that is wanted.
	ReasonAPIMissing = "APIMissing"
	// ReasonConflict: another FluxMonitoring monitors the same Flux for the same Prometheus.
	ReasonConflict = "Conflict"
	// ReasonForeignObject: an object of a wanted object's name exists and is not ours.
	ReasonForeignObject = "ForeignObject"
	// ReasonForbidden: the API server does not allow a write.
	ReasonForbidden = "Forbidden"
	// ReasonServiceAccountRequired: the FluxMonitoring names no ServiceAccount, and the operator does not write with its own permissions in
	// its namespace.
	ReasonServiceAccountRequired = "ServiceAccountRequired"
	// ReasonRejected: the API server rejects an object as invalid or too large.
	ReasonRejected = "Rejected"
	// ReasonContested: somebody else changes an object again and again, so that it is restored ever more seldom.
	ReasonContested = "Contested"
	// ReasonApplyFailed: a write failed for another cause and is retried.
	ReasonApplyFailed = "ApplyFailed"
	// ReasonSuspended: spec.suspend is true. As the reason of evidence: nobody looks at what there is meanwhile.
	ReasonSuspended = "Suspended"
	// ReasonNamespaceTerminating: the FluxMonitoring's own namespace is being deleted, so that nothing can be created in it.
	ReasonNamespaceTerminating = "NamespaceTerminating"
)

// Reasons of Scraped and AlertsEffective.
const (
	// ReasonSelected: every selected Prometheus takes everything up.
	ReasonSelected = "Selected"
	// ReasonNotSelected: a Prometheus does not take something up; the message says what is missing.
	ReasonNotSelected = "NotSelected"
	// ReasonNotScraped: a Prometheus evaluates the alerts without the samples that they need.
	ReasonNotScraped = "NotScraped"
	// ReasonNotSeen: what the Prometheus objects say does not tell whether something reaches them.
	ReasonNotSeen = "NotSeen"
	// ReasonControllersNotScraped: controllers of Flux are not found, or cannot be scraped; the message says what they lack.
	ReasonControllersNotScraped = "ControllersNotScraped"
	// ReasonNoPrometheus: no Prometheus or PrometheusAgent is selected or exists.
	ReasonNoPrometheus = "NoPrometheus"
	// ReasonEffective: every alert can fire and reaches an Alertmanager, with the receivers where there are any.
	ReasonEffective = "Effective"
	// ReasonNoAlerts: the PrometheusRule holds no alert, because spec.patches or spec.alerts.rules have removed all of them.
	ReasonNoAlerts = "NoAlerts"
	// ReasonMetricsMissing: an alert can never fire, for its metrics are not exposed.
	ReasonMetricsMissing = "MetricsMissing"
	// ReasonNoAlertmanager: no Prometheus that evaluates the alerts sends them to an Alertmanager.
	ReasonNoAlertmanager = "NoAlertmanager"
	// ReasonAlertmanagerConfigNotSelected: no Alertmanager takes up the AlertmanagerConfig; the message says what is missing.
	ReasonAlertmanagerConfigNotSelected = "AlertmanagerConfigNotSelected"
	// ReasonNamespaceEnforced: the Alertmanagers that take up the AlertmanagerConfig let none but alerts of its own namespace
	// through to it (alertmanagerConfigMatcherStrategy).
	ReasonNamespaceEnforced = "NamespaceEnforced"
)

// Reasons of ResourceMetrics.
const (
	// ReasonServed: the source tells the state of every Flux object.
	ReasonServed = "Served"
	// ReasonStarting: the exporter is reading the objects for the first time.
	ReasonStarting = "Starting"
	// ReasonNotServed: the source asked for does not deliver here; the message says why, and what to do.
	ReasonNotServed = "NotServed"
	// ReasonNoToken: the exporter serves nobody without a token, and the PodMonitor that scrapes it has Prometheus send none.
	ReasonNoToken = "NoToken"
	// ReasonPartlyServed: some kinds are missing; the message says which, and why.
	ReasonPartlyServed = "PartlyServed"
	// ReasonNotRecognised: which controllers run, or in which version, is not recognised, so that it is not known whether they export
	// the state of Flux objects.
	ReasonNotRecognised = "NotRecognised"
	// ReasonSeriesLimitReached: objects are left out because there would be more series than --max-series.
	ReasonSeriesLimitReached = "SeriesLimitReached"
	// ReasonConfigurationGenerated: the configuration for kube-state-metrics is generated; whether one uses it is not seen
	// from here.
	ReasonConfigurationGenerated = "ConfigurationGenerated"
)
