package v1alpha1_test

import (
	"maps"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// effective are the values of a spec that an operator acts on.
type effective struct {
	interval       time.Duration
	flux           string
	labelPolicy    v1alpha1.LabelPolicy
	scrape         bool
	scrapeInterval v1alpha1.Duration
	scrapeTimeout  v1alpha1.Duration
	cardinality    v1alpha1.Cardinality
	dashboards     bool
	labels         map[string]string
	folder         string
	format         v1alpha1.DashboardFormat
	grafanas       metav1.LabelSelector
	elsewhere      bool
	alerts         bool
	orphan, adopt  bool
}

func effectiveOf(s *v1alpha1.FluxMonitoringSpec) effective {
	return effective{
		interval:       s.IntervalInEffect(),
		flux:           s.FluxNamespace(),
		labelPolicy:    s.Prometheus.LabelPolicyInEffect(),
		scrape:         v1alpha1.On(s.Scrape.Enabled),
		scrapeInterval: s.Scrape.IntervalInEffect(),
		scrapeTimeout:  s.Scrape.TimeoutInEffect(),
		cardinality:    s.Scrape.CardinalityInEffect(),
		dashboards:     v1alpha1.On(s.Dashboards.Enabled),
		labels:         s.Dashboards.LabelsInEffect(),
		folder:         s.Dashboards.FolderInEffect(),
		format:         s.Dashboards.FormatInEffect(),
		grafanas:       *s.Dashboards.InstanceSelectorInEffect(),
		elsewhere:      v1alpha1.On(s.Dashboards.AllowCrossNamespaceImport),
		alerts:         v1alpha1.On(s.Alerts.Enabled),
		orphan:         s.DeletionPolicy == v1alpha1.DeletionPolicyOrphan,
		adopt:          s.AdoptionPolicy == v1alpha1.AdoptionPolicyAdopt,
	}
}

// usual are the values in effect of an empty spec.
func usual() effective {
	return effective{
		interval: 10 * time.Minute, flux: "flux-system", labelPolicy: "Auto",
		scrape: true, scrapeInterval: "30s", scrapeTimeout: "10s", cardinality: "Standard",
		dashboards: true, labels: map[string]string{"grafana_dashboard": "1"}, folder: "Flux", format: "ConfigMap",
		grafanas: metav1.LabelSelector{MatchLabels: map[string]string{"dashboards": "grafana"}}, elsewhere: true, alerts: true,
	}
}

// stored is the spec that the API server stores for an empty one, with these fields in place of its own.
func stored(written map[string]any) map[string]any {
	spec := map[string]any{
		"adoptionPolicy": "Fail", "deletionPolicy": "Delete", "interval": "10m",
		"flux": map[string]any{"namespace": "flux-system"},
		"prometheus": map[string]any{"labelPolicy": "Auto", "verify": map[string]any{
			"mode": "Auto", "timeout": "10s", "interval": "5m",
		}},
		"scrape":          map[string]any{"enabled": true, "interval": "30s", "cardinality": "Standard"},
		"resourceMetrics": map[string]any{"source": "Auto", "legacyMetrics": "Enabled"},
		"dashboards":      storedDashboards(nil),
		"alerts":          map[string]any{"enabled": true},
	}
	maps.Copy(spec, written)
	return spec
}

// storedDashboards is the part about dashboards that the API server stores, with these fields besides.
func storedDashboards(written map[string]any) map[string]any {
	part := map[string]any{
		"enabled": true, "folder": "Flux", "format": "ConfigMap", "allowCrossNamespaceImport": true, "datasources": map[string]any{},
		"instanceSelector": map[string]any{"matchLabels": map[string]any{"dashboards": "grafana"}},
	}
	maps.Copy(part, written)
	return part
}

func TestTheServersDefaultsAreTheValuesInEffect(t *testing.T) {
	for name, c := range map[string]struct {
		written string
		stored  map[string]any
	}{
		"absent":   {"", stored(nil)},
		"empty":    {"spec: {}", stored(nil)},
		"sections": {"spec: {flux: {}, prometheus: {verify: {}}, scrape: {}, resourceMetrics: {}, dashboards: {datasources: {}}, alerts: {}}", stored(nil)},
		"notifications": {"spec: {notifications: {receivers: [{name: a}]}}", stored(map[string]any{"notifications": map[string]any{
			"receivers": []any{map[string]any{"name": "a"}},
			"groupWait": "30s", "groupInterval": "5m", "repeatInterval": "12h",
		}})},
		"heartbeat": {"spec: {notifications: {heartbeat: {urlSecretRef: {name: a, key: b}}}}", stored(map[string]any{"notifications": map[string]any{
			"heartbeat": map[string]any{"urlSecretRef": map[string]any{"name": "a", "key": "b"}, "interval": "5m"},
			"groupWait": "30s", "groupInterval": "5m", "repeatInterval": "12h",
		}})},
		"annotations": {"spec: {dashboards: {eventAnnotations: {address: 'http://grafana'}}}", stored(map[string]any{"dashboards": storedDashboards(map[string]any{
			"eventAnnotations": map[string]any{"address": "http://grafana", "events": "All"},
		})})},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			o := create(t, "defaults-"+name, c.written)
			g.Expect(o.Object["spec"]).To(Equal(c.stored))

			fm := &v1alpha1.FluxMonitoring{}
			must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, fm))
			g.Expect(effectiveOf(&fm.Spec)).To(Equal(usual()))
			g.Expect(effectiveOf(&v1alpha1.FluxMonitoringSpec{})).To(Equal(usual()), "where no server has written any default")
		})
	}
}

