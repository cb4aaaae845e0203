package observe

import (
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/kinds"
)

func TestStripDeploymentKeepsExactlyWhatIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		full := anyDeployment().Draw(t, "deployment")
		kept, err := StripDeployment(&full)
		g.Expect(err).NotTo(HaveOccurred())
		stripped := kept.(*appsv1.Deployment)
		g.Expect(InstallationOf("flux-system", []appsv1.Deployment{*stripped})).To(Equal(InstallationOf("flux-system", []appsv1.Deployment{full})))
		again, err := StripDeployment(stripped)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(again).To(Equal(kept))
	})
}

func TestStripDeploymentKeepsOnlyTheNameOfOthers(t *testing.T) {
	g := NewWithT(t)
	other := deployment("podinfo", portless, labelled(nil), func(d *appsv1.Deployment) {
		d.UID, d.ResourceVersion, d.Generation = "uid", "10", 3
		d.Annotations = map[string]string{"a": "b"}
		d.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "helm"}}
		d.Status.Replicas = 3
	})
	kept, err := StripDeployment(&other)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(kept).To(Equal(&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{
		Namespace: "flux-system", Name: "podinfo", UID: "uid", ResourceVersion: "10", Generation: 3,
	}}))
}

func TestOfAControllerACacheKeepsNoMore(t *testing.T) {
	g := NewWithT(t)
	full := deployment("source-controller", sidecar)
	kept, err := StripDeployment(&full)
	g.Expect(err).NotTo(HaveOccurred())
	want := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "flux-system", Name: "source-controller", Labels: map[string]string{
		"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/version": "v2.9.4", "app.kubernetes.io/component": "source-controller",
	}}}
	want.Spec.Selector = full.Spec.Selector
	want.Spec.Template.Labels = map[string]string{"app": "source-controller"}
	want.Spec.Template.Spec.Containers = []corev1.Container{{
		Name: "manager", Image: "ghcr.io/fluxcd/source-controller:v1.9.4", Ports: []corev1.ContainerPort{{Name: "http-prom"}},
	}}
	g.Expect(kept).To(Equal(want))
}

func TestOfMetadataACacheKeepsIdentityAndLabels(t *testing.T) {
	g := NewWithT(t)
	full := kinds.Metadata(kinds.PodMonitor)
	full.ObjectMeta = about("flux")
	kept, err := Strip(full)
	g.Expect(err).NotTo(HaveOccurred())
	want := kinds.Metadata(kinds.PodMonitor)
	want.ObjectMeta = metav1.ObjectMeta{
		Namespace: "monitoring", Name: "flux", UID: "uid", ResourceVersion: "10", Generation: 2, Labels: map[string]string{"team": "a"},
	}
	g.Expect(kept).To(Equal(want))
}

func TestWhatACacheCannotStripItKeeps(t *testing.T) {
	g := NewWithT(t)
	for _, strip := range []func(any) (any, error){StripDeployment, StripBootstrap, Strip} {
		kept, err := strip("a tombstone")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(kept).To(Equal("a tombstone"))
	}
}
