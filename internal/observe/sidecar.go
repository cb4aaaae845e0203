package observe

import (
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// GrafanaIndex is the name of the cache index of the Deployments and StatefulSets that run Grafana with a sidecar for dashboards.
const GrafanaIndex = "grafana"

// HasGrafana is the value that GrafanaIndex has for these objects.
const HasGrafana = "true"

// IndexGrafana is the index function of GrafanaIndex.
func IndexGrafana(o client.Object) []string {
	if len(SidecarsOf(o)) > 0 {
		return []string{HasGrafana}
	}
	return nil
}

// The variables of kiwigrid/k8s-sidecar that are read, and the default of FOLDER_ANNOTATION.
const (
	labelVariable      = "LABEL"
	valueVariable      = "LABEL_VALUE"
	namespaceVariable  = "NAMESPACE"
	resourceVariable   = "RESOURCE"
	nameVariable       = "RESOURCE_NAME"
	methodVariable     = "METHOD"
	folderVariable     = "FOLDER"
	annotationVariable = "FOLDER_ANNOTATION"
	requestVariable    = "REQ_URL"

	defaultFolderAnnotation = "k8s-sidecar-target-directory"
)

const (
	// maxSidecars is how many sidecars of one pod are read.
	maxSidecars = 5
	// maxValue is how long a value of a variable can be, in bytes. A list of namespaces is the longest.
	maxValue = 4096
	// maxSelector is how long a selector can be, in bytes. A label has at most 381.
	maxSelector = 400
)

// readVariables are the variables that a cache keeps, each at most once.
var readVariables = []string{
	labelVariable, valueVariable, namespaceVariable, resourceVariable, nameVariable, methodVariable, folderVariable, annotationVariable,
	requestVariable,
}

// SidecarsOf returns the sidecars that load dashboards for the Grafana that a Deployment or a StatefulSet runs; none for any other object.
func SidecarsOf(o any) []selection.Sidecar {
	switch o := o.(type) {
	case *appsv1.Deployment:
		if !IsFlux(o) {
			return sidecarsIn("Deployment", o, o.Spec.Replicas, &o.Spec.Template.Spec, isDown(o.Status.ObservedGeneration, o.Status.ReadyReplicas))
		}
	case *appsv1.StatefulSet:
		return sidecarsIn(kinds.StatefulSet.Kind, o, o.Spec.Replicas, &o.Spec.Template.Spec, isDown(o.Status.ObservedGeneration, o.Status.ReadyReplicas))
	}
	return nil
}

// isDown reports whether Kubernetes has looked at an object with pods, and none of them is ready.
func isDown(observed int64, ready int32) bool { return observed > 0 && ready == 0 }

func sidecarsIn(kind string, o metav1.Object, replicas *int32, pod *corev1.PodSpec, down bool) []selection.Sidecar {
	var found []selection.Sidecar
	for _, c := range sidecarContainers(pod) {
		s := sidecarOf(o.GetNamespace(), c)
		s.Kind, s.Namespace, s.Name, s.Stopped = kind, o.GetNamespace(), o.GetName(), replicas != nil && *replicas == 0
		s.Down = down && !s.Stopped
		s.AtStart = s.AtStart || isInit(pod, c) && (c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways)
		found = append(found, s)
	}
	return found
}

// sidecarContainers are the containers of a pod with a Grafana that load dashboards from ConfigMaps.
func sidecarContainers(pod *corev1.PodSpec) []corev1.Container {
	if !slices.ContainsFunc(pod.Containers, isGrafana) {
		return nil
	}
	all := slices.Concat(pod.InitContainers, pod.Containers)
	found := slices.DeleteFunc(all, func(c corev1.Container) bool { return !loadsDashboards(c) })
	return found[:min(len(found), maxSidecars)]
}

func isInit(pod *corev1.PodSpec, c corev1.Container) bool {
	return slices.ContainsFunc(pod.InitContainers, func(init corev1.Container) bool { return init.Name == c.Name })
}

// isGrafana reports whether a container runs Grafana: its name or its image says so, and it is no sidecar.
func isGrafana(c corev1.Container) bool {
	base, _ := splitImage(c.Image)
	return !isSidecar(c) && (strings.Contains(c.Name, "grafana") || strings.Contains(base, "grafana"))
}

// isSidecar reports whether a container has the variables that kiwigrid/k8s-sidecar requires.
func isSidecar(c corev1.Container) bool {
	return variable(c, labelVariable) != nil && variable(c, folderVariable) != nil
}

// loadsDashboards distinguishes the sidecar for dashboards from those for data sources, alerts and plugins: its name, its label, its folder
// or the address at which it reloads Grafana says so. One that loads only Secrets does not count.
func loadsDashboards(c corev1.Container) bool {
	if !isSidecar(c) || valueIn(c, resourceVariable) == "secret" {
		return false
	}
	return slices.ContainsFunc([]string{c.Name, valueIn(c, labelVariable), valueIn(c, folderVariable), valueIn(c, requestVariable)},
		func(text string) bool { return strings.Contains(strings.ToLower(text), "dashboard") })
}

// sidecarOf reads the environment of a sidecar in a namespace as the sidecar does.
func sidecarOf(namespace string, c corev1.Container) selection.Sidecar {
	s := selection.Sidecar{
		Container: c.Name, Namespaces: []string{namespace}, FolderAnnotation: defaultFolderAnnotation, AtStart: valueIn(c, methodVariable) == "LIST",
		Unread: unreadIn(c),
	}
	if variable(c, namespaceVariable) != nil {
		s.Namespaces = strings.Split(valueIn(c, namespaceVariable), ",")
	}
	if variable(c, annotationVariable) != nil {
		s.FolderAnnotation = annotationIn(c)
	}
	if len(s.Unread) > 0 {
		return s
	}
	if s.Selector = selectorBy(valueIn(c, labelVariable), valueIn(c, valueVariable)); s.Selector == nil {
		s.Unread = []string{labelVariable}
	}
	return s
}

// unreadIn are the variables that decide about ConfigMaps and are not shown. With RESOURCE_NAME, the sidecar loads by name, whatever the
// labels are.
func unreadIn(c corev1.Container) (unread []string) {
	for _, name := range []string{labelVariable, valueVariable, namespaceVariable, resourceVariable, nameVariable} {
		if v := variable(c, name); v != nil && !isShown(v) || name == nameVariable && valueIn(c, name) != "" {
			unread = append(unread, name)
		}
	}
	if len(c.EnvFrom) > 0 {
		unread = append(unread, "envFrom")
	}
	return unread
}

// annotationIn is the annotation in which a sidecar finds the folder; empty if it is not shown, or no annotation can have that name.
func annotationIn(c corev1.Container) string {
	name := valueIn(c, annotationVariable)
	if len(validation.IsQualifiedName(name)) > 0 {
		return ""
	}
	return name
}

// selectorBy is the selector that the sidecar sends to the API server; nil if it is invalid.
func selectorBy(label, value string) *metav1.LabelSelector {
	if value != "" {
		label += "=" + value
	}
	selector, err := metav1.ParseToLabelSelector(label)
	if err != nil || label == "" || len(label) > maxSelector {
		return nil
	}
	return selector
}

// variable is the last one of this name, which is the one that counts; nil if there is none.
func variable(c corev1.Container, name string) *corev1.EnvVar {
	for i := len(c.Env) - 1; i >= 0; i-- {
		if c.Env[i].Name == name {
			return &c.Env[i]
		}
	}
	return nil
}

// isShown reports whether the object shows the value of a variable: it is neither from elsewhere nor built from other variables.
func isShown(v *corev1.EnvVar) bool {
	return v.ValueFrom == nil && !strings.Contains(v.Value, "$(") && len(v.Value) <= maxValue
}

// valueIn is the value of a variable; empty if there is none or it is not shown.
func valueIn(c corev1.Container, name string) string {
	if v := variable(c, name); v != nil && isShown(v) {
		return v.Value
	}
	return ""
}

// strippedPod keeps what SidecarsOf reads of a pod: nothing if there is no sidecar for dashboards.
func strippedPod(pod *corev1.PodSpec) corev1.PodSpec {
	var kept corev1.PodSpec
	for _, c := range sidecarContainers(pod) {
		to := &kept.Containers
		if isInit(pod, c) {
			to = &kept.InitContainers
		}
		*to = append(*to, strippedSidecar(c))
	}
	if i := slices.IndexFunc(pod.Containers, isGrafana); i >= 0 && len(kept.Containers)+len(kept.InitContainers) > 0 {
		kept.Containers = append(kept.Containers, corev1.Container{Name: pod.Containers[i].Name, Image: pod.Containers[i].Image})
	}
	return kept
}

func strippedSidecar(c corev1.Container) corev1.Container {
	kept := corev1.Container{Name: c.Name, RestartPolicy: c.RestartPolicy}
	for _, name := range readVariables {
		switch v := variable(c, name); {
		case v == nil:
		case isShown(v):
			kept.Env = append(kept.Env, corev1.EnvVar{Name: name, Value: v.Value})
		default:
			kept.Env = append(kept.Env, corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{}})
		}
	}
	if len(c.EnvFrom) > 0 {
		kept.EnvFrom = []corev1.EnvFromSource{{}}
	}
	return kept
}

// strippedStatefulSet keeps what SidecarsOf reads.
func strippedStatefulSet(o *appsv1.StatefulSet) *appsv1.StatefulSet {
	kept := &appsv1.StatefulSet{ObjectMeta: identityOf(o)}
	if kept.Spec.Template.Spec = strippedPod(&o.Spec.Template.Spec); len(kept.Spec.Template.Spec.Containers) > 0 {
		kept.Spec.Replicas = o.Spec.Replicas
		kept.Status.ObservedGeneration, kept.Status.ReadyReplicas = keptOfPods(o.Status.ObservedGeneration, o.Status.ReadyReplicas)
	}
	return kept
}

// keptOfPods are the generation and the number of ready pods of a status, as far as isDown depends on them.
func keptOfPods(observed int64, ready int32) (int64, int32) { return min(observed, 1), min(ready, 1) }
