package apply

import (
	"context"
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// server is a real API server: no fake has its managedFields.
var (
	shared = cluster.Common(cluster.MonitoringCRDs)
	server client.Client
	must   = rig.Must
)

func TestMain(m *testing.M) {
	os.Exit(shared.Main(m, func(_ context.Context, plane *cluster.ControlPlane) (err error) {
		server, err = client.New(plane.Config, client.Options{Scheme: scheme.Scheme})
		return err
	}))
}

// place is a namespace of a test's own, with an owner in it.
type place struct {
	t *testing.T
	Owner
	applier Applier
}

func newPlace(t *testing.T) *place {
	t.Helper()
	n := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "apply-"}}
	must(t, server.Create(t.Context(), n))
	return &place{t: t, Owner: Owner{Namespace: n.Name, Name: "flux", UID: "uid-of-flux"}, applier: Applier{Live: server, Writes: &WriteTracker{}}}
}

// desired is an object of the place with a digest.
func (p *place) desired(kind schema.GroupVersionKind, name, content string) *unstructured.Unstructured {
	p.t.Helper()
	o := desired(p.t, kind, name, content)
	o.SetNamespace(p.Namespace)
	must(p.t, mark.SetDigest(o))
	return o
}

// execute carries out the plan for desired objects, and returns the effective changes and the failures.
func (p *place) execute(desired ...*unstructured.Unstructured) (done, failed []string) {
	p.t.Helper()
	var actual []*metav1.PartialObjectMetadata
	for _, kind := range []schema.GroupVersionKind{configMaps, podMonitors, rules} {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
		must(p.t, server.List(p.t.Context(), list, client.InNamespace(p.Namespace), client.MatchingLabels{mark.OwnerLabel: p.Name}))
		for i := range list.Items {
			list.Items[i].SetGroupVersionKind(kind)
			actual = append(actual, &list.Items[i])
		}
	}
	return p.carryOut(Plan(p.Owner, desired, actual))
}

func (p *place) carryOut(changes []Change) (done, failed []string) {
	p.t.Helper()
	effective, failures := p.applier.Execute(p.t.Context(), server, p.Owner, changes)
	for _, c := range effective {
		done = append(done, string(c.Action)+" "+c.Kind.Kind+"/"+c.Name)
	}
	for _, f := range failures {
		failed = append(failed, string(f.Cause)+" "+f.Error())
	}
	return done, failed
}

// metadata reads what a cache would hold of an object; nil where there is none.
func (p *place) metadata(o *unstructured.Unstructured) *metav1.PartialObjectMetadata {
	p.t.Helper()
	read := &metav1.PartialObjectMetadata{}
	read.SetGroupVersionKind(o.GroupVersionKind())
	must(p.t, server.Get(p.t.Context(), client.ObjectKeyFromObject(o), read))
	kept, err := Strip(read)
	must(p.t, err)
	return kept.(*metav1.PartialObjectMetadata)
}

// as makes a person or program of another name write to the cluster.
func as(name string) client.Client { return client.WithFieldOwner(server, name) }
