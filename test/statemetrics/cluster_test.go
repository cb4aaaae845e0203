package statemetrics

import (
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/statemetrics"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// shared has the kinds of Flux and of the operator, and the objects of testdata, which are all that kube-state-metrics may find.
var shared = cluster.Share(cluster.WithCRDs(cluster.OperatorCRDs, cluster.FluxCRDs))

var must = rig.Must

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// connect starts the cluster, and creates the objects of testdata with their status, as a controller would.
func connect(t *testing.T) (client.Client, *rest.Config) {
	t.Helper()
	plane, err := shared.Plane()
	must(t, err)
	server, err := client.New(plane.Config, client.Options{})
	must(t, err)
	for _, o := range testdata(t) {
		status, has := o.Object["status"]
		must(t, server.Create(t.Context(), o))
		if has {
			o.Object["status"] = status
			must(t, server.Status().Update(t.Context(), o))
		}
	}
	return server, plane.Config
}

func testdata(t *testing.T) []*unstructured.Unstructured {
	return rig.Objects(t, rig.Read(t, "testdata/objects.yaml"))
}

// served are the kinds the API server has, in the version it prefers.
func served(t *testing.T, server client.Client) []flux.ServedKind {
	var kinds []flux.ServedKind
	for _, k := range flux.Kinds() {
		mapping, err := server.RESTMapper().RESTMapping(schema.GroupKind{Group: k.Group, Kind: k.Name})
		if apimeta.IsNoMatchError(err) {
			continue
		}
		must(t, err)
		kinds = append(kinds, flux.ServedKind{Kind: k, Version: mapping.GroupVersionKind.Version})
	}
	return kinds
}

// account is the token of a ServiceAccount that may read what most of kube-state-metrics exports and, by the generated
// role, objects of Flux.
func account(t *testing.T, server client.Client, config *rest.Config, kinds []flux.ServedKind) string {
	t.Helper()
	data, err := statemetrics.Data(kinds, true, "flux-kube-state-metrics")
	must(t, err)
	role := &rbacv1.ClusterRole{}
	must(t, yaml.UnmarshalStrict([]byte(data[statemetrics.KeyClusterRole]), role))
	who := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kube-state-metrics"}}
	must(t, server.Create(t.Context(), role))
	must(t, server.Create(t.Context(), who))
	for _, name := range []string{role.Name, "system:aggregate-to-view"} {
		must(t, server.Create(t.Context(), &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "kube-state-metrics-"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
			Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: who.Namespace, Name: who.Name}},
		}))
	}
	return rig.As(t, server, config, who.Namespace, who.Name).BearerToken
}
