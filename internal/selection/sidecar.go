package selection

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// AllNamespaces among the namespaces of a Sidecar is every namespace.
const AllNamespaces = "ALL"

// Sidecar is a container beside a Grafana that loads dashboards from ConfigMaps, as its environment says.
type Sidecar struct {
	// Kind is Deployment or StatefulSet.
	Kind string `json:"kind"`
	// Namespace and Name of that object, which runs the Grafana.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Container is the name of the sidecar.
	Container string `json:"container"`
	// Selector selects the ConfigMaps by LABEL and LABEL_VALUE.
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
	// Namespaces of the ConfigMaps, by NAMESPACE; AllNamespaces among them is every namespace.
	Namespaces []string `json:"namespaces"`
	// FolderAnnotation is the annotation in which the sidecar finds the folder; empty if it cannot be read.
	FolderAnnotation string `json:"folderAnnotation,omitempty"`
	// Unread are the variables on which the choice of ConfigMaps depends, and whose values the object does not show.
	Unread []string `json:"unread,omitempty"`
	// AtStart: it loads ConfigMaps only when its pod starts.
	AtStart bool `json:"atStart,omitempty"`
	// Stopped: the object has no replica.
	Stopped bool `json:"stopped,omitempty"`
	// Down: Kubernetes reports that no pod of the object is ready.
	Down bool `json:"down,omitempty"`
	// Trusted: tenants cannot create the object.
	Trusted bool `json:"-"`
}

// Grafana is the namespace and the name of the Grafana, for messages.
func (s Sidecar) Grafana() string { return s.Namespace + "/" + s.Name }

// Watches reports whether the sidecar loads ConfigMaps of a namespace.
func (s Sidecar) Watches(namespace string) bool {
	return slices.Contains(s.Namespaces, namespace) || slices.Contains(s.Namespaces, AllNamespaces)
}

// MissingLabel is the first label that the sidecar requires and the labels lack, such as grafana_dashboard=1; empty if they have all.
func (s Sidecar) MissingLabel(set map[string]string) string {
	rs, _ := requirements(s.Selector)
	for _, r := range rs {
		if !r.Matches(labels.Set(set)) {
			return r.String()
		}
	}
	return ""
}

// SidecarLabels are the labels to add to a ConfigMap so that sidecars load it. Only trusted sidecars of the namespace count, and only labels
// without a prefix: a prefix belongs to a tool, to which the label can mean something else. Labels of `fixed` do not change. Those of
// `preset` change only if no sidecar accepts them.
func SidecarLabels(sidecars []Sidecar, namespace string, fixed, preset map[string]string) map[string]string {
	var selectors []*metav1.LabelSelector
	all, accepted := map[string]string{}, false
	maps.Copy(all, preset)
	maps.Copy(all, fixed)
	for _, s := range sidecars {
		if s.Trusted && !s.Stopped && len(s.Unread) == 0 && s.Watches(namespace) && isPlain(s.Selector) {
			selectors = append(selectors, s.Selector)
			accepted = accepted || Matches(s.Selector, all)
		}
	}
	if accepted {
		fixed = all
	}
	maps.Copy(all, RequiredLabels(fixed, selectors))
	return all
}

// isPlain reports whether a selector requires one label, without a prefix.
func isPlain(s *metav1.LabelSelector) bool {
	rs, err := requirements(s)
	return err == nil && len(rs) == 1 && !strings.Contains(rs[0].Key(), "/")
}

// CompareSidecars orders trusted sidecars before others, and then by namespace, name, kind and container.
func CompareSidecars(a, b Sidecar) int {
	order := func(s Sidecar) int {
		if s.Trusted {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Container, b.Container))
}
