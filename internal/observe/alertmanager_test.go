package observe

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// alertmanager is one that takes up what has a label.
func alertmanager(namespace, name string) *monitoringv1.Alertmanager {
	a := &monitoringv1.Alertmanager{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	a.Spec.AlertmanagerConfigSelector = matching("release", "kps")
	return a
}

func TestWhatAnAlertmanagerTakesUp(t *testing.T) {
	whole := alertmanager("monitoring", "main")
	whole.Spec.AlertmanagerConfigNamespaceSelector = matching("team", "a")
	whole.Spec.AlertmanagerConfigMatcherStrategy.Type = "None"
	whole.Spec.AlertmanagerConfiguration = &monitoringv1.AlertmanagerConfiguration{Name: "flux"}
	stopped := alertmanager("monitoring", "main")
	stopped.DeletionTimestamp, stopped.Spec.Replicas, stopped.Spec.ServiceName = &metav1.Time{}, pointer(int32(0)), pointer("mail")
	for name, c := range map[string]struct {
		object any
		want   *selection.Alertmanager
	}{
		"by selectors and by name": {whole, &selection.Alertmanager{
			Namespace: "monitoring", Name: "main", Configuration: "flux", Strategy: "None",
			Configs: selection.Selectors{Objects: matching("release", "kps"), Namespaces: matching("team", "a")},
		}},
		"of which nothing runs": {stopped, &selection.Alertmanager{
			Namespace: "monitoring", Name: "main", Configs: selection.Selectors{Objects: matching("release", "kps")},
			Deleting: true, Stopped: true, Service: "mail",
		}},
		"an Alertmanager that says nothing": {&monitoringv1.Alertmanager{}, &selection.Alertmanager{}},
		"anything else":                     {&corev1.ConfigMap{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			a, ok := AlertmanagerOf(c.object)
			g.Expect(ok).To(Equal(c.want != nil))
			if c.want == nil {
				c.want = &selection.Alertmanager{}
			}
			g.Expect(a).To(Equal(*c.want))

			kept, err := Strip(c.object)
			g.Expect(err).NotTo(HaveOccurred())
			stripped, _ := AlertmanagerOf(kept)
			g.Expect(stripped).To(Equal(a), "a cache keeps what is read")
		})
	}
}

func TestOfAnAlertmanagerACacheKeepsWhatSelectsAlone(t *testing.T) {
	g := NewWithT(t)
	full := alertmanager("monitoring", "main")
	full.ObjectMeta = about("main")
	full.Spec.Retention, full.Spec.AlertmanagerConfiguration = "10d", &monitoringv1.AlertmanagerConfiguration{
		Name: "flux", Global: &monitoringv1.AlertmanagerGlobalConfig{},
	}
	kept, err := Strip(full)
	g.Expect(err).NotTo(HaveOccurred())
	want := &monitoringv1.Alertmanager{ObjectMeta: metav1.ObjectMeta{
		Namespace: "monitoring", Name: "main", UID: "uid", ResourceVersion: "10", Generation: 2,
	}}
	want.Spec.AlertmanagerConfigSelector = matching("release", "kps")
	want.Spec.AlertmanagerConfiguration = &monitoringv1.AlertmanagerConfiguration{Name: "flux"}
	g.Expect(kept).To(Equal(want))
}

func TestAlertmanagersAreSorted(t *testing.T) {
	for name, c := range map[string]struct {
		kinds []schema.GroupVersionKind
		want  []string
	}{
		"served":     {kinds.Optional(), []string{"a/two", "b/one"}},
		"not served": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			fm := fluxMonitoring("flux", 1)
			reader := holding(t, append(aCluster(), fm, alertmanager("b", "one"), alertmanager("a", "two"))...).Build()
			facts, err := (&Observer{Reader: reader, Optional: served{reader, c.kinds}, State: fakeState{}}).Observe(t.Context(), fm)
			g.Expect(err).NotTo(HaveOccurred())
			var names []string
			for _, a := range facts.Alertmanagers {
				names = append(names, a.Namespace+"/"+a.Name)
			}
			g.Expect(names).To(Equal(c.want))
		})
	}
}
