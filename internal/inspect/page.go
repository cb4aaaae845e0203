package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// The ports of the programs that have pages: those of every Prometheus and Alertmanager that prometheus-operator runs, also of one that only
// listens on localhost, and Grafana's default.
const (
	PrometheusPort   = 9090
	AlertmanagerPort = 9093
	grafanaPort      = 3000
)

// Page is where pods serve the pages of a program for people.
type Page struct {
	// Program is its name for messages, such as "Grafana monitoring/grafana".
	Program string
	// Namespace of the pods, and the selector that selects them.
	Namespace string
	Pods      *metav1.LabelSelector
	// Port of the pods.
	Port int
	// Scheme and Path of the address.
	Scheme, Path string
	// User and Password of Grafana's administrator; empty for a program that has none, or if the object does not show them.
	User, Password Credential
}

// Credential is a value, or the Secret that has it.
type Credential struct{ Value, Secret, Key string }

// PrometheusPage is the page of the Prometheus that evaluates the alerts of a FluxMonitoring, or else of the first that it selects.
func PrometheusPage(path AlertPath) (Page, error) {
	for _, i := range path.Facts.Prometheuses {
		evaluates := len(path.Prometheuses) == 0 || path.Prometheuses[0].Namespace == i.Namespace && path.Prometheuses[0].Name == i.Name
		if i.EvaluatesRules() && i.IdleReason() == "" && evaluates {
			return operated(i.Kind, i.Namespace, i.Name, PrometheusPort, i.Web), nil
		}
	}
	return Page{}, errors.New("spec.prometheus selects no Prometheus object that runs")
}

// AlertmanagerPage is the page of the first Alertmanager that gets the alerts; false if there is none.
func AlertmanagerPage(path AlertPath) (Page, bool) {
	if len(path.Alertmanagers) == 0 {
		return Page{}, false
	}
	a, _ := observe.AlertmanagerOf(&path.Alertmanagers[0])
	return operated(kinds.Alertmanager.Kind, a.Namespace, a.Name, AlertmanagerPort, a.Web), true
}

// operated is the page of an object that prometheus-operator runs.
func operated(kind, namespace, name string, port int, web selection.Web) Page {
	return Page{
		Program: fmt.Sprintf("%s %s/%s", kind, namespace, name), Namespace: namespace, Port: port, Scheme: web.Scheme(), Path: web.Prefix,
		Pods: &metav1.LabelSelector{MatchLabels: map[string]string{
			"app.kubernetes.io/name": strings.ToLower(kind), "app.kubernetes.io/instance": name,
		}},
	}
}

// GrafanaPage is the page of the Grafana that loads the dashboards, or else of the only one of the cluster.
func (i *Inspector) GrafanaPage(ctx context.Context, path AlertPath) (Page, error) {
	all, err := i.grafanas(ctx)
	if err != nil {
		return Page{}, err
	}
	loading := slices.DeleteFunc(slices.Clone(all), func(g grafana) bool { return !g.loads(path.Facts.Sidecars) })
	if len(loading) > 0 {
		all = loading[:1]
	}
	switch len(all) {
	case 0:
		return Page{}, errors.New("no Deployment or StatefulSet runs Grafana")
	case 1:
		return all[0].page(), nil
	}
	var names []string
	for _, g := range all {
		names = append(names, g.Namespace+"/"+g.Name)
	}
	return Page{}, fmt.Errorf("the operator trusts none of several Grafanas (%s): use kubectl port-forward", pipeline.Listed(names))
}

// grafana is an object that runs a Grafana.
type grafana struct {
	metav1.ObjectMeta
	kind     string
	selector *metav1.LabelSelector
	pod      *corev1.PodSpec
}

