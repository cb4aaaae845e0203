package controllers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// lent is a cluster that vacantCluster lends, and what was defined in it at first: starting one takes longer than most tests.
type lent struct {
	*testCluster
	crds  []string // files and folders
	first map[string]string
	used  bool // a test has borrowed it
	stop  func()
}

// lending is how many clusters are lent at a time. Their tests wait more than they compute.
const lending = 5

// vacant holds the clusters that no test has borrowed; nil is one that is not started yet.
var vacant = func() chan *lent {
	all := make(chan *lent, lending)
	for range lending {
		all <- nil
	}
	return all
}()

// stopVacant ends the clusters that were lent.
func stopVacant() {
	for range lending {
		if l := <-vacant; l != nil {
			l.stop()
		}
	}
}

// startVacant starts one.
func startVacant() (*lent, error) {
	c, stop, err := start(context.Background(), cluster.WithAuditLog())
	if err != nil {
		return nil, err
	}
	_, monitoring, err := cluster.CRDs(context.Background())
	if err != nil {
		return nil, err
	}
	first, err := c.defined(context.Background())
	return &lent{testCluster: c, crds: []string{"../config/crd", monitoring}, first: first, stop: stop}, err
}

// vacantCluster lends a test a cluster without an operator, with prometheus-operator's CRDs and an audit log, and runs it beside others. The
// cluster is lent to one test at a time, and is put in order before the next: no FluxMonitoring, and the CRDs of the beginning.
func vacantCluster(t *testing.T) *testCluster {
	t.Helper()
	t.Parallel()
	l := <-vacant
	if l == nil {
		var err error
		if l, err = startVacant(); err != nil {
			vacant <- nil
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { vacant <- l }) // after the operators have ended, which are started later
	if l.used {
		l.putInOrder(t)
	}
	l.used = true
	// Its own client, for a client remembers which kinds it has found.
	c, err := clientOf(l.plane)
	rig.Must(t, err)
	return &testCluster{Client: c, plane: l.plane, auditLog: l.auditLog}
}

// putInOrder undoes what a test has left.
func (l *lent) putInOrder(t *testing.T) {
	t.Helper()
	l.deleteFluxMonitorings(t)
	now, err := l.defined(context.Background())
	rig.Must(t, err)
	var others []string
	for name, is := range now {
		if l.first[name] != is {
			others = append(others, name)
			delete(now, name)
		}
	}
	l.undefine(t, others)
	if len(now) < len(l.first) {
		l.installCRDs(t, l.crds...)
		l.first, err = l.defined(context.Background())
		rig.Must(t, err)
	}
}

// deleteFluxMonitorings deletes those there are; none where a test has removed their definition.
func (c *testCluster) deleteFluxMonitorings(t *testing.T, of ...client.ListOption) {
	t.Helper()
	all := &v1alpha1.FluxMonitoringList{}
	rig.Must(t, client.IgnoreNotFound(c.List(context.Background(), all, of...)))
	for i := range all.Items {
		rig.Must(t, client.IgnoreNotFound(c.Delete(context.Background(), &all.Items[i])))
	}
}

// installCRDs installs the definitions in these files and folders, and waits until they are served.
func (c *testCluster) installCRDs(t *testing.T, paths ...string) {
	t.Helper()
	_, err := envtest.InstallCRDs(c.plane.Config, envtest.CRDInstallOptions{Paths: paths, MaxTime: soon})
	rig.Must(t, err)
}

// defined are the CRDs by name, each with what identifies its spec. One that is being deleted has none.
func (c *testCluster) defined(ctx context.Context) (map[string]string, error) {
	all := &metav1.PartialObjectMetadataList{}
	all.SetGroupVersionKind(kinds.CustomResourceDefinition)
	if err := c.List(ctx, all); err != nil {
		return nil, err
	}
	is := map[string]string{}
	for _, crd := range all.Items {
		is[crd.Name] = ""
		if crd.DeletionTimestamp == nil {
			is[crd.Name] = fmt.Sprintf("%s %d", crd.UID, crd.Generation)
		}
	}
	return is, nil
}

// undefine removes CRDs, and waits until the API server no longer lists what they define: an operator that starts would take it
// for served, and no event would correct it.
func (c *testCluster) undefine(t *testing.T, names []string) {
	t.Helper()
	g := NewWithT(t)
	asked, err := discovery.NewDiscoveryClientForConfig(c.plane.Config)
	g.Expect(err).NotTo(HaveOccurred())
	left := map[string][]string{} // the names of resources by group version
	for _, name := range names {
		crd := &unstructured.Unstructured{}
		crd.SetGroupVersionKind(kinds.CustomResourceDefinition)
		g.Expect(c.Get(context.Background(), client.ObjectKey{Name: name}, crd)).To(Succeed())
		resource, group, _ := strings.Cut(name, ".")
		for _, version := range versionsOf(t, crd) {
			left[group+"/"+version] = append(left[group+"/"+version], resource)
		}
	}
	g.Expect(cluster.RemoveCRDs(context.Background(), c.Client, names...)).To(Succeed())
	for groupVersion, resources := range left {
		rig.Eventually(t, func() ([]string, error) { return listed(asked, groupVersion) }).ShouldNot(
			ContainElement(BeElementOf(resources)), groupVersion)
	}
}

// listed are the names of the resources that the API server lists for a group version; none where it does not serve it.
func listed(asked discovery.DiscoveryInterface, groupVersion string) ([]string, error) {
	all, err := asked.ServerResourcesForGroupVersion(groupVersion)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, resource := range all.APIResources {
		names = append(names, resource.Name)
	}
	return names, nil
}
