package cluster

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Shard returns a shard of one of Flux's controllers as its documentation has users make them: the Deployment, and of a
// controller that has one the Service, under a name, a selector and arguments of the shard's own.
func Shard(ctx context.Context, namespace, component, shard string) ([]*unstructured.Unstructured, error) {
	all, err := Flux(ctx, namespace, component)
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	for _, o := range all {
		if o.GetName() != component {
			continue
		}
		switch o.GetKind() {
		case "Deployment":
			err = shardDeployment(o, component, shard)
		case "Service":
			err = unstructured.SetNestedField(o.Object, component+"-"+shard, "spec", "selector", "app")
		default:
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("making shard %s of %s: %w", shard, component, err)
		}
		o.SetName(component + "-" + shard)
		o.SetAnnotations(map[string]string{"sharding.fluxcd.io/role": "shard"})
		objects = append(objects, o)
	}
	return objects, nil
}

func shardDeployment(o *unstructured.Unstructured, component, shard string) error {
	app := component + "-" + shard
	containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
	if err != nil {
		return err
	}
	manager := containers[0].(map[string]any)
	args, _, err := unstructured.NestedStringSlice(manager, "args")
	if err != nil {
		return err
	}
	args = append(args, "--watch-label-selector=sharding.fluxcd.io/key="+shard)
	if component == "source-controller" {
		args = append(args, "--storage-adv-addr="+app+".$(RUNTIME_NAMESPACE).svc.cluster.local.")
	}
	if err := unstructured.SetNestedStringSlice(manager, args, "args"); err != nil {
		return err
	}
	for _, set := range []error{
		unstructured.SetNestedSlice(o.Object, containers, "spec", "template", "spec", "containers"),
		unstructured.SetNestedField(o.Object, app, "spec", "selector", "matchLabels", "app"),
		unstructured.SetNestedField(o.Object, app, "spec", "template", "metadata", "labels", "app"),
	} {
		if set != nil {
			return set
		}
	}
	return nil
}
