//go:build e2e

package e2e_test

import (
	"context"
	"errors"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

// hasWhatTestsNeed returns an error that names everything that the cluster of KUBECONFIG lacks.
func (c *testCluster) hasWhatTestsNeed(ctx context.Context) error {
	_, prometheus := c.prometheus.query(ctx, "vector(1)")
	_, alertmanager := c.alertmanagerStatus(ctx)
	_, receiver := c.notifications(ctx, everyone)
	hello := named(reconciled["OCIRepository"], "OCIRepository", appsNamespace, "hello")
	lacks := map[string]error{
		"the OCIRepository apps/hello of test/cluster/stack/manifests/apps.yaml":    c.Get(ctx, client.ObjectKeyFromObject(hello), hello),
		"a Prometheus in the namespace monitoring that prometheus-operator runs":    prometheus,
		"an Alertmanager in the namespace monitoring that prometheus-operator runs": alertmanager,
		"the receiver of webhooks of test/cluster/stack/manifests/origin.yaml":      receiver,
	}
	for _, app := range []string{"source-controller", "kustomize-controller", "helm-controller"} {
		d := named("apps/v1", "Deployment", stack.FluxNamespace, app)
		lacks["the Deployment of Flux's "+app+" in "+d.GetNamespace()] = c.Get(ctx, client.ObjectKeyFromObject(d), d)
	}
	for kind := range reconciled {
		list := fluxList(kind)
		err := c.List(ctx, list)
		if err == nil && len(list.Items) == 0 {
			err = errors.New("there is none")
		}
		lacks["an object of kind "+kind] = err
	}
	var all []error
	for _, what := range keys(lacks) {
		if lacks[what] != nil {
			all = append(all, fmt.Errorf("%s: %w", what, lacks[what]))
		}
	}
	return errors.Join(all...)
}
