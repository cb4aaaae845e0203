package flux

// Installation is one Flux as it was found in a cluster.
type Installation struct {
	// Namespace its controllers run in, usually flux-system.
	Namespace string `json:"namespace"`
	// Version of the distribution, such as v2.9.4. Empty when nothing in the cluster tells it.
	Version string `json:"version,omitempty"`
	// Controllers found, sorted by Name. Empty when the namespace holds no Flux.
	Controllers []Controller `json:"controllers"`
}

// Controller is one Deployment of an Installation: a Flux controller, or one shard of it.
type Controller struct {
	// Name of the Deployment, such as source-controller or source-controller-shard1.
	Name string `json:"name"`
	// App is the value of the label `app` in the Deployment's pod selector. A PodMonitor selects by it, and scraped
	// series carry it (podTargetLabels), so it tells shards apart.
	App string `json:"app"`
	// Component is the last path element of the image without its tag, such as source-controller. All shards of a
	// controller share it.
	Component string `json:"component"`
	// Version is the image's tag, such as v1.9.4. Empty when the image is pinned by digest alone.
	Version string `json:"version,omitempty"`
}

// VersionInWords is the version as a sentence has it after "Flux".
func (i Installation) VersionInWords() string {
	if i.Version == "" {
		return "of unknown version"
	}
	return i.Version
}

// Has reports whether a controller of this component (an image name such as helm-controller) is installed.
func (i Installation) Has(component string) bool {
	for _, c := range i.Controllers {
		if c.Component == component {
			return true
		}
	}
	return false
}