// grafanas are the objects that run Grafana and have a replica, sorted.
func (i *Inspector) grafanas(ctx context.Context) ([]grafana, error) {
	var deployments appsv1.DeploymentList
	var sets appsv1.StatefulSetList
	if err := i.live.List(ctx, &deployments); err != nil {
		return nil, fmt.Errorf("listing Deployments: %w", err)
	}
	if err := i.live.List(ctx, &sets); err != nil {
		return nil, fmt.Errorf("listing StatefulSets: %w", err)
	}
	var found []grafana
	add := func(g grafana, replicas *int32) {
		if observe.GrafanaIn(g.pod) != nil && (replicas == nil || *replicas > 0) {
			found = append(found, g)
		}
	}
	for n := range deployments.Items {
		d := &deployments.Items[n]
		add(grafana{d.ObjectMeta, "Deployment", d.Spec.Selector, &d.Spec.Template.Spec}, d.Spec.Replicas)
	}
	for n := range sets.Items {
		s := &sets.Items[n]
		add(grafana{s.ObjectMeta, kinds.StatefulSet.Kind, s.Spec.Selector, &s.Spec.Template.Spec}, s.Spec.Replicas)
	}
	slices.SortStableFunc(found, func(a, b grafana) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return found, nil
}

// loads reports whether it has one of these sidecars, and is trusted. Its page asks for a password, so one that a tenant created does not
// count.
func (g grafana) loads(sidecars []selection.Sidecar) bool {
	return slices.ContainsFunc(sidecars, func(s selection.Sidecar) bool {
		return s.Trusted && s.Kind == g.kind && s.Namespace == g.Namespace && s.Name == g.Name
	})
}

// page is as the readiness probe and the variables of the container say.
func (g grafana) page() Page {
	c := observe.GrafanaIn(g.pod)
	p := Page{
		Program: "Grafana " + g.Namespace + "/" + g.Name, Namespace: g.Namespace, Pods: g.selector, Port: grafanaPort, Scheme: "http",
		User: credential(c, "GF_SECURITY_ADMIN_USER"), Password: credential(c, "GF_SECURITY_ADMIN_PASSWORD"),
	}
	p.Password.Value = "" // nobody should see it on a screen
	if c.ReadinessProbe == nil || c.ReadinessProbe.HTTPGet == nil {
		return p
	}
	if c.ReadinessProbe.HTTPGet.Scheme == corev1.URISchemeHTTPS {
		p.Scheme = "https"
	}
	switch port := c.ReadinessProbe.HTTPGet.Port; port.Type {
	case intstr.Int:
		p.Port = cmp.Or(port.IntValue(), p.Port)
	case intstr.String:
		for _, of := range c.Ports {
			if of.Name == port.StrVal {
				p.Port = int(of.ContainerPort)
			}
		}
	}
	return p
}

// credential is the value of a variable, or where it is from.
func credential(c *corev1.Container, name string) Credential {
	for _, v := range slices.Backward(c.Env) {
		switch {
		case v.Name != name:
		case v.ValueFrom == nil:
			return Credential{Value: v.Value}
		case v.ValueFrom.SecretKeyRef != nil:
			return Credential{Secret: v.ValueFrom.SecretKeyRef.Name, Key: v.ValueFrom.SecretKeyRef.Key}
		}
	}
	return Credential{}
}

// ReadyPod is the name of a pod that serves a page.
func (i *Inspector) ReadyPod(ctx context.Context, p Page) (string, error) {
	selector, err := metav1.LabelSelectorAsSelector(p.Pods)
	if err != nil {
		return "", err
	}
	var pods corev1.PodList
	if err := i.live.List(ctx, &pods, client.InNamespace(p.Namespace), client.MatchingLabelsSelector{Selector: selector}); err != nil {
		return "", fmt.Errorf("listing the pods of %s: %w", p.Program, err)
	}
	for n := range pods.Items {
		if pod := &pods.Items[n]; pod.DeletionTimestamp == nil && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		}) {
			return pod.Name, nil
		}
	}
	return "", fmt.Errorf("no pod of %s is ready", p.Program)
}
