package v1alpha1

// Condition types beyond kstatus' Ready, Reconciling and Stalled (github.com/fluxcd/pkg/apis/meta). They are evidence and
// never hold Ready back.
const (
	// ConditionProven is the summary: True when each other condition of evidence that is present is True, so that every link that is turned
	// on was seen to hold.
	ConditionProven = "Proven"
	// ConditionStackReady is True when Flux has installed the stack of spec.stack and its programs are available. It is absent without
	// spec.stack.
	ConditionStackReady = "StackReady"
	// ConditionScraped is True when the targets of the generated PodMonitors were seen to be up in every selected Prometheus.
	ConditionScraped = "Scraped"
	// ConditionRulesHealthy is True when Prometheus was seen to evaluate the generated rules without an error, and to have their series.
	ConditionRulesHealthy = "RulesHealthy"
	// ConditionResourceMetrics is True when the metrics source in effect exports the state of every Flux object, Unknown
	// when the operator cannot see that.
	ConditionResourceMetrics = "ResourceMetrics"
	// ConditionAlertsEffective is True when every alert can fire and reaches somebody. Its metrics reach Prometheus, and a Prometheus
	// evaluates it and sends it to an Alertmanager. If spec.notifications has receivers, an Alertmanager has them.
	ConditionAlertsEffective = "AlertsEffective"
	// ConditionNotificationsDelivered is True when an Alertmanager was seen to notify the receivers of spec.notifications, and none of these
	// notifications fails. It is absent while there is nothing to judge it by.
	ConditionNotificationsDelivered = "NotificationsDelivered"
	// ConditionDashboardsLoaded is True when a Grafana loads every dashboard: its sidecar selects the ConfigMaps, or grafana-operator reports
	// that the GrafanaDashboards are synchronized.
	ConditionDashboardsLoaded = "DashboardsLoaded"
)

// Evidence returns the types of the conditions of evidence: the summary, then the others in the order from Flux to people.
func Evidence() []string {
	return []string{
		ConditionProven, ConditionStackReady, ConditionScraped, ConditionResourceMetrics, ConditionRulesHealthy, ConditionAlertsEffective,
		ConditionNotificationsDelivered,
		ConditionDashboardsLoaded,
	}
}

// Reasons of Ready, Reconciling and Stalled.
const (
	// ReasonApplied: all desired objects are applied.
	ReasonApplied = "Applied"
	// ReasonUnknownName: everything is applied except what the spec says of an alert or a dashboard that the operator does not have. Ready is
	// True.
	ReasonUnknownName = "UnknownName"
	// ReasonInvalidSpec: the spec cannot be carried out as written.
	ReasonInvalidSpec = "InvalidSpec"
	// ReasonFluxNotFound: the Flux namespace does not exist; or it has no controller, and the cluster serves none of Flux's kinds.
	ReasonFluxNotFound = "FluxNotFound"
	// ReasonControllersGone: the Flux namespace has no controller any more; existing objects are kept.
	ReasonControllersGone = "ControllersGone"
	// ReasonAPIMissing: the cluster does not serve the kind of a desired object. It is also a reason of evidence.
	ReasonAPIMissing = "APIMissing"
	// ReasonConflict: another FluxMonitoring monitors the same Flux for the same Prometheus.
	ReasonConflict = "Conflict"
	// ReasonForeignObject: an object with the name of a desired object exists, and somebody else manages it.
	ReasonForeignObject = "ForeignObject"
	// ReasonForbidden: the API server does not allow a write.
	ReasonForbidden = "Forbidden"
	// ReasonServiceAccountRequired: the FluxMonitoring names no ServiceAccount, and the operator does not write with its own permissions in
	// its namespace.
	ReasonServiceAccountRequired = "ServiceAccountRequired"
	// ReasonRejected: the API server rejects an object as invalid or too large.
	ReasonRejected = "Rejected"
	// ReasonContested: another manager changes an object again and again, so the operator restores it with back-off.
	ReasonContested = "Contested"
	// ReasonApplyFailed: a write failed for another cause, and the operator retries it.
	ReasonApplyFailed = "ApplyFailed"
	// ReasonSuspended: spec.suspend is true. As the reason of evidence: the operator does not check meanwhile.
	ReasonSuspended = "Suspended"
	// ReasonStackNotAllowed: spec.stack is set in a namespace that the operator's flag --stack-namespaces does not name, without
	// spec.serviceAccountName. Everything else is applied.
	ReasonStackNotAllowed = "StackNotAllowed"
	// ReasonStackInstalling: the cluster does not serve the kind of a desired object yet, and the stack of spec.stack brings it. It is also a
	// reason of evidence.
	ReasonStackInstalling = "StackInstalling"
	// ReasonNamespaceTerminating: the FluxMonitoring's own namespace is being deleted, so that nothing can be created in it.
	ReasonNamespaceTerminating = "NamespaceTerminating"
)

