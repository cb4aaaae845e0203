package v1alpha1_test

import (
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestKstatusWaitsForTheFirstLook(t *testing.T) {
	g := NewWithT(t)
	o := create(t, "awaited", "")
	judged, err := status.Compute(o)
	must(t, err)
	g.Expect(judged.Status).To(Equal(status.InProgressStatus))
	g.Expect(judged.Message).To(Equal("FluxMonitoring generation is 1, but latest observed generation is -1"))
}

func TestKstatusJudgesWhatTheOperatorWrites(t *testing.T) {
	for name, c := range map[string]struct {
		conditions string
		behind     bool
		judged     status.Status
	}{
		"everything applied":                    {"Ready=True/Applied Scraped=True/Selected AlertsEffective=True/Effective", false, status.CurrentStatus},
		"applied, and no Prometheus takes it":   {"Ready=True/Applied Scraped=False/NotSelected AlertsEffective=False/MetricsMissing", false, status.CurrentStatus},
		"applied, and the spec changed since":   {"Ready=True/Applied", true, status.InProgressStatus},
		"suspended after it was ready":          {"Ready=True/Suspended", false, status.CurrentStatus},
		"suspended before it was":               {"Ready=False/Suspended", false, status.InProgressStatus},
		"a write that failed and is retried":    {"Ready=False/ApplyFailed Reconciling=True/ApplyFailed", false, status.InProgressStatus},
		"a kind that is gone while it is tried": {"Ready=False/APIMissing Reconciling=True/APIMissing", false, status.InProgressStatus},
		"a kind that may yet arrive":            {"Ready=False/APIMissing Scraped=False/ApplyFailed", false, status.InProgressStatus},
		"a Flux that may yet arrive":            {"Ready=False/FluxNotFound Scraped=False/FluxNotFound", false, status.InProgressStatus},
		"a spec that cannot be carried out":     {"Ready=False/InvalidSpec Stalled=True/InvalidSpec Scraped=True/Selected", false, status.FailedStatus},
		"an object that is rejected":            {"Ready=False/Rejected Stalled=True/Rejected", false, status.FailedStatus},
		"an object of somebody else's":          {"Ready=False/ForeignObject Stalled=True/ForeignObject", false, status.FailedStatus},
		"a write that is forbidden":             {"Ready=False/Forbidden Stalled=True/Forbidden", false, status.FailedStatus},
		"a rival that is older":                 {"Ready=False/Conflict Stalled=True/Conflict", false, status.FailedStatus},
		"a fault mended, and not yet looked at": {"Ready=False/InvalidSpec Stalled=True/InvalidSpec", true, status.InProgressStatus},
	} {
		t.Run(name, func(t *testing.T) {
			fm := &v1alpha1.FluxMonitoring{Status: v1alpha1.FluxMonitoringStatus{ObservedGeneration: 2, Conditions: conditions(c.conditions)}}
			fm.Generation = 2
			if c.behind {
				fm.Generation = 3
			}
			content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(fm)
			must(t, err)
			o := &unstructured.Unstructured{Object: content}
			o.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.Kind))
			judged, err := status.Compute(o)
			must(t, err)
			NewWithT(t).Expect(judged.Status).To(Equal(c.judged), judged.Message)
		})
	}
}

// conditions reads conditions written as Type=Status/Reason.
func conditions(written string) []metav1.Condition {
	var all []metav1.Condition
	for _, c := range strings.Fields(written) {
		kind, rest, _ := strings.Cut(c, "=")
		is, reason, _ := strings.Cut(rest, "/")
		all = append(all, metav1.Condition{Type: kind, Status: metav1.ConditionStatus(is), Reason: reason, Message: reason, ObservedGeneration: 2})
	}
	return all
}
