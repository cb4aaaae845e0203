//go:build e2e

package e2e_test

import (
	"context"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

// hasWhatTestsNeed says what a cluster that was given lacks, all of it at once.
func (c *testCluster) hasWhatTestsNeed(ctx context.Context) error {
	var lacks []error
	for _, d := range []client.ObjectKey{
		{Namespace: stack.FluxNamespace, Name: "source-controller"},
		{Namespace: stack.FluxNamespace, Name: "kustomize-controller"},
		{Namespace: stack.FluxNamespace, Name: "helm-controller"},
	} {
		if err := c.Get(ctx, d, &appsv1.Deployment{}); err != nil {
			lacks = append(lacks, fmt.Errorf("the Deployment of Flux's %s in %s: %w", d.Name, d.Namespace, err))
		}
	}
	for _, kind := range keys(reconciled) {
		lacks = append(lacks, c.hasObjects(ctx, reconciled[kind], kind))
	}
	hello := &unstructured.Unstructured{}
	hello.SetAPIVersion("source.toolkit.fluxcd.io/v1")
	hello.SetKind("OCIRepository")
	if err := c.Get(ctx, client.ObjectKey{Namespace: "apps", Name: "hello"}, hello); err != nil {
		lacks = append(lacks, fmt.Errorf("the OCIRepository apps/hello of test/cluster/stack/manifests/apps.yaml: %w", err))
	}
	if _, err := c.prometheus.query(ctx, "vector(1)"); err != nil {
		lacks = append(lacks, fmt.Errorf("a Prometheus in the namespace %s that prometheus-operator runs: %w", stack.MonitoringNamespace, err))
	}
	if _, err := c.alertmanagerStatus(ctx); err != nil {
		lacks = append(lacks, fmt.Errorf("an Alertmanager in the namespace %s that prometheus-operator runs: %w", stack.MonitoringNamespace, err))
	}
	if _, err := c.notifications(ctx, everyone); err != nil {
		lacks = append(lacks, fmt.Errorf("the receiver of webhooks of test/cluster/stack/manifests/origin.yaml: %w", err))
	}
	return errors.Join(lacks...)
}

// hasObjects says that there is no object of a kind.
func (c *testCluster) hasObjects(ctx context.Context, apiVersion, kind string) error {
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(apiVersion)
	list.SetKind(kind + "List")
	if err := c.List(ctx, list); err != nil {
		return fmt.Errorf("objects of kind %s: %w", kind, err)
	}
	if len(list.Items) == 0 {
		return fmt.Errorf("an object of kind %s", kind)
	}
	return nil
}
