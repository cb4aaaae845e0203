package exporter

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestObjectsAppearChangeAndGo(t *testing.T) {
	c := newCluster(t)
	c.create(kustomizations, "before", kustomization)
	e := c.exporter(Options{}, kustomizations, served("GitRepository", "v1"))
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"before": "Unknown"}))

	o := c.create(kustomizations, "apps", kustomization)
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"before": "Unknown", "apps": "Unknown"}))
	c.status(o, isReady("False"))
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"before": "Unknown", "apps": "False"}))
	c.status(o, isReady("True"))
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"before": "Unknown", "apps": "True"}))
	NewWithT(t).Expect(c.Delete(t.Context(), o)).To(Succeed())
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"before": "Unknown"}))

	NewWithT(t).Expect(e.Health()).To(And(HaveField("Serving", true), HaveField("Failing", BeEmpty()), HaveField("Limited", false)))
	NewWithT(t).Expect(c.requests.of("sendInitialEvents=true")).To(Equal(c.requests.of("")), "every request is a stream: %v", c.requests.sent)
}

func TestObjectsAreListedByPagesWithoutWatchList(t *testing.T) {
	c := newCluster(t)
	for i := range pageSize + 10 {
		c.create(things, fmt.Sprintf("thing-%d", i), `spec: {revision: main}`)
	}
	c.requests.answer = func(r *http.Request) *http.Response {
		if r.URL.Query().Get("sendInitialEvents") != "" {
			return refusal(r, http.StatusUnprocessableEntity, metav1.StatusReasonInvalid)
		}
		return nil
	}
	e := c.exporter(Options{}, things)
	eventually(t, c.ready(e)).Should(HaveLen(pageSize + 10))
	NewWithT(t).Expect(c.requests.of("limit=500", "continue=")).To(Equal(1))
	NewWithT(t).Expect(c.requests.of("limit=500")).To(Equal(2))
	c.create(things, "later", `{}`)
	eventually(t, c.ready(e)).Should(HaveKey("later"))
	NewWithT(t).Expect(e.Health()).To(Equal(Health{Listed: true, Serving: true}))
	NewWithT(t).Expect(c.changes.Load()).To(BeEquivalentTo(1), "that it serves is the only change")
}

func TestTheAPIServerAppliesTheSelector(t *testing.T) {
	c := newCluster(t)
	selector, err := labels.Parse("monitored=yes")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	e := c.exporter(Options{Selector: selector}, things)
	c.create(things, "other", `{}`)
	o := c.create(things, "selected", `metadata: {labels: {monitored: "yes"}}`)
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"selected": "Unknown"}))
	o.SetLabels(nil)
	NewWithT(t).Expect(c.Update(t.Context(), o)).To(Succeed())
	eventually(t, c.ready(e)).Should(BeEmpty())
}

func TestNothingIsExportedUntilAllKindsAreListed(t *testing.T) {
	c := newCluster(t)
	c.create(things, "thing", `{}`)
	release := make(chan struct{})
	once := sync.OnceFunc(func() { close(release) })
	defer once()
	c.requests.answer = func(r *http.Request) *http.Response {
		if strings.Contains(r.URL.Path, "gitrepositories") {
			<-release
		}
		return nil
	}
	e := c.exporter(Options{}, things, served("GitRepository", "v1"))
	eventually(t, func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.followers[kindIDOf(things)].store.synced.Load()
	}).Should(BeTrue())
	NewWithT(t).Expect(e.text(false)).To(BeEmpty())
	NewWithT(t).Expect(e.Health()).To(Equal(Health{}))
	once()
	eventually(t, e.Health).Should(Equal(Health{Listed: true, Serving: true}))
	text := e.text(false)
	NewWithT(t).Expect(samples(text, flux.StateInfo)).NotTo(BeEmpty())
	NewWithT(t).Expect(samples(text, flux.StateCount)).To(HaveLen(2))
}