// Reasons of Scraped and AlertsEffective.
const (
	// ReasonSelected: every selected Prometheus selects all desired objects. The condition is Unknown: spec.prometheus.verify.mode is Off, or
	// Prometheus has not been asked yet.
	ReasonSelected = "Selected"
	// ReasonTargetsUp: every target of the PodMonitors was seen to be up.
	ReasonTargetsUp = "TargetsUp"
	// ReasonTargetsDown: Prometheus cannot scrape a target.
	ReasonTargetsDown = "TargetsDown"
	// ReasonTargetsMissing: Prometheus has no target for a controller of Flux or for the exporter, or cannot have one; the message says why.
	ReasonTargetsMissing = "TargetsMissing"
	// ReasonPrometheusPaused: spec.paused of a Prometheus is true, so changes do not reach it.
	ReasonPrometheusPaused = "PrometheusPaused"
	// ReasonPrometheusNotAvailable: no pod of a Prometheus is ready.
	ReasonPrometheusNotAvailable = "PrometheusNotAvailable"
	// ReasonLimitsTooLow: a limit of a Prometheus is below what is scraped.
	ReasonLimitsTooLow = "LimitsTooLow"
	// ReasonUnreachable: a Prometheus cannot be asked; the message says why.
	ReasonUnreachable = "Unreachable"
	// ReasonUnauthorized: a Prometheus refuses the credentials, or requires some.
	ReasonUnauthorized = "Unauthorized"
	// ReasonRulesEvaluated: every rule group was seen to be evaluated without an error, and its series are there.
	ReasonRulesEvaluated = "RulesEvaluated"
	// ReasonRulesNotLoaded: Prometheus does not have a rule group.
	ReasonRulesNotLoaded = "RulesNotLoaded"
	// ReasonRuleFailing: the evaluation of a rule fails.
	ReasonRuleFailing = "RuleFailing"
	// ReasonGroupSlow: the evaluation of a rule group takes longer than its interval.
	ReasonGroupSlow = "GroupSlow"
	// ReasonSeriesMissing: a recorded series is missing or old, so alerts are blind.
	ReasonSeriesMissing = "SeriesMissing"
	// ReasonReceiverMissing: an Alertmanager does not have a receiver of spec.notifications in its configuration.
	ReasonReceiverMissing = "ReceiverMissing"
	// ReasonDelivered: notifications of the receivers were sent, and none fails.
	ReasonDelivered = "Delivered"
	// ReasonNotificationsFailing: an Alertmanager cannot send notifications of a receiver.
	ReasonNotificationsFailing = "NotificationsFailing"
	// ReasonAllSeen: every link that is turned on was seen to hold.
	ReasonAllSeen = "AllSeen"
	// ReasonLinkBroken: another condition of evidence is False.
	ReasonLinkBroken = "LinkBroken"
	// ReasonLinkUnknown: another condition of evidence is Unknown, and none is False.
	ReasonLinkUnknown = "LinkUnknown"
	// ReasonNotSelected: a Prometheus does not select an object; the message says what is missing.
	ReasonNotSelected = "NotSelected"
	// ReasonNotScraped: a Prometheus evaluates the alerts without the samples that they need.
	ReasonNotScraped = "NotScraped"
	// ReasonNotSeen: the Prometheus objects, or those of Grafana, do not show whether something reaches them.
	ReasonNotSeen = "NotSeen"
	// ReasonNoPrometheus: no Prometheus is selected, so the operator cannot see whether another collector does its work. The condition is
	// Unknown.
	ReasonNoPrometheus = "NoPrometheus"
	// ReasonEffective: every alert can fire and reaches an Alertmanager, with the receivers where there are any.
	ReasonEffective = "Effective"
	// ReasonNoAlerts: the PrometheusRule holds no alert, because spec.patches or spec.alerts.overrides have removed all of them.
	ReasonNoAlerts = "NoAlerts"
	// ReasonMetricsMissing: an alert can never fire, because nothing exports its metrics.
	ReasonMetricsMissing = "MetricsMissing"
	// ReasonNoAlertmanager: no Prometheus that evaluates the alerts sends them to an Alertmanager.
	ReasonNoAlertmanager = "NoAlertmanager"
	// ReasonAlertmanagerConfigNotSelected: no Alertmanager selects the AlertmanagerConfig; the message says what is missing.
	ReasonAlertmanagerConfigNotSelected = "AlertmanagerConfigNotSelected"
	// ReasonNamespaceEnforced: the Alertmanagers that select the AlertmanagerConfig only route alerts of its own namespace
	// to it (alertmanagerConfigMatcherStrategy).
	ReasonNamespaceEnforced = "NamespaceEnforced"
)

