package examples_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// place is where one state is reached: a namespace with a Prometheus that the FluxMonitorings in it select, and no others, and its Alertmanager.
type place struct {
	t         *testing.T
	namespace string
	mine      map[string]any
}

func newPlace(t *testing.T, name string) *place {
	t.Helper()
	p := &place{t: t, namespace: strings.ToLower(strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(name))}
	p.mine = map[string]any{"state": p.namespace}
	must(t, admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: p.namespace}}))
	must(t, admin.Create(t.Context(), p.object("monitoring.coreos.com/v1", "Prometheus", "k8s", map[string]any{
		"podMonitorSelector": map[string]any{}, "ruleSelector": map[string]any{},
		"alerting": map[string]any{"alertmanagers": []any{map[string]any{"name": "alertmanager-operated", "port": "web"}}},
	})))
	must(t, admin.Create(t.Context(), p.object("monitoring.coreos.com/v1", "Alertmanager", "k8s", map[string]any{})))
	return p
}

// withoutAnswers registers a webhook that does not answer for one of the dashboards in the place.
func (p *place) withoutAnswers() {
	p.t.Helper()
	hook := &unstructured.Unstructured{Object: map[string]any{"webhooks": []any{map[string]any{
		"name": "nobody.example.com", "clientConfig": map[string]any{"url": "https://127.0.0.1:1"}, "sideEffects": "None",
		"admissionReviewVersions": []any{"v1"},
		"namespaceSelector":       map[string]any{"matchLabels": map[string]any{corev1.LabelMetadataName: p.namespace}},
		"rules": []any{map[string]any{
			"apiGroups": []any{""}, "apiVersions": []any{"v1"}, "resources": []any{"configmaps"}, "operations": []any{"CREATE"},
		}},
		"matchConditions": []any{map[string]any{"name": "cluster", "expression": "request.name == 'flux-dashboard-cluster'"}},
	}}}}
	hook.SetAPIVersion("admissionregistration.k8s.io/v1")
	hook.SetKind("ValidatingWebhookConfiguration")
	hook.SetName(p.namespace)
	must(p.t, admin.Create(p.t.Context(), hook))
	p.t.Cleanup(func() { must(p.t, admin.Delete(context.Background(), hook)) })
}

func (p *place) object(apiVersion, kind, name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": apiVersion, "kind": kind, "spec": spec,
		"metadata": map[string]any{"namespace": p.namespace, "name": name, "labels": p.mine},
	}}
}

// create creates a FluxMonitoring with the given YAML for its spec, which ends with the test, and returns the answer of the API server.
func (p *place) create(name, spec string) *unstructured.Unstructured {
	p.t.Helper()
	written := map[string]any{}
	must(p.t, yaml.Unmarshal([]byte(spec), &written))
	if written["prometheus"] == nil {
		written["prometheus"] = map[string]any{
			"selector": map[string]any{"matchLabels": p.mine}, "verify": map[string]any{"mode": "Off"}, // its Prometheus has no pods
		}
	}
	fm := p.object(v1alpha1.GroupVersion.String(), v1alpha1.Kind, name, written)
	must(p.t, admin.Create(p.t.Context(), fm))
	p.t.Cleanup(func() { must(p.t, client.IgnoreNotFound(admin.Delete(context.Background(), fm))) })
	return fm
}

// change changes a FluxMonitoring by a merge patch. With client.DryRunAll it is what the API server answers before the operator has seen the change.
func (p *place) change(fm *unstructured.Unstructured, patch string, options ...client.PatchOption) *unstructured.Unstructured {
	p.t.Helper()
	must(p.t, admin.Patch(p.t.Context(), fm, client.RawPatch("application/merge-patch+json", []byte(patch)), options...))
	return fm
}

// proven is a FluxMonitoring as it is once every link was seen to hold. There is no Prometheus here that could show that.
func (p *place) proven(fm *unstructured.Unstructured) *unstructured.Unstructured {
	p.t.Helper()
	conditions, _, err := unstructured.NestedSlice(fm.Object, "status", "conditions")
	must(p.t, err)
	for _, entry := range conditions {
		entry.(map[string]any)["status"] = "True"
	}
	must(p.t, unstructured.SetNestedSlice(fm.Object, conditions, "status", "conditions"))
	return fm
}

// settled waits until the status speaks of the present generation and has these conditions, each written as Type=Status/Reason, and
// no others but the one about Grafana.
func (p *place) settled(fm *unstructured.Unstructured, conditions string) *unstructured.Unstructured {
	p.t.Helper()
	NewWithT(p.t).Eventually(func(g Gomega) {
		g.Expect(admin.Get(p.t.Context(), client.ObjectKeyFromObject(fm), fm)).To(Succeed())
		observed, _, err := unstructured.NestedInt64(fm.Object, "status", "observedGeneration")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(observed).To(Equal(fm.GetGeneration()))
		g.Expect(ofDashboards.ReplaceAllString(conditionsOf(fm), "")).To(Equal(conditions), "%v", fm.Object["status"])
	}, soon, often).Should(Succeed())
	return fm
}

// ofDashboards is the condition about Grafana, which nobody who judges a FluxMonitoring reads.
var ofDashboards = regexp.MustCompile(` DashboardsLoaded=\S+`)

// conditionsOf are the conditions as Type=Status/Reason, in their order.
func conditionsOf(fm *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(fm.Object, "status", "conditions") //nolint:errcheck // It is a list.
	var all []string
	for _, entry := range conditions {
		c, _ := entry.(map[string]any)
		all = append(all, fmt.Sprintf("%s=%s/%s", c["type"], c["status"], c["reason"]))
	}
	return strings.Join(all, " ")
}
