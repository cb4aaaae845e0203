package statemetrics

import (
	"context"
	"fmt"
	"os"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
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

var (
	// shared has the kinds of Flux and of the operator, and the objects of testdata in it, which are all that kube-state-metrics may find.
	shared = cluster.Share(cluster.WithCRDs(cluster.OperatorCRDs, cluster.FluxCRDs))
	server client.Client
	config *rest.Config
)

func TestMain(m *testing.M) {
	os.Exit(shared.Main(m, func(ctx context.Context, plane *cluster.ControlPlane) (err error) {
		config = plane.Config
		if server, err = client.New(config, client.Options{}); err != nil {
			return err
		}
		return create(ctx, "testdata/objects.yaml")
	}))
}

// create creates the objects of a file, and then their status as a controller would.
func create(ctx context.Context, file string) error {
	objects, err := objectsOf(file)
	if err != nil {
		return err
	}
	for _, o := range objects {
		status, has := o.Object["status"]
		if err := server.Create(ctx, o); err != nil {
			return err
		}
		if !has {
			continue
		}
		o.Object["status"] = status
		if err := server.Status().Update(ctx, o); err != nil {
			return fmt.Errorf("the status of %s %s: %w", o.GetKind(), o.GetName(), err)
		}
	}
	return nil
}

func objectsOf(file string) ([]*unstructured.Unstructured, error) {
	stream, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return cluster.Decode(stream)
}

// served are the kinds the API server has, in the version it prefers.
func served(g Gomega) []flux.ServedKind {
	var kinds []flux.ServedKind
	for _, k := range flux.Kinds() {
		mapping, err := server.RESTMapper().RESTMapping(schema.GroupKind{Group: k.Group, Kind: k.Name})
		if apimeta.IsNoMatchError(err) {
			continue
		}
		g.Expect(err).NotTo(HaveOccurred())
		kinds = append(kinds, flux.ServedKind{Kind: k, Version: mapping.GroupVersionKind.Version})
	}
	return kinds
}

// account is the token of a ServiceAccount that may read what most of kube-state-metrics tells of, and by the generated
// role, objects of Flux.
func account(t *testing.T, kinds []flux.ServedKind) string {
	t.Helper()
	g, ctx := NewWithT(t), t.Context()
	data, err := statemetrics.Data(kinds, true, "flux-kube-state-metrics")
	g.Expect(err).NotTo(HaveOccurred())
	role := &rbacv1.ClusterRole{}
	g.Expect(yaml.UnmarshalStrict([]byte(data[statemetrics.KeyClusterRole]), role)).To(Succeed())
	who := &corev1.ServiceAccount{}
	who.Namespace, who.Name = "default", "kube-state-metrics"
	g.Expect(server.Create(ctx, role)).To(Succeed())
	g.Expect(server.Create(ctx, who)).To(Succeed())
	for _, name := range []string{role.Name, "system:aggregate-to-view"} {
		binding := &rbacv1.ClusterRoleBinding{
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: who.Namespace, Name: who.Name}},
		}
		binding.GenerateName = "kube-state-metrics-"
		g.Expect(server.Create(ctx, binding)).To(Succeed())
	}
	return rig.As(t, server, config, who.Namespace, who.Name).BearerToken
}
