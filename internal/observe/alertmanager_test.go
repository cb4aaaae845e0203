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

// alertmanager is one that selects by a label.
func alertmanager(namespace, name string) *monitoringv1.Alertmanager {
	a := &monitoringv1.Alertmanager{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	a.Spec.AlertmanagerConfigSelector = matching("release", "kps")
	return a
}

func TestAnAlertmanagerIsReadFromItsObject(t *testing.T) {
	whole := alertmanager("monitoring", "main")
	whole.Spec.AlertmanagerConfigNamespaceSelector = matching("team", "a")
	whole.Spec.AlertmanagerConfigMatcherStrategy.Type = "None"
	whole.Spec.AlertmanagerConfiguration = &monitoringv1.AlertmanagerConfiguration{Name: "flux"}
	stopped := specified[monitoringv1.Alertmanager](t, "{replicas: 0, serviceName: mail}")
	stopped.DeletionTimestamp = &metav1.Time{}
	for name, c := range map[string]struct {
		object *monitoringv1.Alertmanager
		want   selection.Alertmanager
	}{
		"by selectors and by name": {whole, selection.Alertmanager{
			Namespace: "monitoring", Name: "main", Configuration: "flux", Strategy: "None",
			Configs: selection.Selectors{Objects: matching("release", "kps"), Namespaces: matching("team", "a")},
		}},
		"one that does not run":          {stopped, selection.Alertmanager{Deleting: true, Stopped: true, Service: "mail"}},
		"an Alertmanager without a spec": {&monitoringv1.Alertmanager{}, selection.Alertmanager{}},
	} {
		t.Run(name, func(t *testing.T) {
			kept, err := Strip(c.object)
			must(t, err)
			for _, object := range []any{c.object, kept} { // a cache keeps what is read
				a, ok := AlertmanagerOf(object)
				NewWithT(t).Expect(ok).To(BeTrue())
				NewWithT(t).Expect(a).To(Equal(c.want))
			}
		})
	}
	_, ok := AlertmanagerOf(&corev1.ConfigMap{})
	NewWithT(t).Expect(ok).To(BeFalse())
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
			fm := fluxMonitoring("flux", 1)
			observer := observerOf(t, c.kinds, append(aCluster(), fm, alertmanager("b", "one"), alertmanager("a", "two"))...)
			var names []string
			for _, a := range observer.observe(t, fm).Alertmanagers {
				names = append(names, a.Namespace+"/"+a.Name)
			}
			NewWithT(t).Expect(names).To(Equal(c.want))
		})
	}
}
