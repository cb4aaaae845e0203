package flux

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// MetricsPort is the name of the container port on which Flux's controllers serve metrics. Where a pod has several, it begins
// their names.
const MetricsPort = "http-prom"

// Installation is one Flux as observed in a cluster.
type Installation struct {
	// Namespace its controllers run in, usually flux-system.
	Namespace string `json:"namespace"`
	// Version of the distribution, such as v2.9.4; empty if unknown.
	Version string `json:"version,omitempty"`
	// Controllers, sorted by Name; empty if the namespace has no Flux.
	Controllers []Controller `json:"controllers"`
	// Unscraped are the Deployments that look like Flux but cannot be scraped, sorted by Name.
	Unscraped []Unscraped `json:"unscraped,omitempty"`
	// Bootstrap names the objects by which Flux applies itself.
	Bootstrap Bootstrap `json:"bootstrap,omitzero"`
}

// Controller is one controller of an Installation, or one shard of it: a Deployment, or one of several containers of it.
type Controller struct {
	// Name of the Deployment, such as source-controller or source-controller-shard1.
	Name string `json:"name"`
	// App is the label `app` of its series, which distinguishes controllers and shards: the label of its pods, by
	// which the PodMonitor selects them, unless Pods is set.
	App string `json:"app"`
	// Component is the controller's name in Flux, such as source-controller. All shards of a controller share it. Empty when it was
	// not recognised: nothing may then be concluded from its absence.
	Component string `json:"component"`
	// Version is the image's tag, such as v1.9.4. Empty when the image is pinned by digest alone.
	Version string `json:"version,omitempty"`
	// Port is the name of its metrics port, if it is not MetricsPort.
	Port string `json:"port,omitempty"`
	// Pods are the labels that select its pods, if they have no label `app` of their own or share it with the
	// Deployment's other controllers. Its series then get App as label.
	Pods map[string]string `json:"pods,omitempty"`
	// Container it runs in, if its pods run several controllers.
	Container string `json:"container,omitempty"`
}

// Unscraped is a Deployment that looks like a controller of Flux but cannot be scraped.
type Unscraped struct {
	// Name of the Deployment.
	Name string `json:"name"`
	// Component that it looks like; empty if only its labels say that it is part of Flux.
	Component string `json:"component,omitempty"`
}

// Selector returns the labels that select its pods.
func (c Controller) Selector() map[string]string {
	if len(c.Pods) > 0 {
		return maps.Clone(c.Pods)
	}
	return map[string]string{LabelApp: c.App}
}

// IsShard reports whether its Deployment is named as a controller's and has a suffix, as those of shards have.
func (c Controller) IsShard() bool {
	component := ComponentIn(c.Name)
	return component != "" && !strings.HasSuffix(c.Name, component)
}

// FullName returns the name of its Deployment and, if that runs several controllers, of its container.
func (c Controller) FullName() string {
	if c.Container == "" {
		return c.Name
	}
	return c.Name + "/" + c.Container
}

// PortName returns the name of its metrics port.
func (c Controller) PortName() string {
	if c.Port == "" {
		return MetricsPort
	}
	return c.Port
}

// VersionText is the version for a message, after "Flux".
func (i Installation) VersionText() string {
	if i.Version == "" {
		return "of unknown version"
	}
	return i.Version
}

// Apps returns the values of the label `app` of the controllers' series, sorted and each once.
func (i Installation) Apps() []string {
	return i.each(func(c Controller) string { return c.App })
}

// LogApps returns the values of the label `app` that the agents which collect logs give the controllers' lines: by their pods' own
// labels.
func (i Installation) LogApps() []string {
	return i.each(func(c Controller) string {
		if len(c.Pods) == 0 {
			return c.App
		}
		return cmp.Or(c.Pods[LabelApp], c.Pods["app.kubernetes.io/name"], c.Name)
	})
}

// each returns the distinct values of the controllers, sorted.
func (i Installation) each(of func(Controller) string) []string {
	values := make([]string, 0, len(i.Controllers))
	for _, c := range i.Controllers {
		values = append(values, of(c))
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// Unrecognised returns the names of the Deployments whose controllers were not recognised, sorted and each once.
func (i Installation) Unrecognised() []string {
	var names []string
	for _, c := range i.Controllers {
		if c.Component == "" && !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// IsComplete reports whether the observed controllers are all there are, as far as can be seen: each is recognised,
// and nothing else looks like one. Otherwise an unknown controller can do what none of them does.
func (i Installation) IsComplete() bool {
	return len(i.Controllers) > 0 && len(i.Unrecognised()) == 0 && len(i.Unscraped) == 0
}
