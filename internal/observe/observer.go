package observe

import (
	"context"
	"fmt"
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// FluxNamespaceIndex is the name of the cache index of FluxMonitorings by the Flux namespace they name.
const FluxNamespaceIndex = "spec.flux.namespace"

// IndexFluxNamespace is the index function of FluxNamespaceIndex.
func IndexFluxNamespace(o client.Object) []string {
	fm, ok := o.(*v1alpha1.FluxMonitoring)
	if !ok {
		return nil
	}
	return []string{fm.Spec.FluxNamespace()}
}

// Readers has a cache for each optional kind; nil while the cluster does not serve it.
type Readers interface {
	Reader(kind schema.GroupVersionKind) client.Reader
	// Fault is why a served kind cannot be read; nil if it can, or is not served.
	Fault(kind schema.GroupVersionKind) error
}

// State is what the StateReconciler knows about Flux's APIs and the exporter.
type State interface {
	// FluxKinds served, in the order of flux.Kinds.
	FluxKinds() []flux.ServedKind
	// Exporter of the state of Flux objects.
	Exporter() facts.Exporter
	// Timings by kind, as in facts.Facts.
	Timings() map[string]flux.ReconcileTimings
}

// Observer reads facts through caches.
type Observer struct {
	// Reader of FluxMonitorings (indexed by FluxNamespaceIndex), Deployments (indexed by GrafanaIndex), and Namespaces as metadata.
	Reader client.Reader
	// Optional kinds' readers.
	Optional Readers
	// Live reads HelmReleases and OCIRepositories of others from the API server, which no cache has; nil if they must not be read.
	Live client.Reader
	// Objects reads bootstrap objects; nil if they must not be read.
	Objects Objects
	// State of the exporter and of Flux's APIs.
	State State
	// MetricsNamespace and MetricsSecure, as in facts.Facts.
	MetricsNamespace string
	MetricsSecure    bool
	// OperatorNamespace is where the operator runs. A FluxMonitoring in it has priority, like one in Flux's
	// namespace.
	OperatorNamespace string
	// Trusted reports whether an administrator trusts, by name, those who create objects in a namespace; nil for no namespace.
	Trusted func(namespace string) bool
	// StackNamespaces are those in which an administrator allows spec.stack with helm-controller's own permissions.
	StackNamespaces []string
	// Shard selects the FluxMonitorings of this operator; nil for all.
	Shard labels.Selector

	uses useCache
}

// Observe reads the facts for one FluxMonitoring.
func (o *Observer) Observe(ctx context.Context, fm *v1alpha1.FluxMonitoring) (facts.Facts, error) {
	found := facts.Facts{
		Served:    map[schema.GroupVersionKind]bool{kinds.ConfigMap: true},
		FluxKinds: o.State.FluxKinds(), Exporter: o.State.Exporter(), Timings: o.State.Timings(),
		MetricsNamespace: o.MetricsNamespace, MetricsSecure: o.MetricsSecure,
		Stack: facts.Stack{Allowed: slices.Contains(o.StackNamespaces, fm.Namespace)},
	}
	o.addServed(&found)
	if err := o.addCollectors(ctx, &found); err != nil {
		return found, err
	}
	namespace := fm.Spec.FluxNamespace()
	if err := found.ConflictUnknown(fm); err != nil {
		return found, err
	}
	deployments, err := o.source(ctx, fm, &found)
	if err != nil {
		return found, err
	}
	found.Flux.Bootstrap = o.bootstrap(ctx, namespace, deployments)
	if _, found.FluxNamespaceExists, err = o.namespace(ctx, namespace); err != nil {
		return found, err
	}
	if found.NamespaceLabels, _, err = o.namespace(ctx, fm.Namespace); err != nil {
		return found, err
	}
	all, err := o.instances(ctx)
	if err != nil {
		return found, err
	}
	found.Prometheuses = facts.Selected(fm, all)
	if found.Alertmanagers, err = o.alertmanagers(ctx); err != nil {
		return found, err
	}
	if err := o.addGrafana(ctx, fm, &found); err != nil {
		return found, err
	}
	if err := o.addStack(ctx, fm, &found); err != nil {
		return found, err
	}
	return found, o.addSiblings(ctx, fm, all, &found)
}

// Source reads only the facts from which follows where the state of objects comes from, without those of State.
func (o *Observer) Source(ctx context.Context, fm *v1alpha1.FluxMonitoring) (found facts.Facts, err error) {
	if fault := o.Optional.Fault(kinds.FluxReport); fault != nil {
		found.AddFault(kinds.FluxReport, fault)
	}
	_, err = o.source(ctx, fm, &found)
	return found, err
}

// source adds the Flux of a FluxMonitoring and who reports on it. It returns the Deployments of its namespace.
func (o *Observer) source(ctx context.Context, fm *v1alpha1.FluxMonitoring, found *facts.Facts) ([]appsv1.Deployment, error) {
	namespace := fm.Spec.FluxNamespace()
	installation, deployments, err := o.installation(ctx, namespace)
	if err != nil {
		return nil, err
	}
	found.Flux = installation
	if found.FluxOperatorNamespace, err = o.reportNamespace(ctx, namespace); err != nil {
		return nil, err
	}
	if found.Faults[kinds.FluxReport] != nil && fm.HasStateFrom(v1alpha1.ResourceMetricsSourceFluxOperator) {
		found.FluxOperatorNamespace = namespace // as it was when it was last seen
	}
	return deployments, nil
}

// addServed adds which kinds are served, and which cannot be read.
func (o *Observer) addServed(found *facts.Facts) {
	for _, kind := range kinds.Optional() {
		found.Served[kind] = o.Optional.Reader(kind) != nil
		if fault := o.Optional.Fault(kind); fault != nil {
			found.AddFault(kind, fault)
		}
	}
}

// addSiblings adds what follows from the other FluxMonitorings.
func (o *Observer) addSiblings(ctx context.Context, fm *v1alpha1.FluxMonitoring, all []selection.Instance, found *facts.Facts) error {
	siblings, err := o.claims(ctx, fm, all)
	if err != nil {
		return err
	}
	found.Claim = claims.Decide(fm.UID, siblings)
	found.DashboardUIDSuffix, err = o.dashboardUIDSuffix(ctx, fm)
	return err
}

// installation returns the Flux of a namespace, without its bootstrap objects, and the Deployments there. A namespace without a Flux has no
// controllers.
func (o *Observer) installation(ctx context.Context, namespace string) (flux.Installation, []appsv1.Deployment, error) {
	var deployments appsv1.DeploymentList
	if err := o.Reader.List(ctx, &deployments, client.InNamespace(namespace)); err != nil {
		return flux.Installation{}, nil, fmt.Errorf("listing Deployments of namespace %s: %w", namespace, err)
	}
	return InstallationOf(namespace, deployments.Items), deployments.Items, nil
}

// reportNamespace returns the namespace if flux-operator reports on the Flux in it, else nothing. flux-operator
// reports only on its own namespace.
func (o *Observer) reportNamespace(ctx context.Context, namespace string) (string, error) {
	reader := o.Optional.Reader(kinds.FluxReport)
	if reader == nil {
		return "", nil
	}
	reports := kinds.MetadataList(kinds.FluxReport)
	if err := reader.List(ctx, reports, client.InNamespace(namespace)); err != nil {
		return "", fmt.Errorf("listing %s objects of namespace %s: %w", kinds.FluxReport.Kind, namespace, err)
	}
	if len(reports.Items) == 0 {
		return "", nil
	}
	return namespace, nil
}

// namespace returns a namespace's labels, and whether it exists.
func (o *Observer) namespace(ctx context.Context, name string) (map[string]string, bool, error) {
	object := kinds.Metadata(kinds.Namespace)
	err := o.Reader.Get(ctx, client.ObjectKey{Name: name}, object)
	if apierrors.IsNotFound(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading namespace %s: %w", name, err)
	}
	return object.Labels, true, nil
}

// Terminating reports whether a namespace is being deleted.
func (o *Observer) Terminating(ctx context.Context, name string) (bool, error) {
	object := kinds.Metadata(kinds.Namespace)
	if err := o.Reader.Get(ctx, client.ObjectKey{Name: name}, object); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return object.DeletionTimestamp != nil, nil
}

// HasInstances reports whether a namespace has a Prometheus or a PrometheusAgent.
func (o *Observer) HasInstances(ctx context.Context, namespace string) (bool, error) {
	found, err := o.instances(ctx, client.InNamespace(namespace))
	return len(found) > 0, err
}

// instances returns the Prometheus and PrometheusAgent objects, sorted, with the labels of their namespaces.
func (o *Observer) instances(ctx context.Context, options ...client.ListOption) ([]selection.Instance, error) {
	var found []selection.Instance
	lists := map[schema.GroupVersionKind]client.ObjectList{
		kinds.Prometheus:      &monitoringv1.PrometheusList{},
		kinds.PrometheusAgent: &monitoringv1alpha1.PrometheusAgentList{},
	}
	for kind, list := range lists {
		reader := o.Optional.Reader(kind)
		if reader == nil {
			continue
		}
		if err := reader.List(ctx, list, options...); err != nil {
			return nil, fmt.Errorf("listing %s objects: %w", kind.Kind, err)
		}
		objects, err := meta.ExtractList(list)
		if err != nil {
			return nil, fmt.Errorf("reading the list of %s objects: %w", kind.Kind, err)
		}
		for _, object := range objects {
			if i, ok := InstanceOf(object); ok {
				if i.NamespaceLabels, _, err = o.namespace(ctx, i.Namespace); err != nil {
					return nil, err
				}
				found = append(found, i)
			}
		}
	}
	sortInstances(found)
	return found, nil
}