// Reasons of ResourceMetrics.
const (
	// ReasonServed: the source exports the state of every Flux object.
	ReasonServed = "Served"
	// ReasonStarting: the exporter is reading the objects for the first time.
	ReasonStarting = "Starting"
	// ReasonNotServed: the source of the spec does not export here; the message says why, and what to do.
	ReasonNotServed = "NotServed"
	// ReasonNoToken: the exporter requires a token, and Prometheus sends none by the PodMonitor that scrapes it.
	ReasonNoToken = "NoToken"
	// ReasonPartlyServed: some kinds are missing; the message says which, and why.
	ReasonPartlyServed = "PartlyServed"
	// ReasonNotRecognised: the operator does not recognise a controller or its version, so it does not know whether the controllers
	// export the state of Flux objects.
	ReasonNotRecognised = "NotRecognised"
	// ReasonSeriesLimitReached: the exporter omits objects, because it has as many series as --max-series allows.
	ReasonSeriesLimitReached = "SeriesLimitReached"
	// ReasonConfigurationGenerated: the configuration for kube-state-metrics is generated; the operator cannot see whether it
	// is used.
	ReasonConfigurationGenerated = "ConfigurationGenerated"
)

// Reasons of DashboardsLoaded.
const (
	// ReasonLoaded: a Grafana loads every dashboard.
	ReasonLoaded = "Loaded"
	// ReasonLabelMissing: the sidecar of Grafana requires a label that a ConfigMap does not have.
	ReasonLabelMissing = "LabelMissing"
	// ReasonNamespaceNotWatched: the sidecar of Grafana does not load ConfigMaps of the FluxMonitoring's namespace.
	ReasonNamespaceNotWatched = "NamespaceNotWatched"
	// ReasonNoGrafana: no object of the cluster runs a Grafana with a sidecar for dashboards.
	ReasonNoGrafana = "NoGrafana"
	// ReasonNotTrusted: a Grafana is seen only in a namespace in which a tenant can create one.
	ReasonNotTrusted = "NotTrusted"
	// ReasonNotSynchronized: grafana-operator reports that a Grafana does not have a dashboard.
	ReasonNotSynchronized = "NotSynchronized"
	// ReasonNoMatchingInstance: grafana-operator reports that a GrafanaDashboard selects no Grafana.
	ReasonNoMatchingInstance = "NoMatchingInstance"
)

// Reasons of StackReady.
const (
	// ReasonInstalled: the stack is installed, and its programs are available.
	ReasonInstalled = "Installed"
	// ReasonInstalling: Flux installs the stack.
	ReasonInstalling = "Installing"
	// ReasonUpgrading: Flux upgrades the stack.
	ReasonUpgrading = "Upgrading"
	// ReasonInstallFailed: the installation failed.
	ReasonInstallFailed = "InstallFailed"
	// ReasonUpgradeFailed: an upgrade failed, and Flux has not rolled it back.
	ReasonUpgradeFailed = "UpgradeFailed"
	// ReasonRolledBack: an upgrade failed, and Flux has rolled it back.
	ReasonRolledBack = "RolledBack"
	// ReasonCanceled: an upgrade was canceled, so it neither succeeded nor is it rolled back.
	ReasonCanceled = "Canceled"
	// ReasonDrifted: somebody has changed objects of the stack, and Flux has not corrected them.
	ReasonDrifted = "Drifted"
	// ReasonSourceFailed: Flux cannot fetch the chart.
	ReasonSourceFailed = "SourceFailed"
	// ReasonReleaseFailed: helm-controller cannot reconcile the HelmRelease for another cause.
	ReasonReleaseFailed = "ReleaseFailed"
	// ReasonNotAvailable: a program of the stack is not available.
	ReasonNotAvailable = "NotAvailable"
	// ReasonContradictingValues: a value of the chart contradicts what the FluxMonitoring needs.
	ReasonContradictingValues = "ContradictingValues"
	// ReasonOtherStack: somebody else has installed a stack, so the operator installs none.
	ReasonOtherStack = "OtherStack"
)
