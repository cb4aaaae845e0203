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
func ownSuffix(namespace string) string {
	digest := sha256.Sum256([]byte(namespace + "/flux"))
	return "-" + hex.EncodeToString(digest[:6])
}

// keyed has the key under which the place's FluxMonitoring stores its dashboard, which on the shared cluster is not the first's.
func (p *place) keyed(text string) string {
	if p.testCluster != shared {
		return text
	}
	return strings.ReplaceAll(text, "flux-cluster.json", "flux-cluster"+ownSuffix(p.namespace)+".json")
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
			p.Expect(key).To(Equal(d.UID + ".json"))
			found[d.UID] = d.Title
		}
	}
	return found
}

// plainUIDs are the uids of the dashboards of the first FluxMonitoring, with their titles.
var plainUIDs = map[string]string{
	"flux-cluster": "Flux Cluster Stats", "flux-control-plane": "Flux Control Plane", "flux-resource": "Flux Resource",
	"fluxmonitoring": "Flux Monitoring",
}

// apart are the uids and titles of the dashboards of a FluxMonitoring that is not the first.
func apart(namespace string) map[string]string {
	own := map[string]string{}
	for uid, title := range plainUIDs {
		own[uid+ownSuffix(namespace)] = title + " (" + namespace + "/flux)"
	}
	return own
}

// twoPlaces are two on one cluster, each with its FluxMonitoring; the first has the plain uids.
func twoPlaces(t *testing.T) (first, second *place, one, two *v1alpha1.FluxMonitoring) {
	t.Helper()
	first = inOwnCluster(t).withFlux()
	second = first.in(t).withFlux()
	return first, second, first.settled(first.create(), ready), second.settled(second.create(), ready)
}

func enableDashboards(enabled bool) func(*v1alpha1.FluxMonitoring) {
	return func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Enabled = &enabled }
}

func TestDashboardsOfTwoFluxMonitoringsDifferInTheirUIDs(t *testing.T) {
	first, second, one, two := twoPlaces(t)
	first.Expect(first.uids()).To(Equal(plainUIDs))
	first.Expect(second.uids()).To(Equal(apart(second.namespace)))
	first.Expect(one.Status.Dashboards).To(Equal(&v1alpha1.DashboardsStatus{}))
	first.Expect(two.Status.Dashboards).To(Equal(&v1alpha1.DashboardsStatus{UIDSuffix: ownSuffix(second.namespace)}))

	// A bookmark stays valid, and the next FluxMonitoring has the plain uids.
	first.must(first.Delete(t.Context(), one))
	third := first.in(t).withFlux()
	third.settled(third.create(), ready)
	first.Expect(third.uids()).To(Equal(plainUIDs))
	first.Expect(second.uids()).To(Equal(apart(second.namespace)))
	fourth := first.in(t).withFlux()
	fourth.settled(fourth.create(), ready)
	first.Expect(fourth.uids()).To(Equal(apart(fourth.namespace)))
}

func TestThePlainUIDsAreFreeOnceDashboardsAreDisabled(t *testing.T) {
	first, second, one, two := twoPlaces(t)
	first.change(one, enableDashboards(false))
	first.settled(one, ready)
	first.Expect(one.Status.Dashboards).To(BeNil())
	for _, enabled := range []bool{false, true} {
		second.change(two, enableDashboards(enabled))
		second.settled(two, ready)
	}
	first.Expect(second.uids()).To(Equal(plainUIDs))
}

// Of two that were created in one second, each may have been reconciled before the cache had the other.
func TestOfTwoWithThePlainUIDsTheYoungerChangesToOthers(t *testing.T) {
	first, second, one, two := twoPlaces(t)
	two.Status.Dashboards = &v1alpha1.DashboardsStatus{}
	second.must(second.Status().Update(t.Context(), two))
	older, younger := first, second
	if one.CreationTimestamp.Equal(&two.CreationTimestamp) && second.namespace < first.namespace {
		older, younger = second, first // within a second the namespace decides
	}
	first.eventually("one of the two has them", func() bool {
		return first.settled(one, ready).HasPlainUIDs() != second.settled(two, ready).HasPlainUIDs()
	})
	first.Eventually(older.uids).Should(Equal(plainUIDs))
	first.Eventually(younger.uids).Should(Equal(apart(younger.namespace)))
}
