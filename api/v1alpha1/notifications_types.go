package v1alpha1

import "github.com/fluxcd/pkg/apis/meta"

// RouteDuration is a duration above zero as Prometheus and Alertmanager write it.
// +kubebuilder:validation:MaxLength=32
// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$') && self.matches('[1-9]')",message="must be a duration above zero, such as 5m, 12h or 1d"
type RouteDuration string

// ReceiverName is the name of a receiver.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
type ReceiverName string

// NotificationsSpec says who is told of alerts, and of Flux's own events: the alerts by an AlertmanagerConfig, the events by a
// Provider and an Alert of Flux.
//
// +kubebuilder:validation:XValidation:rule="has(self.receivers) || has(self.grafana)",message="notifications needs receivers, which are told of alerts, or grafana, which shows Flux's events"
// +kubebuilder:validation:XValidation:rule="!has(self.receiver) || has(self.receivers) && self.receivers.exists(r, r.name == self.receiver)",message="receiver must be the name of one of the receivers",fieldPath=".receiver"
// +kubebuilder:validation:XValidation:rule="!has(self.routes) || self.routes.all(route, has(self.receivers) && self.receivers.exists(r, r.name == route.receiver))",message="every route's receiver must be the name of one of the receivers",fieldPath=".routes"
type NotificationsSpec struct {
	// Receivers that are notified of alerts, each with a name and the configurations of an AlertmanagerConfig, such as
	// {name: oncall, pagerdutyConfigs: [{routingKey: {name: pagerduty, key: routingKey}}]}. They have the fields of the version in
	// use, which is v1alpha1 where the cluster serves it, else v1beta1.
	// Secrets are named, in this resource's namespace, and read by prometheus-operator alone. Absent: no AlertmanagerConfig.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	Receivers []Receiver `json:"receivers,omitempty"`
	// Receiver is the name of the receiver that is told of what no route takes, such as oncall. Absent: the first receiver.
	// +optional
	Receiver ReceiverName `json:"receiver,omitempty"`
	// Severities of the alerts that are sent, such as [critical]. An alert of another of the three severities is sent to
	// nobody, and seen in Prometheus and on dashboards alone. Absent: critical and warning. What has a severity of your own, or
	// none, is sent.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	Severities []Severity `json:"severities,omitempty"`
	// Routes to other receivers, such as [{receiver: shop, namespaces: [shop]}]. They are tried in order, and the first that
	// matches takes the alert. Absent: the receiver is told of everything.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Routes []NotificationRoute `json:"routes,omitempty"`
	// GroupWait is how long the first notification of a group of alerts waits for further ones, such as 30s, or 0. Alerts of
	// one cluster, name, kind and namespace are a group. Default: 30s.
	// +optional
	// +kubebuilder:default="30s"
	GroupWait AlertDuration `json:"groupWait,omitempty"`
	// GroupInterval is how long a notification of what is new in a group waits after the one before, such as 5m. Default: 5m.
	// +optional
	// +kubebuilder:default="5m"
	GroupInterval RouteDuration `json:"groupInterval,omitempty"`
	// RepeatInterval is how long after a notification the same is sent again while nothing is new, such as 12h or 1d.
	// Default: 12h.
	// +optional
	// +kubebuilder:default="12h"
	RepeatInterval RouteDuration `json:"repeatInterval,omitempty"`
	// Grafana is told of Flux's events, and shows them as annotations with the tag flux. Absent: it is not told.
	// +optional
	Grafana *GrafanaAnnotationsSpec `json:"grafana,omitempty"`
}

// NotificationRoute sends some of the alerts to a receiver of their own.
//
// +kubebuilder:validation:XValidation:rule="has(self.severities) || has(self.namespaces)",message="a route needs severities, namespaces or both: what is for everything is notifications.receiver"
type NotificationRoute struct {
	// Receiver is the name of the receiver that is told, such as shop.
	Receiver ReceiverName `json:"receiver"`
	// Severities that the route takes, such as [critical]. Absent: all that are sent.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	Severities []Severity `json:"severities,omitempty"`
	// Namespaces of the Flux objects that the route takes alerts about, such as [shop]. Absent: all, and what is about no
	// object.
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

// EventSeverity is the least severity of an event of Flux that is told.
// +kubebuilder:validation:Enum=info;error
type EventSeverity string

const (
	// EventSeverityInfo tells every event.
	EventSeverityInfo EventSeverity = "info"
	// EventSeverityError tells failures alone.
	EventSeverityError EventSeverity = "error"
)

// GrafanaAnnotationsSpec says which Grafana shows Flux's events, and which events. It is carried out by Flux's
// notification-controller.
type GrafanaAnnotationsSpec struct {
	// Address of Grafana's API of annotations, such as https://grafana.example.com/api/annotations.
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https']",message="address must be an http or https URL, such as https://grafana.example.com/api/annotations"
	Address string `json:"address"`
	// SecretRef names the Secret of this resource's namespace that holds a token, or a username and a password, such as
	// {name: grafana-token}. Only notification-controller reads it. Absent: none is sent.
	// +optional
	SecretRef *meta.LocalObjectReference `json:"secretRef,omitempty"`
	// Namespaces of the Flux objects whose events are shown, such as [flux-system, apps]; Flux has no wildcard for them.
	// Absent: Flux's own namespace.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	Namespaces []NamespaceName `json:"namespaces,omitempty"`
	// Severity: info shows every event, error failures alone. Default: info.
	// +optional
	// +kubebuilder:default=info
	Severity EventSeverity `json:"severity,omitempty"`
}
