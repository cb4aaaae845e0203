package query

// The limits of alerts about rules and notifications.
const (
	// RuleFailuresLimit is how many evaluations within five minutes may fail or be skipped.
	RuleFailuresLimit = 0
	// FailedNotificationsLimit is how many notifications within a quarter of an hour may fail.
	FailedNotificationsLimit = 0
)

// The way of an alert, as far as Prometheus has metrics about it: from the samples that it needs to the receivers.
var (
	// StateRecorded is 1 while the state of objects is recorded.
	StateRecorded = New(`group(flux:resource:observed)`)

	// Answering is 1 while a target answers. Narrow it to one job.
	Answering = New(`group(up == 1)`)

	// RuleFailures is how many evaluations of each group of rules failed, or were skipped because the one before took too long. Narrow it
	// to the files of one PrometheusRule, which the result does not name.
	RuleFailures = New(`
		sum by (cluster, namespace, rule_group) (
			label_replace(
				increase(prometheus_rule_evaluation_failures_total[5m]) + increase(prometheus_rule_group_iterations_missed_total[5m]),
				"rule_group", "$1", "rule_group", ".+;(.+)"))`)

	// Undelivered is for the namespace of each Prometheus that could not send alerts to an Alertmanager, or knows none. Narrow it to those
	// that have the files of one PrometheusRule.
	Undelivered = New(`
		sum by (cluster, namespace) (
			increase(prometheus_notifications_dropped_total[5m])
			and on (cluster, namespace, pod)
			prometheus_rule_group_rules) > 0
		or
		max by (cluster, namespace) (
			prometheus_notifications_alertmanagers_discovered
			and on (cluster, namespace, pod)
			prometheus_rule_group_rules) == 0`)

	// FailedNotifications is how many notifications Alertmanager could not send, by integration and, if Alertmanager exports it, by
	// receiver.
	FailedNotifications = New(`
		sum by (cluster, namespace, integration, receiver_name) (increase(alertmanager_notifications_failed_total[15m]))`)
)
