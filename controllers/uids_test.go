package controllers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// ownSuffix ends the uids of the dashboards of a FluxMonitoring that is not the first.
func ownSuffix(namespace, name string) string {
	digest := sha256.Sum256([]byte(namespace + "/" + name))
	return "-" + hex.EncodeToString(digest[:6])
}

// keyed has the key under which the place's FluxMonitoring stores its dashboard, which on the shared cluster is not the first's.
func (p *place) keyed(text string) string {
	if p.testCluster != shared {
		return text
	}
	return strings.ReplaceAll(text, "flux-cluster.json", "flux-cluster"+ownSuffix(p.namespace, "flux")+".json")
}

// uids are those of the dashboards in a place, each with its title, as Grafana's sidecar writes them into one folder: by key.
func (p *place) uids() map[string]string {
	p.t.Helper()
	found := map[string]string{}
	for _, name := range p.generated() {
		name, is := strings.CutPrefix(name, "ConfigMap/")
		if !is {
			continue
		}
		data, _, err := unstructured.NestedStringMap(p.get("ConfigMap", name).Object, "data")
		p.must(err)
		for key, text := range data {
			var d struct{ UID, Title string }
			p.must(json.Unmarshal([]byte(text), &d))
			NewWithT(p.t).Expect(key).To(Equal(d.UID + ".json"))
			found[d.UID] = d.Title
		}
	}
	return found
}

// the uids and titles of the dashboards of who has the plain ones.
var plainUIDs = map[string]string{
	"flux-cluster": "Flux Cluster Stats", "flux-control-plane": "Flux Control Plane", "flux-resource": "Flux Resource",
	"fluxmonitoring": "Flux Monitoring",
}

// apart are the plain ones, each with what tells them apart.
func apart(namespace string) map[string]string {
	own := map[string]string{}
	for uid, title := range plainUIDs {
		own[uid+ownSuffix(namespace, "flux")] = title + " (" + namespace + "/flux)"
	}
	return own
}

func TestDashboardsOfTwoDoNotReplaceEachOtherInGrafana(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	c.operator(t)
	first, second := c.in(t).withFlux(), c.in(t).withFlux()
	one := first.settled(first.create(), ready)
	two := second.settled(second.create(), ready)

	g.Expect(first.uids()).To(Equal(plainUIDs))
	g.Expect(second.uids()).To(Equal(apart(second.namespace)))
	g.Expect(one.Status.Dashboards).To(Equal(&v1alpha1.DashboardsStatus{}))
	g.Expect(two.Status.Dashboards).To(Equal(&v1alpha1.DashboardsStatus{UIDSuffix: ownSuffix(second.namespace, "flux")}))

	// Whoever has a bookmark finds what it led to, and the plain uids go to who comes next.
	first.must(first.Delete(t.Context(), one))
	third := c.in(t).withFlux()
	third.settled(third.create(), ready)
	g.Expect(third.uids()).To(Equal(plainUIDs))
	g.Expect(second.uids()).To(Equal(apart(second.namespace)))
	fourth := c.in(t).withFlux()
	fourth.settled(fourth.create(), ready)
	g.Expect(fourth.uids()).To(Equal(apart(fourth.namespace)))
}

func TestThePlainUIDsAreFreeOnceDashboardsAreDisabled(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	c.operator(t)
	first, second := c.in(t).withFlux(), c.in(t).withFlux()
	one := first.settled(first.create(), ready)
	two := second.settled(second.create(), ready)

	first.change(one, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Enabled = off() })
	first.settled(one, ready)
	g.Expect(one.Status.Dashboards).To(BeNil())
	second.change(two, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Enabled = off() })
	second.settled(two, ready)
	second.change(two, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Enabled = nil })
	second.settled(two, ready)
	g.Expect(second.uids()).To(Equal(plainUIDs))
}

// Two that were created in one second may each have been looked at before the other was seen.
func TestOfTwoWithThePlainUIDsOneGivesWayWithoutBeingAsked(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	c.operator(t)
	first, second := c.in(t).withFlux(), c.in(t).withFlux()
	one := first.settled(first.create(), ready)
	two := second.settled(second.create(), ready)

	two.Status.Dashboards = &v1alpha1.DashboardsStatus{}
	second.must(second.Status().Update(t.Context(), two))
	older, younger := first, second
	if one.CreationTimestamp.Equal(&two.CreationTimestamp) && second.namespace < first.namespace {
		older, younger = second, first // within a second the namespace decides
	}
	g.Eventually(func() bool {
		first.settled(one, ready)
		second.settled(two, ready)
		return one.HasPlainUIDs() != two.HasPlainUIDs()
	}, soon, often).Should(BeTrue(), "one of the two has them")
	g.Eventually(older.uids, soon, often).Should(Equal(plainUIDs))
	g.Eventually(younger.uids, soon, often).Should(Equal(apart(younger.namespace)))
}