func TestAForbiddenKindIsReportedAndBlocksNoOther(t *testing.T) {
	c := newCluster(t)
	g := NewWithT(t)
	c.create(things, "thing", `{}`)
	c.grant("half", "test.fluxcd.io", "things")
	c.user = "half"
	e := c.exporter(Options{}, things, kustomizations)
	eventually(t, e.Health).Should(Equal(Health{Listed: true, Serving: true, Failing: []KindFault{{Kind: "Kustomization", Reason: "Forbidden"}}}))
	eventually(t, c.ready(e)).Should(HaveKey("thing"))
	text := e.text(false)
	g.Expect(samples(text, flux.StateCount)).To(HaveLen(1))
	g.Expect(samples(text, flux.StateUnreadable)).To(Equal([]string{
		`gotk_resources_unreadable{customresource_group="kustomize.toolkit.fluxcd.io",customresource_kind="Kustomization",customresource_version="v1"} 1`,
	}))
	g.Expect(c.changes.Load()).To(BeNumerically(">", 0))

	c.create(kustomizations, "apps", kustomization)
	c.grant("half", "kustomize.toolkit.fluxcd.io", "kustomizations")
	eventually(t, e.Health).Should(HaveField("Failing", BeEmpty()))
	eventually(t, c.ready(e)).Should(And(HaveKey("thing"), HaveKey("apps")))
	g.Expect(samples(e.text(false), flux.StateUnreadable)).To(BeEmpty())
}

// grant lets a user read a kind.
func (c *testCluster) grant(user, group, resource string) {
	c.t.Helper()
	name := user + "-" + resource
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{group}, Resources: []string{resource}, Verbs: []string{"list", "watch"},
	}}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}},
	}
	NewWithT(c.t).Expect(c.Create(c.t.Context(), role)).To(Succeed())
	NewWithT(c.t).Expect(c.Create(c.t.Context(), binding)).To(Succeed())
}

func TestLegacyMetricsToggleWithoutAGap(t *testing.T) {
	c := newCluster(t)
	g := NewWithT(t)
	c.create(things, "thing", `{spec: {suspend: true}, status: {conditions: [{type: Ready, status: "False"}]}}`)
	e := c.exporter(Options{}, things)
	eventually(t, c.ready(e)).Should(HaveKey("thing"))
	for _, step := range []struct {
		legacy NamespaceSet
		types  int
	}{{NamespaceSet{All: true}, 1}, {NamespaceSet{}, 0}, {NamespaceSet{Names: []string{"other"}}, 0}, {NamespaceSet{Names: []string{c.namespace}}, 1}} {
		e.Follow(t.Context(), Desired{Kinds: []flux.ServedKind{things}, LegacyMetrics: step.legacy})
		g.Expect(c.ready(e)()).To(HaveKey("thing"))
		g.Expect(c.exported(e, flux.StateCondition, "type")()).To(HaveLen(step.types))
	}
	g.Expect(c.requests.of("sendInitialEvents")).To(Equal(1), "nothing is listed again: %v", c.requests.sent)
	g.Expect(samples(e.text(false), flux.StateSuspended)).To(ContainElement(
		fmt.Sprintf(`gotk_suspend_status{kind="Thing",namespace=%q,name="thing"} 1`, c.namespace)))
	g.Expect(samples(e.text(false), flux.StateCondition)).To(ContainElements(
		fmt.Sprintf(`gotk_reconcile_condition{kind="Thing",namespace=%q,name="thing",type="Ready",status="False"} 1`, c.namespace),
		fmt.Sprintf(`gotk_reconcile_condition{kind="Thing",namespace=%q,name="thing",type="Ready",status="True"} 0`, c.namespace)))
}

func TestAChangeOfVersionLeavesNoGap(t *testing.T) {
	c := newCluster(t)
	g := NewWithT(t)
	c.create(things, "thing", `status: {conditions: [{type: Ready, status: "False", lastTransitionTime: "2026-08-01T10:00:00Z"}]}`)
	e := c.exporter(Options{})
	beta := things
	beta.Version = "v1beta1"
	for _, kind := range []flux.ServedKind{beta, things, beta} {
		follow(t, e, kind)
		version := c.exported(e, flux.StateInfo, "customresource_version")
		eventually(t, func() map[string]string {
			exported := version()
			if kind.Version == "v1" || len(exported) > 0 {
				g.Expect(exported).To(HaveKey("thing"))
			}
			return exported
		}).Should(Equal(map[string]string{"thing": kind.Version}))
	}
	// Back and forth before either is listed.
	follow(t, e, things)
	follow(t, e, beta)
	follow(t, e, things)
	eventually(t, c.exported(e, flux.StateInfo, "customresource_version")).Should(Equal(map[string]string{"thing": "v1"}))
	g.Expect(samples(e.text(false), flux.StateCount)).To(HaveLen(1))
	g.Expect(e.limiter.used).To(Equal(3))
}

