package v1alpha1

import (
	"cmp"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Values in effect if the spec omits a field. The schema has the same defaults for fields whose parent is set; these are also for a spec
// that no API server has read.
const (
	// DefaultInterval of spec.interval.
	DefaultInterval = 10 * time.Minute
	// DefaultFluxNamespace of spec.flux.namespace.
	DefaultFluxNamespace = "flux-system"
	// DefaultScrapeInterval of spec.scrape.interval.
	DefaultScrapeInterval Duration = "30s"
	// DefaultScrapeTimeout of spec.scrape.timeout.
	DefaultScrapeTimeout Duration = "10s"
	// DefaultFolder of spec.dashboards.folder.
	DefaultFolder = "Flux"
	// DefaultGroupWait of spec.notifications.groupWait.
	DefaultGroupWait Duration = "30s"
	// DefaultGroupInterval of spec.notifications.groupInterval.
	DefaultGroupInterval Duration = "5m"
	// DefaultRepeatInterval of spec.notifications.repeatInterval.
	DefaultRepeatInterval Duration = "12h"
	// DefaultVerifyInterval of spec.prometheus.verify.interval.
	DefaultVerifyInterval = 5 * time.Minute
	// MinVerifyInterval is the shortest that the CRD allows.
	MinVerifyInterval = 10 * time.Second
	// DefaultVerifyTimeout of spec.prometheus.verify.timeout.
	DefaultVerifyTimeout = 10 * time.Second
	// MaxVerifyTimeout is the longest that the CRD allows.
	MaxVerifyTimeout = time.Minute
	// DefaultHeartbeatInterval of spec.notifications.heartbeat.interval.
	DefaultHeartbeatInterval Duration = "5m"
)

// IntervalInEffect is the time between full re-checks.
func (s *FluxMonitoringSpec) IntervalInEffect() time.Duration {
	if interval, err := s.Interval.Parse(); err == nil {
		return interval
	}
	return DefaultInterval
}

// FluxNamespace is the namespace Flux is looked for in.
func (s *FluxMonitoringSpec) FluxNamespace() string {
	if s.Flux.Namespace == "" {
		return DefaultFluxNamespace
	}
	return s.Flux.Namespace
}

// On reports whether a part with this `enabled` field is on: absent means yes.
func On(enabled *bool) bool { return enabled == nil || *enabled }

// LabelPolicyInEffect is how selectors' labels come onto generated objects.
func (s *PrometheusSpec) LabelPolicyInEffect() LabelPolicy {
	if s.LabelPolicy == "" {
		return LabelPolicyAuto
	}
	return s.LabelPolicy
}

// IntervalInEffect is the time between scrapes.
func (s *ScrapeSpec) IntervalInEffect() Duration {
	if s.Interval == "" {
		return DefaultScrapeInterval
	}
	return s.Interval
}

// TimeoutInEffect is what is written, else the default, else the interval where that is shorter.
func (s *ScrapeSpec) TimeoutInEffect() Duration {
	if s.Timeout != "" {
		return s.Timeout
	}
	interval, err := s.IntervalInEffect().Parse()
	if limit, _ := DefaultScrapeTimeout.Parse(); err == nil && interval < limit {
		return s.IntervalInEffect()
	}
	return DefaultScrapeTimeout
}

// CardinalityInEffect is how much of what the controllers expose is kept.
func (s *ScrapeSpec) CardinalityInEffect() Cardinality {
	if s.Cardinality == "" {
		return CardinalityStandard
	}
	return s.Cardinality
}

// FormatInEffect is the kind of object that dashboards are delivered in.
func (s *DashboardsSpec) FormatInEffect() DashboardFormat {
	return cmp.Or(s.Format, DashboardFormatConfigMap)
}

// LabelsInEffect are the labels on dashboards; where nothing is said, of ConfigMaps that by which Grafana's sidecar finds them.
func (s *DashboardsSpec) LabelsInEffect() map[string]string {
	if s.Labels == nil && s.FormatInEffect() == DashboardFormatConfigMap {
		return map[string]string{"grafana_dashboard": "1"}
	}
	return s.Labels
}

// FolderInEffect is the Grafana folder; empty for none.
func (s *DashboardsSpec) FolderInEffect() string {
	if s.Folder == nil {
		return DefaultFolder
	}
	return *s.Folder
}

// InstanceSelectorInEffect selects the Grafana objects that show the dashboards; where nothing is said, by the label that
// grafana-operator's own examples have.
func (s *DashboardsSpec) InstanceSelectorInEffect() *metav1.LabelSelector {
	if s.InstanceSelector == nil {
		return &metav1.LabelSelector{MatchLabels: map[string]string{"dashboards": "grafana"}}
	}
	return s.InstanceSelector
}

// DefaultReceiverInEffect is the receiver that is notified of alerts that match no route; empty if there are no receivers.
func (s *NotificationsSpec) DefaultReceiverInEffect() ReceiverName {
	if s.DefaultReceiver == "" && len(s.Receivers) > 0 {
		return s.Receivers[0].Name
	}
	return s.DefaultReceiver
}

// SeveritiesInEffect are those of the alerts that are sent.
func (s *NotificationsSpec) SeveritiesInEffect() []Severity {
	if len(s.Severities) == 0 {
		return []Severity{SeverityCritical, SeverityWarning}
	}
	return s.Severities
}

// GroupWaitInEffect is how long the first notification of a group waits.
func (s *NotificationsSpec) GroupWaitInEffect() Duration {
	return cmp.Or(s.GroupWait, DefaultGroupWait)
}

// GroupIntervalInEffect is how long a notification of what is new in a group waits.
func (s *NotificationsSpec) GroupIntervalInEffect() Duration {
	return cmp.Or(s.GroupInterval, DefaultGroupInterval)
}

// RepeatIntervalInEffect is after how long the same is sent again.
func (s *NotificationsSpec) RepeatIntervalInEffect() Duration {
	return cmp.Or(s.RepeatInterval, DefaultRepeatInterval)
}

// IntervalInEffect is the time between two messages.
func (h *HeartbeatSpec) IntervalInEffect() Duration {
	return cmp.Or(h.Interval, DefaultHeartbeatInterval)
}

// EventsInEffect are the events that Grafana shows.
func (s *EventAnnotationsSpec) EventsInEffect() AnnotatedEvents {
	return cmp.Or(s.Events, AnnotatedEventsAll)
}
