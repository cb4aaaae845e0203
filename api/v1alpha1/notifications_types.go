package v1alpha1

// ReceiverName is the name of a receiver.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
type ReceiverName string

// NotificationsSpec configures who is notified of alerts, by an AlertmanagerConfig.
//
// +kubebuilder:validation:XValidation:rule="!has(self.defaultReceiver) || self.receivers.exists(r, r.name == self.defaultReceiver)",message="defaultReceiver must be the name of one of the receivers",fieldPath=".defaultReceiver"
// +kubebuilder:validation:XValidation:rule="!has(self.routes) || self.routes.all(route, self.receivers.exists(r, r.name == route.receiver))",message="every route's receiver must be the name of one of the receivers",fieldPath=".routes"
type NotificationsSpec struct {
	// receivers are notified of alerts. Each has a name and the configurations of an AlertmanagerConfig, such as
	// {name: oncall, pagerdutyConfigs: [{routingKey: {name: pagerduty, key: routingKey}}]}. They have the fields of the version of
	// AlertmanagerConfig in use: v1alpha1 if the cluster serves it, else v1beta1. They reference Secrets in the namespace of this resource;
	// only prometheus-operator reads these.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	Receivers []Receiver `json:"receivers"`
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