func TestTheLimitOmitsObjectsAndReportsIt(t *testing.T) {
	c := newCluster(t)
	e := c.exporter(Options{MaxSeries: 7}, things)
	eventually(t, e.Health).Should(Equal(Health{Listed: true, Serving: true}))
	is := func(ready string) string {
		return fmt.Sprintf(`status: {conditions: [{type: Ready, status: %q}]}`, ready)
	}
	c.create(things, "b", is("True"))
	c.create(things, "c", is("False"))
	a := c.create(things, "a", is("True"))
	eventually(t, e.Health).Should(Equal(Health{Listed: true, Serving: true, Limited: true, Omitting: []string{c.namespace}}))
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"a": "True", "b": "True"}), "the first by name, whichever came first")
	NewWithT(t).Expect(samples(e.text(false), flux.StateOmittedBy)).To(ConsistOf(
		fmt.Sprintf(`gotk_namespace_resources_omitted{exported_namespace=%q} 1`, c.namespace)))
	eventually(t, c.changes.Load).Should(BeNumerically(">=", 2))
	NewWithT(t).Expect(c.Delete(t.Context(), a)).To(Succeed())
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"b": "True", "c": "False"}), "the text of an omitted object is read again")
	eventually(t, e.Health).Should(Equal(Health{Listed: true, Serving: true}))
}

func TestRereadingIsRetriedUntilTheServerAnswers(t *testing.T) {
	c := newCluster(t)
	var refusals atomic.Int32
	c.requests.answer = func(r *http.Request) *http.Response {
		if r.URL.Query().Get("fieldSelector") != "" && refusals.Add(1) <= 2 {
			return refusal(r, http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable)
		}
		return nil
	}
	e := c.exporter(Options{MaxSeries: 4}, things)
	eventually(t, e.Health).Should(Equal(Health{Listed: true, Serving: true}))
	a := c.create(things, "a", `{}`)
	c.create(things, "b", `{}`)
	eventually(t, e.Health).Should(HaveField("Limited", true))
	NewWithT(t).Expect(c.Delete(t.Context(), a)).To(Succeed())
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"b": "Unknown"}))
	eventually(t, e.Health).Should(Equal(Health{Listed: true, Serving: true}))
	NewWithT(t).Expect(c.requests.of("fieldSelector=metadata.name%3Db", "/namespaces/"+c.namespace+"/things")).To(Equal(3))
}

func TestFollowingEndsWithItsContextAndCanRestart(t *testing.T) {
	c := newCluster(t)
	g := NewWithT(t)
	c.create(things, "thing", `{}`)
	e := c.exporter(Options{})
	kinds := Desired{Kinds: []flux.ServedKind{things}}
	for range 2 {
		leading, resign := context.WithCancel(t.Context())
		e.Follow(leading, kinds)
		eventually(t, c.ready(e)).Should(HaveKey("thing"))
		before := c.requests.of("")
		e.Follow(leading, kinds)
		g.Expect(c.requests.of("")).To(Equal(before), "to follow the same again does nothing")
		resign()
		eventually(t, e.Health).Should(Equal(Health{}))
		g.Expect(e.text(false)).To(BeEmpty())
		e.Follow(leading, kinds)
		g.Expect(e.Health()).To(Equal(Health{}))
		g.Expect(e.limiter.used).To(BeZero())
	}
}

func TestAnUndesiredKindIsNoLongerExported(t *testing.T) {
	c := newCluster(t)
	c.create(things, "thing", `{}`)
	c.create(kustomizations, "apps", kustomization)
	e := c.exporter(Options{}, things, kustomizations)
	eventually(t, c.ready(e)).Should(HaveLen(2))
	follow(t, e, kustomizations)
	NewWithT(t).Expect(c.ready(e)()).To(Equal(map[string]string{"apps": "Unknown"}))
	follow(t, e, things, kustomizations)
	eventually(t, c.ready(e)).Should(HaveLen(2))
}