func TestWrittenValuesAreInEffect(t *testing.T) {
	off, folder := false, ""
	spec := &v1alpha1.FluxMonitoringSpec{
		Interval:   "1h",
		Flux:       v1alpha1.FluxSpec{Namespace: "gitops"},
		Prometheus: v1alpha1.PrometheusSpec{LabelPolicy: v1alpha1.LabelPolicyManual},
		Scrape:     v1alpha1.ScrapeSpec{Enabled: &off, Interval: "2m", Timeout: "1m", Cardinality: v1alpha1.CardinalityFull},
		Dashboards: v1alpha1.DashboardsSpec{
			Enabled: &off, Labels: map[string]string{}, Folder: &folder,
			Format: "GrafanaDashboard", InstanceSelector: &metav1.LabelSelector{}, AllowCrossNamespaceImport: &off,
		},
		Alerts:         v1alpha1.AlertsSpec{Enabled: &off},
		DeletionPolicy: v1alpha1.DeletionPolicyOrphan,
		AdoptionPolicy: v1alpha1.AdoptionPolicyAdopt,
	}
	NewWithT(t).Expect(effectiveOf(spec)).To(Equal(effective{
		interval: time.Hour, flux: "gitops", labelPolicy: "Manual", scrapeInterval: "2m", scrapeTimeout: "1m",
		cardinality: "Full", labels: map[string]string{}, format: "GrafanaDashboard", orphan: true, adopt: true,
	}))
}

func TestTheScrapeTimeoutIsNeverAboveTheInterval(t *testing.T) {
	for name, c := range map[string]struct {
		scrape  v1alpha1.ScrapeSpec
		timeout v1alpha1.Duration
	}{
		"nothing written":                  {v1alpha1.ScrapeSpec{}, "10s"},
		"a long interval":                  {v1alpha1.ScrapeSpec{Interval: "1m30s"}, "10s"},
		"an interval as long as the usual": {v1alpha1.ScrapeSpec{Interval: "10s"}, "10s"},
		"a shorter interval":               {v1alpha1.ScrapeSpec{Interval: "9s999ms"}, "9s999ms"},
		"a timeout written":                {v1alpha1.ScrapeSpec{Interval: "1m", Timeout: "59s"}, "59s"},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(c.scrape.TimeoutInEffect()).To(Equal(c.timeout))
		})
	}
}

func TestNotificationsHaveDefaultsWithoutAServer(t *testing.T) {
	g := NewWithT(t)
	n := &v1alpha1.NotificationsSpec{Receivers: []v1alpha1.Receiver{{Name: "first"}, {Name: "second"}}}
	g.Expect(n.DefaultReceiverInEffect()).To(Equal(v1alpha1.ReceiverName("first")))
	g.Expect(n.SeveritiesInEffect()).To(Equal([]v1alpha1.Severity{"critical", "warning"}))
	g.Expect(n.GroupWaitInEffect()).To(Equal(v1alpha1.Duration("30s")))
	g.Expect(n.GroupIntervalInEffect()).To(Equal(v1alpha1.Duration("5m")))
	g.Expect(n.RepeatIntervalInEffect()).To(Equal(v1alpha1.Duration("12h")))
	g.Expect((&v1alpha1.HeartbeatSpec{}).IntervalInEffect()).To(Equal(v1alpha1.Duration("5m")))
	g.Expect((&v1alpha1.HeartbeatSpec{Interval: "1m"}).IntervalInEffect()).To(Equal(v1alpha1.Duration("1m")))
	g.Expect((&v1alpha1.EventAnnotationsSpec{}).EventsInEffect()).To(Equal(v1alpha1.AnnotatedEventsAll))

	n.DefaultReceiver, n.Severities, n.GroupWait, n.GroupInterval, n.RepeatInterval = "second", []v1alpha1.Severity{"info"}, "0", "1m", "1d"
	g.Expect(n.DefaultReceiverInEffect()).To(Equal(v1alpha1.ReceiverName("second")))
	g.Expect(n.SeveritiesInEffect()).To(Equal([]v1alpha1.Severity{"info"}))
	g.Expect(n.GroupWaitInEffect()).To(Equal(v1alpha1.Duration("0")))
	g.Expect(n.GroupIntervalInEffect()).To(Equal(v1alpha1.Duration("1m")))
	g.Expect(n.RepeatIntervalInEffect()).To(Equal(v1alpha1.Duration("1d")))
	g.Expect((&v1alpha1.NotificationsSpec{}).DefaultReceiverInEffect()).To(BeEmpty(), "there is none")
}

func TestDashboardsHaveTheLabelOfTheSidecarByDefault(t *testing.T) {
	for name, c := range map[string]struct {
		dashboards v1alpha1.DashboardsSpec
		labels     map[string]string
	}{
		"ConfigMaps":           {v1alpha1.DashboardsSpec{}, map[string]string{"grafana_dashboard": "1"}},
		"ConfigMaps with none": {v1alpha1.DashboardsSpec{Labels: map[string]string{}}, map[string]string{}},
		"GrafanaDashboards":    {v1alpha1.DashboardsSpec{Format: "GrafanaDashboard"}, nil},
		"GrafanaDashboards with their own": {
			v1alpha1.DashboardsSpec{Format: "GrafanaDashboard", Labels: map[string]string{"a": "b"}}, map[string]string{"a": "b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(c.dashboards.LabelsInEffect()).To(Equal(c.labels))
		})
	}
}
