package v1alpha1

// ReceiverName is the name of a receiver.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
type ReceiverName string

// NotificationsSpec configures who is notified of alerts, by an AlertmanagerConfig.
//
// +kubebuilder:validation:XValidation:rule="has(self.receivers) || has(self.heartbeat)",message="notifications need receivers, a heartbeat or both"
// +kubebuilder:validation:XValidation:rule="!has(self.defaultReceiver) || has(self.receivers) && self.receivers.exists(r, r.name == self.defaultReceiver)",message="defaultReceiver must be the name of one of the receivers",fieldPath=".defaultReceiver"
// +kubebuilder:validation:XValidation:rule="!has(self.routes) || has(self.receivers) && self.routes.all(route, self.receivers.exists(r, r.name == route.receiver))",message="every route's receiver must be the name of one of the receivers",fieldPath=".routes"
// +kubebuilder:validation:XValidation:rule="!has(self.heartbeat) || !has(self.receivers) || self.receivers.all(r, r.name != 'heartbeat')",message="heartbeat is the receiver of notifications.heartbeat: choose another name",fieldPath=".receivers"
type NotificationsSpec struct {
	// receivers are notified of alerts. Each has a name and the configurations of an AlertmanagerConfig, such as
	// {name: oncall, pagerdutyConfigs: [{routingKey: {name: pagerduty, key: routingKey}}]}. They have the fields of the version of
	// AlertmanagerConfig in use: v1alpha1 if the cluster serves it, else v1beta1. They reference Secrets in the namespace of this resource;
	// only prometheus-operator reads these. Default: none, and your Alertmanager's own configuration routes the alerts.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	Receivers []Receiver `json:"receivers,omitempty"`
	// defaultReceiver is the name of the receiver that is notified of alerts that match no route, such as oncall. Default: the first receiver.
	// +optional
	DefaultReceiver ReceiverName `json:"defaultReceiver,omitempty"`
	// severities are the severities of the alerts that Alertmanager sends, such as [critical]. Alertmanager sends no alert of another of the three
	// severities; Prometheus and the dashboards still show it. Alertmanager sends alerts that have a severity of your own, or none.
	// Default: critical and warning.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	Severities []Severity `json:"severities,omitempty"`
	// routes send alerts to other receivers, such as [{receiver: shop, namespaces: [shop]}]. Alertmanager tries them in order and uses the first
	// that matches. Default: none, and the default receiver is notified of everything.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Routes []NotificationRoute `json:"routes,omitempty"`
	// groupWait is how long Alertmanager waits for further alerts of a group before the first notification, such as 30s, or 0. Alerts of one
	// cluster, name, kind and namespace are a group. Default: 30s.
	// +optional
	// +kubebuilder:default="30s"
	GroupWait Duration `json:"groupWait,omitempty"`
	// groupInterval is the time between two notifications of a group when there are new alerts in it, such as 5m. Default: 5m.
	// +optional
	// +kubebuilder:default="5m"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]') || self.matches('[1-9]')",message="groupInterval must be above zero"
	GroupInterval Duration `json:"groupInterval,omitempty"`
	// repeatInterval is the time after which Alertmanager sends a notification again while nothing has changed, such as 12h or 1d. Default: 12h.
	// +optional
	// +kubebuilder:default="12h"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]') || self.matches('[1-9]')",message="repeatInterval must be above zero"
	RepeatInterval Duration `json:"repeatInterval,omitempty"`
	// heartbeat has Alertmanager send a message again and again as long as monitoring of Flux works, such as {urlSecretRef: {name: heartbeat,
	// key: url}}. Send it to a service outside of the cluster that notifies you when the messages stop. Default: none.
	// +optional
	Heartbeat *HeartbeatSpec `json:"heartbeat,omitempty"`
}

// HeartbeatSpec configures where the heartbeat is sent. It is the alert FluxMonitoringHeartbeat, which fires as long as Prometheus scrapes Flux,
// records the state of its objects and evaluates rules. No receiver is notified of it.
type HeartbeatSpec struct {
	// urlSecretRef references the address, such as {name: heartbeat, key: url}. Only prometheus-operator reads the Secret. Alertmanager sends
	// each message to the address with the method POST.
	// +required
	URLSecretRef SecretKeyReference `json:"urlSecretRef"`
	// interval is the time between two messages, such as 5m. Have the service notify you after three missed messages. Default: 5m.
	// +optional
	// +kubebuilder:default="5m"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]') || self.matches('[1-9]')",message="interval must be above zero"
	Interval Duration `json:"interval,omitempty"`
}

// SecretKeyReference references a key of a Secret in the namespace of this resource.
type SecretKeyReference struct {
	// name is the name of the Secret, such as heartbeat.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// key is the key in the Secret, such as url.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`
}

// NotificationRoute sends some of the alerts to a receiver of their own.
//
// +kubebuilder:validation:XValidation:rule="has(self.severities) || has(self.namespaces)",message="a route needs severities, namespaces or both: use notifications.defaultReceiver for all alerts"
type NotificationRoute struct {
	// receiver is the name of the receiver that is notified, such as shop.
	// +required
	Receiver ReceiverName `json:"receiver"`
	// severities are the severities of the alerts that match, such as [critical]. Default: all that Alertmanager sends.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	Severities []Severity `json:"severities,omitempty"`
	// namespaces are the namespaces of the Flux objects whose alerts match, such as [shop]. Default: all, and alerts that are about no object.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	Namespaces []NamespaceName `json:"namespaces,omitempty"`
}

// NamespaceName is the name of a namespace.
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be a namespace's name: lower-case letters, digits and '-', such as shop"
type NamespaceName string