func TestAKindThatIsNoLongerServedIsReported(t *testing.T) {
	c := ownCluster(t)
	g := NewWithT(t)
	c.create(things, "thing", `{}`)
	e := c.exporter(Options{}, things, kustomizations)
	eventually(t, c.ready(e)).Should(HaveKey("thing"))
	before := c.changes.Load()
	crd := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": "things.test.fluxcd.io"},
	}}
	g.Expect(c.Delete(t.Context(), crd)).To(Succeed())
	eventually(t, c.ready(e)).Should(BeEmpty())
	eventually(t, e.Health).Should(Equal(Health{Listed: true, Serving: true, Failing: []KindFault{{Kind: "Thing", Reason: "NotFound"}}}))
	eventually(t, c.changes.Load).Should(BeNumerically(">", before))
	follow(t, e, kustomizations)
	g.Expect(e.Health()).To(Equal(Health{Listed: true, Serving: true}))
}

func TestABrokenWatchLosesNoObject(t *testing.T) {
	c := ownCluster(t)
	g := NewWithT(t)
	o := c.create(kustomizations, "apps", kustomization)
	c.create(kustomizations, "infra", kustomization)
	e := c.exporter(Options{}, kustomizations)
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"apps": "Unknown", "infra": "Unknown"}))
	g.Expect(c.plane.RestartAPIServer(t.Context())).To(Succeed())
	g.Expect(c.ready(e)()).To(Equal(map[string]string{"apps": "Unknown", "infra": "Unknown"}))
	eventually(t, func() error {
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
			return err
		}
		o.Object["status"] = isReady("False")
		return c.Status().Update(t.Context(), o)
	}).Should(Succeed())
	eventually(t, c.ready(e)).Should(Equal(map[string]string{"apps": "False", "infra": "Unknown"}))
	eventually(t, e.Health).Should(And(HaveField("Serving", true), HaveField("Failing", BeEmpty())))
}

func TestADeeplyNestedObjectIsExportedAndReported(t *testing.T) {
	g := NewWithT(t)
	c := newCluster(t)
	releases := served("HelmRelease", "v2")
	const plain = "spec: {interval: 10m, chartRef: {kind: OCIRepository, name: a}}"
	deep := func(name string) {
		c.create(releases, name, `{"spec":{"interval":"10m","chartRef":{"kind":"OCIRepository","name":"a"},"values":{"a":`+
			strings.Repeat("[", 9997)+strings.Repeat("]", 9997)+`}}}`)
	}
	c.create(releases, "a", plain)
	watched := c.exporter(Options{}, releases)
	eventually(t, c.ready(watched)).Should(Equal(map[string]string{"a": "Unknown"}))
	deep("deep")
	c.create(releases, "z", plain)
	all := map[string]string{"a": "Unknown", "deep": "Unknown", "z": "Unknown"}
	eventually(t, c.ready(watched)).Should(Equal(all), "the watch has not ended")

	listed := c.exporter(Options{}, releases)
	eventually(t, c.ready(listed)).Should(Equal(all))
	exporters := []*Exporter{watched, listed}
	for _, e := range exporters {
		g.Expect(samples(e.text(false), flux.StateTooDeep)).To(Equal([]string{
			`gotk_resources_too_deep{customresource_group="helm.toolkit.fluxcd.io",customresource_kind="HelmRelease",customresource_version="v2"} 1`,
		}))
		g.Expect(e.Health()).To(And(HaveField("TooDeep", []string{"HelmRelease " + c.namespace + "/deep"}), HaveField("Failing", BeEmpty())))
		g.Expect(samples(e.text(false), flux.StateUnreadable)).To(BeEmpty())
	}
	deep("deeper")
	c.create(releases, "zz", plain)
	all["deeper"], all["zz"] = "Unknown", "Unknown"
	for _, e := range exporters {
		eventually(t, c.ready(e)).Should(Equal(all))
		g.Expect(e.Health().TooDeep).To(Equal([]string{"HelmRelease " + c.namespace + "/deep", "HelmRelease " + c.namespace + "/deeper"}))
	}
}
